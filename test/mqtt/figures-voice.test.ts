import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { StationError } from '../../src/foundation/faults.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { FiguresVoice } from '../../src/mqtt/figures-voice.ts';
import { messages } from '../../src/mqtt/messages.ts';
import type { Message } from '../../src/mqtt/messages.ts';
import type { RunReport } from '../../src/nest/run/outcome.ts';
import type { RunOpening } from '../../src/nest/run/run-result.ts';
import { failed, identity, opening, passed, silent, temporaryFolder } from '../ledger/runs.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const startMs = Date.UTC(2026, 2, 14, 13, 30);

/** A voice at 13:30 in shifts that begin at 06:00 and 14:00, on a real ledger. */
async function figuresBench(lot: string | null = 'L1') {
  const folder = temporaryFolder();
  const clock = new VirtualClock(startMs);
  const ledger = await Ledger.open(folder.file('ledger.sqlite'), { clock });
  let broken = false;
  /** How long the counting takes. */
  const slow = { ms: 0 };
  const counters: Message<'counters'>[] = [];
  const rates: Message<'yield'>[] = [];
  const errors: unknown[] = [];
  const voice = new FiguresVoice({
    link: {
      tell: (name, path, message) => {
        expect(path).toBe(name);
        if (name === 'counters') counters.push(messages.counters.parse(message));
        else rates.push(messages.yield.parse(message));
      },
    },
    ledger: {
      epoch: ledger.epoch,
      figures: ledger.figures,
      lastSeq: () => {
        clock.advance(slow.ms);
        if (broken) throw new StationError('S01', 'It is gone.');
        return ledger.lastSeq();
      },
    },
    clock,
    log: { ...silentLogger(), error: (fields: unknown) => errors.push(fields) },
    plan: { station: 's1', line: 'smt2', timezone: 'UTC', shifts: ['06:00', '14:00'], lot },
  });
  let runs = 0;
  /** A run of a module that ends now. */
  const record = (module: number, report: RunReport = passed(), changes: Partial<RunOpening> = {}): void => {
    const runId = `r${runs++}`;
    const known = report.identity.mac === undefined ? {} : { ...identity, mac: `5c:cf:7f:00:00:0${module}` };
    ledger.openRun(opening(runId, { startedAt: clock.now(), monoMs: clock.monotonic(), lot: 'L1', ...changes }));
    ledger.closeRun(runId, { ...report, identity: known }, { finishedAt: clock.now() });
    voice.recorded();
  };
  return {
    ...{ clock, ledger, voice, counters, rates, errors, record, slow },
    breakLedger: (now: boolean) => {
      broken = now;
    },
    [Symbol.dispose]: () => {
      voice.stop();
      ledger.close();
      folder[Symbol.dispose]();
    },
  };
}

