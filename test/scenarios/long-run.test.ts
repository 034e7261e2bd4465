import { expect, test } from 'vitest';
import { usualAlarmLimits } from '../../src/foundation/alarm-limits.ts';
import { SeededRandom } from '../../src/simulator/seeded-random.ts';
import { shiftJob, ShiftTray } from '../support/shift-tray.ts';
import { workNest } from '../support/shift-robot.ts';
import type { SortedRun } from '../support/shift-robot.ts';
import { usedBytes } from '../support/used-memory.ts';
import { VirtualStation } from '../support/virtual-station.ts';

/** `npm run test:long` asks for 5,000. */
const runs = Number(process.env['JIGD_LONG_RUNS'] ?? 200);
const nests = 8;
const faultShare = 0.05;
/** No fault of this tray may keep a nest longer, ms. */
const limitMs = 60_000;
const warmUpRuns = Math.min(1_000, runs / 4);
const mostGrowthBytes = 5 * 1024 * 1024;

test(
  `${runs} runs over eight nests with ${faultShare * 100} % faults: every lamp was right, no nest got stuck, memory stays`,
  { timeout: 60_000 + runs * 200 },
  async () => {
    await using at = await VirtualStation.open(nests, shiftJob, {
      module: () => null,
      remember: false,
      // A station that is locked hides the verdicts of its other nests; the locks of single nests stay.
      setup: () => ({ alarms: { ...usualAlarmLimits, stationFails: null } }),
    });
    const tray = new ShiftTray(at.clock, new SeededRandom(6), faultShare);
    const wrong: string[] = [];
    const codes = new Map<string, number>();
    const seen = { started: 0, ended: 0, green: 0, locked: 0, longestMs: 0 };
    const cpuAtStart = process.cpuUsage();
    using watch = at.listen((event) => {
      if (event.kind === 'runResult') count(codes, event.result.code ?? 'PASS');
    });
    const judge = ({ module, lamps, locked, isGood, ms, nest }: SortedRun): void => {
      seen.ended += 1;
      seen.longestMs = Math.max(seen.longestMs, ms);
      if (lamps === 'pass') seen.green += 1;
      if (locked) seen.locked += 1;
      const isRed = lamps === 'fail' || lamps === 'rejected' || (locked && lamps === 'no-verdict');
      const isRight = isGood ? lamps === 'pass' : isRed;
      if (!isRight) wrong.push(`nest ${nest}: ${module.fault ?? 'a good module'} (good: ${isGood}) gave ${lamps}`);
    };
    /** Works all nests until so many runs were started, and leaves them empty. */
    const workUntil = async (wanted: number): Promise<void> => {
      const takesNext = (): boolean => seen.started < wanted && (seen.started += 1) > 0;
      const parts = { at, tray, limitMs, takesNext, sorted: judge };
      const robots = Array.from({ length: nests }, (_, index) => workNest(parts, index + 1));
      await at.drive(Promise.all(robots), Infinity);
    };
    await workUntil(warmUpRuns);
    const warmBytes = await usedBytes();
    await workUntil(runs);
    watch[Symbol.dispose]();
    const { user, system } = process.cpuUsage(cpuAtStart);
    const grownBytes = (await usedBytes()) - warmBytes;
    const records = at.station.ledger.figures.yieldOf();
    console.log(Object.fromEntries([...codes].sort(([, a], [, b]) => b - a)));
    console.log(
      `${seen.ended} runs, ${Math.round((user + system) / 1_000 / seen.ended)} ms of CPU each, ` +
        `longest ${Math.round(seen.longestMs)} ms of ${(at.clock.monotonic() / 3_600_000).toFixed(1)} h of virtual time, ` +
        `memory grown by ${Math.round(grownBytes / 1024)} KB, nests locked ${seen.locked} times, FPY ${records.fpy.part}/${records.fpy.whole}`,
    );
    expect(wrong).toEqual([]);
    expect(at.greens.count).toBe(seen.green);
    expect(at.station.ledger.lastSeq()).toBe(seen.ended);
    expect(seen.ended).toBe(runs);
    expect(records.good).toBe(seen.green);
    expect(grownBytes).toBeLessThan(mostGrowthBytes);
  },
);

function count(codes: Map<string, number>, code: string): void {
  codes.set(code, (codes.get(code) ?? 0) + 1);
}
