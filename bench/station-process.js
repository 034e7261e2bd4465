import { readFileSync } from 'node:fs';
import { clientOptions, tellBench } from './client.js';
import { remoteLines } from './remote-lines.js';
import { startBenchStation } from './station-setup.js';

// A station in a process of its own. Tells the bench when it is ready, each result, and at the end what it used.
const { runs, ...setup } = clientOptions();
const startMs = performance.now();
const station = await startBenchStation(setup, remoteLines());
const startUp = { importsMs: startMs, stationMs: performance.now() - startMs };
/** @type {object[]} */
const results = [];
const done = new Promise((resolve, reject) => {
  station.events.subscribe((event) => {
    // A start that is refused has no result.
    if (event.kind === 'notice') reject(new Error(`${event.notice.code}: ${event.notice.detail}`));
    if (event.kind !== 'runResult') return;
    results.push({ outcome: event.result.outcome, code: event.result.code, totalMs: event.result.ms_total });
    if (results.length === runs) resolve(undefined);
  });
});
tellBench({ ready: startUp });
if (runs > 0) await done;
const { userCPUTime, systemCPUTime } = process.resourceUsage();
// Not maxRSS: that starts with what the process had that started this one.
const peakRssKb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
await station.stop();
tellBench({ result: { startUp, results, peakRssKb, cpuMs: (userCPUTime + systemCPUTime) / 1000 } });
process.disconnect?.();