describe('the retained figures', () => {
  test('are told at a birth, also of an empty ledger, with null for every rate', async () => {
    using bench = await figuresBench(null);
    bench.voice.birth();
    expect(bench.counters).toHaveLength(1);
    expect(bench.counters[0]).toMatchObject({
      lot: null,
      shift_units: 0,
      h24_runs: 0,
      lot_units: null,
      total_passed: 0,
    });
    expect(bench.rates[0]).toMatchObject({
      ...{ schema: 'jigd.yield/1', fpy_def: 'first_ever', station: 's1', line: 'smt2', epoch: bench.ledger.epoch },
      ...{ shift_start: '2026-03-14T06:00:00.000Z', shift_end: '2026-03-14T14:00:00.000Z' },
      ...{ last_seq: 0, at: '2026-03-14T13:30:00.000Z', ts_ms: startMs, shift_units: 0, lot_units: null },
    });
    const shares = Object.entries(bench.rates[0]!).filter(([key]) => /_(fpy|run|boot|ntf|inferred)(_|$)/.test(key));
    expect(shares.filter(([, value]) => value !== null)).toEqual([]);
    expect(shares.length).toBeGreaterThan(40);
  });

  test('have the counts and the shares with their intervals, and are numbers', async () => {
    using bench = await figuresBench();
    bench.record(1);
    bench.record(0, silent());
    bench.record(2);
    bench.record(3, failed(), { lot: 'L2' });
    bench.record(4, failed({ outcome: 'ERROR', code: 'S03' }));
    bench.voice.birth();
    const [counts, shares] = [bench.counters.at(-1)!, bench.rates.at(-1)!];
    expect(counts).toMatchObject({
      ...{ last_seq: 5, shift_units: 3, shift_good: 2, shift_runs: 4, shift_passed: 2, shift_failed: 2 },
      ...{ shift_errors: 1, shift_aborted: 0, lot_units: 2, lot_runs: 3, h24_runs: 4, total_failed: 2 },
    });
    expect(shares).toMatchObject({
      ...{ shift_fpy: 0.333333, shift_final: 0.666667, shift_pass2: 0.666667, shift_run: 0.5, shift_ntf: 0.5 },
      ...{ shift_dut_only_fpy: 0.5, shift_inferred: 0.333333, shift_connect: 0.666667, lot_fpy: 0.5, lot_retest: 0.5 },
    });
    expect(shares.shift_fpy_low).toBeCloseTo(0.0615, 4);
    expect(shares.shift_fpy_high).toBeCloseTo(0.7923, 4);
    expect(z.record(z.string(), z.union([z.string(), z.number(), z.null()])).parse(shares)).toEqual(shares);
  });

  test('follow results at most once a second, and the last one is always told', async () => {
    using bench = await figuresBench();
    bench.voice.birth();
    for (const module of [1, 2, 3, 4]) bench.record(module);
    expect(bench.counters).toHaveLength(1);
    bench.clock.advance(999);
    expect(bench.counters).toHaveLength(1);
    bench.clock.advance(1);
    expect(bench.counters.map(({ last_seq: seq }) => seq)).toEqual([0, 4]);
    bench.clock.advance(1_000);
    bench.record(5);
    expect(bench.counters.map(({ last_seq: seq }) => seq)).toEqual([0, 4, 5]);
  });

  test('are told anew when the shift begins, to the second', async () => {
    using bench = await figuresBench();
    bench.record(1);
    bench.voice.birth();
    bench.clock.advance(30 * minuteMs - 1);
    const before = bench.counters.length;
    bench.clock.advance(1);
    expect(bench.counters.length).toBe(before + 1);
    expect(bench.counters.at(-1)).toMatchObject({
      shift_start: '2026-03-14T14:00:00.000Z',
      shift_end: '2026-03-15T06:00:00.000Z',
      shift_units: 0,
      h24_units: 1,
    });
  });

  test('are looked at every minute, and told when the last 24 h have moved on, not before', async () => {
    using bench = await figuresBench();
    bench.record(1);
    bench.clock.advance(90_500);
    bench.record(2);
    bench.clock.advance(16 * hourMs + 45 * minuteMs);
    const told = bench.counters.length;
    bench.clock.advance(7 * hourMs + 13 * minuteMs);
    expect(bench.counters).toHaveLength(told);
    bench.clock.advance(4 * minuteMs);
    expect(bench.counters.slice(told).map(({ h24_units: units }) => units)).toEqual([1, 0]);
    const [one, none] = bench.counters.slice(-2).map(({ ts_ms: at }) => at - startMs - 24 * hourMs);
    expect(one).toBeLessThanOrEqual(minuteMs);
    expect(none! - 90_500).toBeLessThanOrEqual(minuteMs);
    expect(bench.clock.pending).toBeLessThanOrEqual(2);
  });

  test('of a ledger that cannot be read are an error in the log, and come when it can be read again', async () => {
    using bench = await figuresBench();
    bench.breakLedger(true);
    bench.voice.birth();
    bench.record(1);
    bench.clock.advance(minuteMs);
    expect(bench.counters).toEqual([]);
    expect(bench.errors).toContainEqual(expect.objectContaining({ event: 'ledger-unreadable' }));
    bench.breakLedger(false);
    bench.clock.advance(2 * minuteMs);
    expect(bench.counters).toMatchObject([{ last_seq: 1 }]);
  });

  test('leave no timer behind, and the last change is told before the end', async () => {
    using bench = await figuresBench();
    bench.voice.birth();
    bench.record(1);
    bench.voice.stop();
    expect(bench.counters.map(({ last_seq: seq }) => seq)).toEqual([0, 1]);
    expect(bench.clock.pending).toBe(0);
    bench.voice.birth();
    bench.voice.recorded();
    expect([bench.counters.length, bench.clock.pending]).toEqual([2, 0]);
  });
});

test('counting that takes long is done less often, and the last result is told at the end all the same', async () => {
  const bench = await figuresBench();
  const { clock, voice, counters, record, slow } = bench;
  slow.ms = 200;
  voice.birth();
  const told = counters.length;
  for (let count = 0; count < 9; count += 1) {
    record(1);
    clock.advance(1_000);
  }
  expect(counters.length).toBe(told);
  clock.advance(2_000);
  expect(counters.length).toBe(told + 1);
  record(2);
  voice.stop();
  expect([counters.length, clock.pending]).toEqual([told + 2, 0]);
  bench[Symbol.dispose]();
});
