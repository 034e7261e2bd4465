import { describe, expect, test } from 'vitest';
import type { BootCheck, Job } from '../../../src/firmware/job.ts';
import type { Application } from '../../../src/simulator/chip/chip-options.ts';
import { efusesForMac } from '../../../src/simulator/chip/efuses.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import type { BenchJobOptions } from '../../support/bench-job.ts';
import { smallFlash } from '../../support/fault-cells.ts';
import { noisyBytes } from '../../support/regions.ts';
import { holdsJob, noLeaks, virtualMac, VirtualBench } from '../../support/virtual-bench.ts';
import type { VirtualModule, VirtualRun, VirtualRunOptions } from '../../support/virtual-bench.ts';

const image = bootableImage(24_000);
const data = noisyBytes(8_192, 5);
const initDataAt = smallFlash.bytes - 0x4000;
const calibrationAt = smallFlash.bytes - 0x5000;
const initData = new Uint8Array(128).fill(0x11).with(0, 0x05);
const firmware = [
  [0, image],
  [0x10000, data],
] as const;
const regions = [...firmware, [initDataAt, initData]] as const;
const boot: BootCheck = {
  baud: 115_200,
  expect: /NodeMCU (\S+)/,
  version: null,
  forbid: /rf_cal/,
  fail: null,
  dialogue: [],
  withinMs: 10_000,
};
const application: Application = {
  regions: firmware.map(([address, bytes]) => ({ address, data: bytes })),
  banner: '\r\nNodeMCU 2.3.1 build 7\r\n> ',
  baud: 115_200,
};
const radioData = { initData: initDataAt, calibration: calibrationAt };

const jobOf = (options: Partial<BenchJobOptions> = {}): Job => benchJob({ regions, boot, ...options });
const usualJob = jobOf();

async function run(module: VirtualModule, job = usualJob, options: VirtualRunOptions = {}) {
  const bench = new VirtualBench();
  const chip = bench.insert({ flash: smallFlash, application, ...module });
  const done: VirtualRun = await bench.run(job, options);
  expect(done.leaks).toEqual(noLeaks);
  expect(chip.violations).toEqual([]);
  return { bench, chip, ...done, report: done.report };
}

const staleCalibration = new Uint8Array(smallFlash.bytes).fill(0xff);
staleCalibration.fill(0x42, calibrationAt, calibrationAt + 64);
const stale = { application: { ...application, radioData }, flash: { ...smallFlash, content: staleCalibration } };

