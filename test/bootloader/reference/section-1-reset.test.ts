import { describe, expect, test } from 'vitest';
import type { RunPhase } from '../../../src/nest/run/outcome.ts';
import { StationError } from '../../../src/foundation/faults.ts';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import { askedTheDead, changing, failed, op, passed, ReferenceBench } from '../../support/reference-bench.ts';
import { holdsJob } from '../../support/virtual-bench.ts';
import type { VirtualModule, VirtualRunOptions } from '../../support/virtual-bench.ts';
import type { WireTap } from '../../support/wire-tap.ts';

const job = benchJob({ regions: [[0, bootableImage(40_000)]], erase: 'all' });
const small = benchJob({ regions: [[0, bootableImage(20_000)]] });

/** Each pulse of RST: how long it lasted, and GPIO0 at its release. */
function pulses(wire: WireTap) {
  const seen: { lowMs: number; gpio0Low: boolean; releasedMs: number }[] = [];
  let gpio0Low = false;
  let lowSince: number | null = null;
  for (const { line, low, atMs } of wire.lines) {
    if (line === 'gpio0') gpio0Low = low;
    else if (low) lowSince = atMs;
    else if (lowSince !== null) {
      seen.push({ lowMs: atMs - lowSince, gpio0Low, releasedMs: atMs });
      lowSince = null;
    }
  }
  expect(lowSince).toBeNull();
  return seen;
}

