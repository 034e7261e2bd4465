import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StationError } from '../../../src/foundation/faults.ts';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import { benchJob } from '../../support/bench-job.ts';
import {
  SessionBench,
  banner,
  flashHolds,
  image,
  inRealTime,
  mac,
  regions,
  table,
} from '../../support/session-bench.ts';

let bench: SessionBench;

beforeEach(async () => {
  bench = await SessionBench.open();
});

afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

describe('a good module', () => {
  test('passes with everything recorded', async () => {
    const chip = bench.insert(inRealTime);
    const { report, phases, shares, identities } = await bench.run(
      benchJob({ regions, boot: { ...banner, version: '2.3.1' } }),
    );
    expect(report).toMatchObject({ outcome: 'PASS', code: null, detail: null, retries: 0, dirty: true });
    expect(phases).toEqual(['connect', 'identify', 'loader', 'write', 'verify', 'boot']);
    expect(Object.keys(report.phaseMs)).toEqual(phases);
    expect(identities).toEqual([{ mac, chip: 'ESP8266EX', flashId: 'ef4016', flashBytes: 4_194_304 }]);
    expect(report.identity).toEqual(identities[0]);
    expect([report.baud, report.bytes]).toEqual([921_600, image.length + table.length]);
    expect(report.bytesSent).toBeLessThan(image.length);
    expect(report.digestsActual).toEqual(report.digestsExpected);
    expect(report.digestsActual.map(({ address }) => address)).toEqual([0, 0x3fc000]);
    expect([report.bootMode, report.bootVersion]).toEqual(['3,7', '2.3.1']);
    expect(shares.at(-1)).toBe(1);
    expect(shares).toEqual([...shares].sort((one, other) => one - other));
    expect(flashHolds(chip)).toBe(true);
    expect([chip.state, chip.violations]).toEqual(['application', []]);
  });

  test('is erased as a whole when the job says so', async () => {
    const chip = bench.insert({ flash: { ...w25q32, content: new Uint8Array(0x200010) } });
    const { report, phases } = await bench.run(benchJob({ regions, erase: 'all' }));
    expect(report.outcome).toBe('PASS');
    expect(phases).toContain('erase');
    expect(chip.flash.read(0x200000, 16).every((byte) => byte === 0xff)).toBe(true);
  });

  test('with a 40 MHz crystal prints its boot text at another rate and passes', async () => {
    bench.insert({ crystalMhz: 40 });
    const { report } = await bench.run(benchJob({ regions, boot: banner }));
    expect(report).toMatchObject({ outcome: 'PASS', bootMode: '3,7', baud: 921_600 });
  });

  test('with noise before its boot text passes', async () => {
    bench.insert({ ...inRealTime, misbehave: [{ kind: 'noiseAtReset', bytes: 60 }] });
    expect((await bench.run(benchJob({ regions, boot: banner }))).report.outcome).toBe('PASS');
  });

  test('without reset lines is left with the RAM loader at 115200, and the next session uses that one', async () => {
    const chip = bench.insert();
    bench.enterFlashMode();
    const first = await bench.run(benchJob({ regions }), { reset: 'none' });
    expect(first.report).toMatchObject({ outcome: 'PASS', bootMode: null, baud: 921_600 });
    expect(first.phases).not.toContain('boot');
    expect(chip.state).toBe('ram-loader');
    const second = await bench.run(benchJob({ regions }), { reset: 'none', baud: 460_800 });
    expect(second.report).toMatchObject({ outcome: 'PASS', retries: 0, baud: 460_800 });
    expect(chip.violations).toEqual([]);
  });

  test('without reset lines is found again at the rate at which a session was cut off', async () => {
    bench.insert();
    bench.enterFlashMode();
    const cutOff = { progress: () => bench.nest.unplugPort() };
    const first = await bench.run(benchJob({ regions }), { reset: 'none', hooks: cutOff });
    expect(first.report).toMatchObject({ code: 'S04', baud: 921_600 });
    await bench.nest.replugPort();
    const second = await bench.run(benchJob({ regions }), { reset: 'none' });
    expect(second.report).toMatchObject({ outcome: 'PASS', baud: 921_600 });
  });

  test('with 16 MB is written above the limit of the ROM', async () => {
    const chip = bench.insert({ flash: { ...w25q32, id: 0x1840ef, bytes: 16 * 1024 * 1024 } });
    const { report } = await bench.run(
      benchJob({
        regions: [
          [0, image],
          [0xffc000, table],
        ],
      }),
    );
    expect(report).toMatchObject({ outcome: 'PASS' });
    expect(Buffer.compare(chip.flash.read(0xffc000, table.length), table)).toBe(0);
  });
});

describe('the station', () => {
  test('an abort ends the run as O01 and restarts the module', async () => {
    const chip = bench.insert();
    const control = new AbortController();
    const { report } = await bench.run(benchJob({ regions }), {
      signal: control.signal,
      hooks: {
        phase: (phase) => {
          if (phase === 'write') control.abort();
        },
      },
    });
    expect(report).toMatchObject({ outcome: 'ABORTED', code: 'O01', phase: 'write' });
    expect(chip.state).not.toBe('ram-loader');
    expect(bench.levels()).toEqual(['high', 'high']);
  });

  test('an abort before the start touches nothing', async () => {
    const { report, phases } = await bench.run(benchJob({ regions }), {
      signal: AbortSignal.abort(new StationError('S05')),
    });
    expect(report).toMatchObject({ outcome: 'ABORTED', code: 'S05', phase: null });
    expect(phases).toEqual([]);
  });

  test('a ledger that refuses the identity ends the run before anything is written', async () => {
    const chip = bench.insert();
    const refuse = (): void => {
      throw new StationError('S01', 'The disk is full.');
    };
    const { report } = await bench.run(benchJob({ regions }), { hooks: { identified: refuse } });
    expect(report).toMatchObject({ outcome: 'ERROR', code: 'S01', detail: 'The disk is full.', dirty: false });
    expect(chip.flash.read(0, 16).every((byte) => byte === 0xff)).toBe(true);
  });

  test('a port that vanishes while writing is S04, and the lines are released', async () => {
    bench.insert();
    const { report } = await bench.run(benchJob({ regions }), { hooks: { progress: () => bench.nest.unplugPort() } });
    expect(report).toMatchObject({ outcome: 'ERROR', code: 'S04', phase: 'write', dirty: true });
    expect(bench.levels()).toEqual(['high', 'high']);
  });

  test('a port that is not there is S04 at once', async () => {
    bench.nest.unplugPort();
    const { report } = await bench.run(benchJob({ regions }));
    expect(report).toMatchObject({ outcome: 'ERROR', code: 'S04', phase: 'connect' });
    expect(report.detail).toMatch(/does not exist/);
  });

  test('a module is identified and started again', async () => {
    const chip = bench.insert();
    const identity = await bench.identify();
    expect(identity).toMatchObject({ mac, chip: 'ESP8266EX', flashId: 'ef4016', flashBytes: 4_194_304 });
    expect(['halted', 'application', 'rom-boot']).toContain(chip.state);
  });
});