describe('radio data of another firmware', () => {
  test('are erased with everything else, and the module passes as marginal', async () => {
    const { report, chip, phases, shares, identities } = await run(stale);
    expect(report, report.detail ?? '').toMatchObject({ outcome: 'PASS', marginal: true, bootVersion: '2.3.1' });
    expect(report.retries).toBe(1);
    expect(holdsJob(chip, usualJob)).toBe(true);
    expect(chip.flash.isBlank(calibrationAt, 64)).toBe(true);
    const once = ['connect', 'identify', 'loader'];
    expect(phases).toEqual([...once, 'write', 'verify', 'boot', ...once, 'erase', 'write', 'verify', 'boot']);
    expect(shares.at(-1)).toBe(1);
    expect(identities).toHaveLength(1);
    expect(chip.state).toBe('application');
  });

  test('are erased also where regions were there already: their bytes were written after all', async () => {
    const content = Uint8Array.from(staleCalibration);
    content.set(image, 0);
    const job = jobOf({ skip: 'same' });
    const { report, chip } = await run({ ...stale, flash: { ...smallFlash, content } }, job);
    expect(report, report.detail ?? '').toMatchObject({ outcome: 'PASS', bytesSkipped: 0 });
    expect(holdsJob(chip, job)).toBe(true);
  });

  test('that the job does not write are B06 after one more try, and the fault says so', async () => {
    const { report, phases } = await run(stale, jobOf({ regions: firmware }));
    expect(report).toMatchObject({ outcome: 'FAIL', code: 'B06', phase: 'boot', retries: 1, marginal: true });
    expect(report.detail).toBe(
      'The firmware printed "rf_cal[0] !=0x05,is 0xFF". It did so again after the whole flash was erased and written once more. ' +
        'The job writes no init data.',
    );
    expect(phases.filter((phase) => phase === 'erase')).toHaveLength(1);
  });

  test('that are written and still do not fit are B06', async () => {
    const job = jobOf({ regions: [...firmware, [initDataAt, initData.with(0, 0x04)]] });
    const { report } = await run(stale, job);
    expect(report).toMatchObject({ code: 'B06', retries: 1 });
    expect(report.detail).toMatch(/is 0x04".*written once more\.$/);
  });

  test('are tried once more on the same module only', async () => {
    const bench = new VirtualBench();
    bench.insert({ ...stale });
    let contacts = 0;
    const hooks = {
      phase: (phase: string): void => {
        if (phase === 'connect') contacts += 1;
        if (contacts === 2) bench.replace({ ...stale, efuses: efusesForMac('5c:cf:7f:00:00:02') });
      },
    };
    const { report } = await bench.run(usualJob, { hooks });
    expect(report).toMatchObject({ code: 'D08', identity: { mac: virtualMac } });
  });
});

describe('an application that starts again and again', () => {
  test.for<{
    name: string;
    restarts: NonNullable<Application['restarts']>;
    baud?: number;
    code: string;
    limitMs: number;
  }>([
    {
      name: 'by the watchdog, at the rate of the ROM',
      restarts: { cause: 4, afterMs: 3_000 },
      baud: 74_880,
      code: 'B03',
      limitMs: 7_000,
    },
    {
      name: 'by the watchdog, at its own rate',
      restarts: { cause: 4, afterMs: 8_400 },
      code: 'B03',
      limitMs: 22_000,
    },
    { name: 'at once', restarts: { cause: 2, afterMs: 200 }, baud: 74_880, code: 'B03', limitMs: 4_500 },
    { name: 'at once, at its own rate', restarts: { cause: 2, afterMs: 200 }, code: 'B03', limitMs: 15_000 },
    {
      name: 'after exceptions that can be read',
      restarts: { cause: 2, afterMs: 200, lastWords: 'Fatal exception (28):\r\nepc1=0x40\r\n' },
      code: 'B03',
      limitMs: 4_500,
    },
  ])('$name is $code', async ({ restarts, baud = 115_200, code, limitMs }) => {
    const looping = { ...application, banner: 'booting\r\n', baud, restarts };
    const { report, ms } = await run({ application: looping }, jobOf({ boot: { ...boot, baud } }));
    expect(report, report.detail ?? '').toMatchObject({ outcome: 'FAIL', code, phase: 'boot', bootMode: '3,7' });
    expect(ms).toBeLessThan(limitMs);
  });

  test('and then stays up passes: one restart by itself is no loop', async () => {
    const restarts = { cause: 3, afterMs: 300, times: 1 } as const;
    const once = { ...application, baud: 74_880, banner: 'formatting\r\n', restarts };
    const { report } = await run(
      { application: once },
      jobOf({ boot: { ...boot, baud: 74_880, expect: /formatting[^]*boot mode[^]*formatting/ } }),
    );
    expect(report, report.detail ?? '').toMatchObject({ outcome: 'PASS', retries: 0 });
  });

  test('is not told from a quiet one by the ROM header alone, which costs no time', async () => {
    const job = jobOf({ boot: 'header' });
    const good = await run({}, job);
    const looping = await run({ application: { ...application, restarts: { cause: 2, afterMs: 200 } } }, job);
    expect([good.report.outcome, looping.report.outcome]).toEqual(['PASS', 'PASS']);
    expect(good.report.phaseMs.boot).toBeLessThan(150);
  });
});

describe('the first start', () => {
  const fileSystem = { address: 0x80000, formatMs: 40_000 };

  test('may format a file system on a large part when the job says no limit', async () => {
    const large = { ...smallFlash, id: 0x1640ef, bytes: 4 << 20 };
    const formatting = { ...application, fileSystem };
    const { report } = await run(
      { flash: large, application: formatting },
      jobOf({ boot: { ...boot, withinMs: null } }),
    );
    expect(report, report.detail ?? '').toMatchObject({ outcome: 'PASS', retries: 0 });
    expect(report.phaseMs.boot).toBeGreaterThan(40_000);
  });

  test('is B07 where the job says less', async () => {
    const { report } = await run({ application: { ...application, fileSystem } });
    expect(report).toMatchObject({ code: 'B07' });
    expect(report.detail).toBe('The expected text did not come within 10000 ms: nothing came.');
    expect(report.phaseMs.boot).toBeLessThan(10_400);
  });
});

describe('a dialogue', () => {
  const dialogue = [{ send: 'file.format()\r\n', expect: /format done/, fail: /format failed/, withinMs: 60_000 }];
  const job = jobOf({ boot: { ...boot, dialogue } });
  const answering = (answer: string): Application => ({
    ...application,
    answers: [{ line: 'file.format()', answer, afterMs: 20_000 }],
  });

  test('is held with the firmware, which repeats what it hears', async () => {
    const { report, chip } = await run({ application: answering('format done\r\n> ') }, job);
    expect(report, report.detail ?? '').toMatchObject({ outcome: 'PASS', retries: 0, bootVersion: '2.3.1' });
    expect(report.phaseMs.boot).toBeGreaterThan(20_000);
    expect(report.phaseMs.boot).toBeLessThan(20_700);
    expect(chip.state).toBe('application');
  });

  test('in which the firmware reports a fault is B08', async () => {
    const { report } = await run({ application: answering('format failed: -10\r\n') }, job);
    expect(report).toMatchObject({ outcome: 'FAIL', code: 'B08', phase: 'boot' });
  });

  test('that goes another way is B07, and all that was said is in the evidence', async () => {
    const answer = "stdin:1: attempt to call field 'format' (a nil value)\r\n> ";
    const { report } = await run({ application: answering(answer) }, job);
    expect(report).toMatchObject({ code: 'B07' });
    expect(report.detail).toMatch(/^Step 1 of the dialogue, "file\.format\(\)".*a nil value\) >"\.$/);
    const said = report.evidence?.texts.filter(({ baud }) => baud === 115_200).at(-1);
    expect(said?.start).toBe(`${application.banner}file.format()\r\n${answer}`);
    const sent = report.evidence?.frames.filter(({ direction }) => direction === 'sent').at(-1);
    expect(Buffer.from(sent?.head ?? '', 'hex').toString()).toBe('file.format()\r\n');
  });

  test('is ended by an abort at once', async () => {
    const stop = new AbortController();
    const bench = new VirtualBench();
    bench.insert({ flash: smallFlash, application: answering('format done\r\n') });
    const events = [{ at: 'boot', afterMs: 5_000, do: () => stop.abort() }] as const;
    const { report, leaks } = await bench.run(job, { signal: stop.signal, events });
    expect(report).toMatchObject({ outcome: 'ABORTED', code: 'O01' });
    expect(report.phaseMs.boot).toBeLessThan(5_200);
    expect(leaks).toEqual(noLeaks);
  });
});