describe('the way into the loader', () => {
  test('§1.5.1 RST goes low 10 ms before GPIO0 and stays low for 100 ms; GPIO0 is released after RST', async () => {
    const { wire } = await passed({}, small);
    const [rst, gpio0, release, letGo] = wire.lines;
    expect([rst, gpio0, release, letGo].map((event) => [event?.line, event?.low])).toEqual([
      ['rst', true],
      ['gpio0', true],
      ['rst', false],
      ['gpio0', false],
    ]);
    const ms = [rst, gpio0, release, letGo].map((event) => event?.atMs ?? NaN);
    expect((ms[1] ?? NaN) - (ms[0] ?? NaN)).toBeGreaterThanOrEqual(10);
    expect((ms[2] ?? NaN) - (ms[0] ?? NaN)).toBeGreaterThanOrEqual(100);
    expect((ms[3] ?? NaN) - (ms[2] ?? NaN)).toBeGreaterThan(0);
  });

  test('§1.4 where no boot text shows that the straps were latched, GPIO0 is held for 100 ms, then for 550 ms', async () => {
    const { wire } = await failed('C01', { misbehave: [{ kind: 'silent' }] }, small);
    const released = wire.lines.filter(({ line, low }) => line === 'rst' && !low);
    const letGo = wire.lines.filter(({ line, low }) => line === 'gpio0' && !low);
    expect((letGo[0]?.atMs ?? 0) - (released[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(100);
    expect((letGo[1]?.atMs ?? 0) - (released[1]?.atMs ?? 0)).toBeGreaterThanOrEqual(550);
  });

  test('§1.3 GPIO0 is not held low while the loader works', async () => {
    const { wire } = await passed({}, small);
    const first = wire.at(wire.sent(op.memBegin)[0]);
    const last = wire.at(wire.sent(op.md5).at(-1));
    expect(wire.events.slice(first, last).filter(({ kind }) => kind === 'line')).toEqual([]);
    expect(wire.events.slice(0, first).findLast((event) => event.kind === 'line')).toMatchObject({ low: false });
  });
});

describe('the way out', () => {
  const ends: readonly { name: string; module?: VirtualModule; run?: VirtualRunOptions; code: string | null }[] = [
    { name: 'passed', code: null },
    { name: 'found another chip', module: { detectValue: 0x00f01d83 }, code: 'D01' },
    { name: 'found no flash', module: { misbehave: [{ kind: 'flashAbsent' }] }, code: 'F01' },
    { name: 'could not start the RAM loader', module: { misbehave: [{ kind: 'loaderStartFails' }] }, code: 'F06' },
    { name: 'found the flash read-only', module: { misbehave: [{ kind: 'writeProtected' }] }, code: 'V04' },
    { name: 'lost the module', module: { misbehave: [{ kind: 'dieAfterDataBlocks', count: 1 }] }, code: 'W02' },
  ];

  test.for(ends)('§5.4 a session that $name ends with a pulse of RST with GPIO0 high', async ({ module, code }) => {
    const nest = new ReferenceBench(module);
    const { report } = await nest.session(small, {}, [askedTheDead]);
    expect(report.code).toBe(code);
    assertRestarted(nest);
  });

  test.for<RunPhase>(['connect', 'identify', 'loader', 'erase', 'write', 'verify', 'boot'])(
    '§1.2 a session aborted in the phase "%s" ends with a pulse of RST with GPIO0 high',
    async (phase) => {
      const nest = new ReferenceBench();
      const control = new AbortController();
      const abort = { at: phase, afterMs: 3, do: () => control.abort(new StationError('O01')) };
      const { report } = await nest.session(job, { signal: control.signal, events: [abort] });
      expect(report).toMatchObject({ outcome: 'ABORTED', code: 'O01', phase });
      assertRestarted(nest);
    },
  );

  test('§1.2 a session whose port vanished ends with a pulse of RST with GPIO0 high', async () => {
    const nest = new ReferenceBench();
    const unplug = { at: 'write', afterMs: 50, do: () => nest.bench.socket.unplug() } as const;
    const { report } = await nest.session(small, { events: [unplug] });
    expect(report.code).toBe('S04');
    assertRestarted(nest);
  });

  test('§5.4 neither ROM nor RAM loader is asked to start the firmware', async () => {
    const { wire } = await passed({}, small);
    expect(wire.sent(op.flashEnd)).toEqual([]);
    expect(wire.sent(op.memEnd)).toHaveLength(1);
    // §3.3: 1 is "stay".
    for (const end of wire.sent(op.deflEnd)) expect(end.word(0)).toBe(1);
  });

  test('§1.2 the module answers the next reset of its own with its firmware: it was started by hardware', async () => {
    const { report, wire } = await passed({}, small);
    expect(report.bootMode).toBe('3,7');
    expect(pulses(wire)).toHaveLength(2);
  });

  function assertRestarted(nest: ReferenceBench): void {
    const last = pulses(nest.wire).at(-1);
    expect(last?.gpio0Low).toBe(false);
    expect(last?.lowMs).toBeGreaterThanOrEqual(100);
    expect(nest.wire.requests.every(({ atMs }) => atMs <= (last?.releasedMs ?? 0))).toBe(true);
    expect(['reset', 'application', 'halted']).toContain(nest.chip.state);
    const levels = [nest.bench.socket.rst.active, nest.bench.socket.gpio0.active];
    expect(levels).toEqual([false, false]);
  }
});

describe('the boot text', () => {
  test('§1.7 garbage before the first reply is skipped', async () => {
    const { report } = await passed({ misbehave: [{ kind: 'noiseAtReset', bytes: 200 }] }, small);
    expect(report.retries).toBe(0);
  });

  test('§1.7 the banner of a crystal of 40 MHz is heard at the wrong rate, which does no harm', async () => {
    const { report } = await passed({ crystalMhz: 40, misbehave: [{ kind: 'noiseAtReset', bytes: 60 }] }, small);
    expect(report.retries).toBe(0);
  });

  test('§1.7 a brown-out in the middle of the talk puts boot text between two frames; the session starts afresh', async () => {
    const dip = { kind: 'brownOutAtReply', op: op.deflData, nth: 2 } as const;
    const { report } = await passed({ misbehave: [dip] }, job);
    expect(report.retries).toBeGreaterThan(0);
  });
});

describe('a flash that is busy with an aborted erase', () => {
  test('§1.5.1 is waited for by its status before anything waits for it', async () => {
    const { wire, ms } = await passed({ misbehave: [{ kind: 'busyAtPowerUp', ms: 3_000 }] }, small);
    expect(ms).toBeGreaterThan(3_000);
    const before = wire.requests.filter(({ atMs }) => atMs < 3_000);
    expect(before.length).toBeGreaterThan(20);
    expect(
      before.filter(({ opcode }) => opcode !== op.sync && opcode !== op.writeReg && opcode !== op.readReg),
    ).toEqual([]);
  });

  test('§1.5.1 the session after one that was aborted in a chip erase passes', async () => {
    const dirty = { ...w25q32, content: new Uint8Array(0x10000) };
    const nest = new ReferenceBench({ flash: dirty });
    const control = new AbortController();
    const abort = { at: 'erase', afterMs: 1_000, do: () => control.abort() } as const;
    const first = await nest.session(job, { signal: control.signal, events: [abort] });
    expect(first.report).toMatchObject({ code: 'O01', phase: 'erase', dirty: true });
    const second = await nest.session(small);
    expect(second.report).toMatchObject({ outcome: 'PASS', retries: 0 });
    expect(holdsJob(nest.chip, small)).toBe(true);
  });

  test('§1.5.1 a flash that stays busy is the flash, not the link, and nothing is written to it', async () => {
    const { wire, ms } = await failed('F05', { misbehave: [{ kind: 'busyAtPowerUp', ms: 1e9 }] }, small);
    expect(ms).toBeLessThan(130_000);
    expect(wire.requests.filter(({ opcode }) => changing.has(opcode))).toEqual([]);
  });
});
