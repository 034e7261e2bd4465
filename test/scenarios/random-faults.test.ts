import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/simulator/seeded-random.ts';
import { benchJob, bootableImage } from '../support/bench-job.ts';
import { noisyBytes } from '../support/regions.ts';
import { usedBytes } from '../support/used-memory.ts';
import { holdsJob, noLeaks, VirtualBench } from '../support/virtual-bench.ts';
import type { VirtualModule, VirtualRunOptions } from '../support/virtual-bench.ts';
import { smallFlash } from '../support/fault-cells.ts';

const sessions = 1_000;
/** Shares of damaged bytes: at the highest hardly a session can pass, at the lowest most see no fault at all. */
const shares = [0.01, 0.003, 0.001, 0.0003, 0.0002, 0.0001, 0.00005, 0.00003, 0.00001] as const;
/** What a session may take in virtual time: no single fault allows more. */
const limitMs = 200_000;
const warmUpSessions = 200;
const mostGrowthBytes = 8 * 1024 * 1024;
const job = benchJob({
  regions: [
    [0, bootableImage(20_000)],
    [0x10000, noisyBytes(4_096, 5)],
  ],
});

interface Session {
  readonly share: number;
  readonly module: VirtualModule;
  readonly run: VirtualRunOptions;
}

/** Half of the modules are met in the loader of the ROM, half in one in RAM that an earlier session left. */
function sessionOf(seed: number): Session {
  const random = new SeededRandom(seed);
  const share = random.pick(shares);
  const running = { generation: random.pick([1, 2] as const), baud: random.pick([115_200, 460_800, 921_600]) };
  const inRam = random.happens(0.5);
  const content = random.happens(0.5) ? { content: random.bytes(0x14000) } : {};
  return {
    share,
    module: {
      flash: { ...smallFlash, ...content },
      misbehave: [{ kind: 'randomByteFaults', share, seed }],
      ...(inRam ? { running } : {}),
    },
    run: { limitMs, ...(inRam && random.happens(0.7) ? { reset: 'none' } : {}) },
  };
}

test('a thousand sessions over lines that damage bytes: no wrong pass, no hang, nothing left behind', async () => {
  const outcomes = new Map<string, number>();
  const byShare = new Map<number, { passed: number; repaired: number; failed: number }>();
  let warmBytes = 0;
  let longestMs = 0;
  for (let seed = 1; seed <= sessions; seed += 1) {
    const { share, module, run } = sessionOf(seed);
    const bench = new VirtualBench();
    const chip = bench.insert(module);
    const { report, ms, leaks } = await bench.run(job, run);
    if (report.outcome === 'PASS') {
      expect(holdsJob(chip, job), `session ${seed} passed with the wrong content`).toBe(true);
      expect(report.identity.mac, `session ${seed} passed with the wrong address`).toBe(bench.mac);
    }
    expect(report.code, `session ${seed}: ${report.detail}`).not.toBe('S99');
    expect(leaks, `session ${seed}`).toEqual(noLeaks);
    chip.dispose();
    longestMs = Math.max(longestMs, ms);
    const verdict = report.code ?? 'PASS';
    outcomes.set(verdict, (outcomes.get(verdict) ?? 0) + 1);
    const counts = byShare.get(share) ?? { passed: 0, repaired: 0, failed: 0 };
    if (report.outcome !== 'PASS') counts.failed += 1;
    else if (report.retries > 0) counts.repaired += 1;
    else counts.passed += 1;
    byShare.set(share, counts);
    if (seed === warmUpSessions) warmBytes = await usedBytes();
  }
  const grownBytes = (await usedBytes()) - warmBytes;
  console.log(Object.fromEntries([...outcomes].sort(([, a], [, b]) => b - a)));
  console.table(
    Object.fromEntries([...byShare].sort(([a], [b]) => b - a).map(([share, row]) => [`${share * 100} %`, row])),
  );
  console.log(`longest ${Math.round(longestMs)} ms of virtual time, heap grown by ${Math.round(grownBytes / 1024)} KB`);
  expect(grownBytes).toBeLessThan(mostGrowthBytes);
  // The station is there to repair what can be repaired.
  expect([...byShare.values()].reduce((sum, { repaired }) => sum + repaired, 0)).toBeGreaterThan(sessions / 20);
}, 120_000);
