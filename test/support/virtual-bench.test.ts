import { describe, expect, test } from 'vitest';
import { benchJob, bootableImage } from './bench-job.ts';
import { holdsJob, noLeaks, VirtualBench } from './virtual-bench.ts';
import { driveVirtualTime } from './virtual-time.ts';
import { VirtualClock } from './virtual-clock.ts';

const job = benchJob({ regions: [[0, bootableImage(60_000)]] });

describe('a session in virtual time', () => {
  test('goes through its phases, takes as long as a real one would, and leaves nothing behind', async () => {
    const bench = new VirtualBench();
    const chip = bench.insert();
    const { report, ms, phases, leaks } = await bench.run(job);
    expect(report.outcome).toBe('PASS');
    expect(phases).toEqual(['connect', 'identify', 'loader', 'write', 'verify', 'boot']);
    // The line alone needs 320 ms for the image at 921600 baud.
    expect(ms).toBeGreaterThan(500);
    expect(ms).toBeLessThan(5_000);
    expect(leaks).toEqual(noLeaks);
    expect(chip.violations).toEqual([]);
    expect(holdsJob(chip, job)).toBe(true);
  });

  test('takes the same time every time', async () => {
    const runs = [];
    for (let round = 0; round < 3; round += 1) {
      const bench = new VirtualBench();
      bench.insert();
      runs.push(await bench.run(job));
    }
    expect(new Set(runs.map(({ ms }) => ms)).size).toBe(1);
  });

  test('with a module put into flash mode by hand', async () => {
    const bench = new VirtualBench();
    const chip = bench.insert();
    bench.enterFlashMode();
    const { report, leaks } = await bench.run(job, { reset: 'none' });
    expect(report).toMatchObject({ outcome: 'PASS', phase: 'verify' });
    expect(leaks).toEqual(noLeaks);
    expect(chip.violations).toEqual([]);
  });

  test('in an empty nest ends within three seconds', async () => {
    const { report, ms } = await new VirtualBench().run(job);
    expect(report).toMatchObject({ outcome: 'FAIL', code: 'C01' });
    expect(ms).toBeLessThan(3_000);
  });

  test('without a port is S04, and the next one finds it again', async () => {
    const bench = new VirtualBench();
    bench.insert();
    bench.socket.unplug();
    expect((await bench.run(job)).report.code).toBe('S04');
    bench.socket.plugIn();
    bench.socket.unplugAfter(5_000);
    const cut = await bench.run(job);
    expect(cut.report.code).toBe('S04');
    expect(cut.leaks).toEqual(noLeaks);
    bench.socket.plugIn();
    expect((await bench.run(job)).report.outcome).toBe('PASS');
  });

  test('that is not over when its time is, counts as hanging', async () => {
    const bench = new VirtualBench();
    bench.insert();
    await expect(bench.run(job, { limitMs: 300 })).rejects.toThrow('after 300 ms of virtual time');
  });
});

test('work that waits for nothing any more counts as hanging', async () => {
  const never = new Promise<void>(() => undefined);
  await expect(driveVirtualTime(new VirtualClock(), never, 1_000)).rejects.toThrow('waits for no timer');
});

test('timers that never move the time count as hanging', async () => {
  const clock = new VirtualClock();
  const busy = async (): Promise<void> => {
    for (;;) await clock.sleep(0);
  };
  await expect(driveVirtualTime(clock, busy(), 1_000)).rejects.toThrow('stands still');
});
