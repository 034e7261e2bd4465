import fc from 'fast-check';
import type { FaultCode } from '../../src/foundation/faults.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { openLedgerFile } from '../../src/ledger/file/open-ledger-file.ts';
import type { LedgerFile } from '../../src/ledger/file/open-ledger-file.ts';
import type { RunPhase, RunReport } from '../../src/nest/run/outcome.ts';
import type { RunOpening } from '../../src/nest/run/run-result.ts';
import { failed, identity, opening, passed } from '../ledger/runs.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What happens next at a station. */
export type Step =
  | {
      readonly kind: 'press';
      readonly nest: number;
      /** Which module lies there; null: it does not answer. */
      readonly module: number | null;
      readonly end: keyof typeof ends;
      readonly mode: RunOpening['mode'];
      readonly operation: string;
      readonly lot: string | null;
      readonly exchanged: boolean | null;
      readonly marginal: boolean;
      readonly totalMs: number;
    }
  | { readonly kind: 'end'; readonly nest: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'restart' | 'reboot' | 'clock-set' };

const ends = {
  pass: null,
  contact: ['C04', 'identify'],
  flash: ['F01', 'write'],
  verify: ['V01', 'verify'],
  error: ['S03', 'write'],
  abort: ['O01', 'write'],
  refused: null,
} as const satisfies Record<string, readonly [FaultCode, RunPhase] | null>;

const often = <T>(value: T, others: fc.Arbitrary<T>, weight = 4): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: others });

const press = fc.record({
  kind: fc.constant('press' as const),
  nest: fc.constantFrom(1, 2, 3),
  module: fc.oneof(fc.constant(null), fc.nat(4), fc.nat(4)),
  end: fc.oneof(
    { weight: 3, arbitrary: fc.constant<keyof typeof ends>('pass') },
    { weight: 4, arbitrary: fc.constantFrom(...(Object.keys(ends) as (keyof typeof ends)[])) },
  ),
  mode: often<RunOpening['mode']>('production', fc.constantFrom('golden', 'limit', 'engineering'), 12),
  operation: often('esp12:1', fc.constant('esp12:2'), 9),
  lot: fc.constantFrom(null, 'L1', 'L1', 'L2'),
  exchanged: often<boolean | null>(null, fc.boolean()),
  marginal: fc.boolean(),
  totalMs: fc.double({ min: 100, max: 20_000, noNaN: true }),
});

/** Many presses on three nests; runs overlap, and now and then the station or its host starts anew. */
export const anyHistory: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: press },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('end' as const), nest: fc.constantFrom(1, 2, 3) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3e6 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom('restart', 'reboot', 'clock-set', 'clock-set' as const) }),
    },
  ),
  { minLength: 1, maxLength: 60, size: 'max' },
);

interface UnderWay {
  readonly runId: string;
  readonly report: RunReport;
  readonly refused: boolean;
}

/** Records a history as a station does, with a clock that is wrong after each boot until it is set. */
export async function liveThrough(steps: readonly Step[], path: string): Promise<{ file: LedgerFile; ledger: Ledger }> {
  const clock = new VirtualClock(Date.UTC(2026, 2, 14, 5));
  const underWay = new Map<number, UnderWay>();
  let runs = 0;
  let boot = { id: 'boot0', startMs: -1234.567, wrongMs: -3 * 86_400_000, synced: false };
  const wallMs = (): number => Math.round(clock.now() + (boot.synced ? 0 : boot.wrongMs));
  const open = async () => {
    const file = await openLedgerFile(path, clock);
    return { file, ledger: new Ledger(file, { ...timers(clock), now: wallMs }) };
  };
  let { file, ledger } = await open();
  const end = (nest: number): void => {
    const run = underWay.get(nest);
    if (run === undefined) return;
    underWay.delete(nest);
    clock.advance(run.report.totalMs);
    const { runId, report } = run;
    if (run.refused)
      ledger.refuseRun(runId, { code: 'D05', detail: 'x', identity: report.identity, finishedAt: wallMs() });
    else ledger.closeRun(runId, report, { finishedAt: wallMs() });
  };
  for (const step of steps) {
    clock.advance(777.25);
    switch (step.kind) {
      case 'wait':
        clock.advance(step.ms);
        break;
      case 'clock-set':
        boot = { ...boot, synced: true };
        break;
      case 'end':
        end(step.nest);
        break;
      case 'press': {
        end(step.nest);
        const { nest, mode, operation, lot, exchanged } = step;
        const runId = `r${runs++}`;
        const time = { startedAt: wallMs(), monoMs: clock.monotonic() - boot.startMs };
        const where = { nest, mode, operation, job: operation, lot, exchanged };
        ledger.openRun(opening(runId, { ...where, ...time, bootId: boot.id, clockSynced: boot.synced }));
        underWay.set(nest, { runId, report: reportOf(step), refused: step.end === 'refused' && step.module !== null });
        break;
      }
      default:
        ledger.close();
        underWay.clear();
        if (step.kind === 'reboot') {
          boot = { id: `boot${runs}`, startMs: clock.monotonic(), wrongMs: -86_400_000 * (runs + 1), synced: false };
        }
        ({ file, ledger } = await open());
        ledger.closeInterrupted();
    }
  }
  for (const nest of [1, 2, 3]) end(nest);
  return { file, ledger };
}

function reportOf({ module, end, marginal, totalMs }: Extract<Step, { kind: 'press' }>): RunReport {
  const known = { ...identity, mac: `5c:cf:7f:00:00:0${module}` };
  if (module === null) {
    const phaseMs = { connect: totalMs };
    const outcome = end === 'abort' ? 'ABORTED' : end === 'error' ? 'ERROR' : 'FAIL';
    return failed({ outcome, code: 'C01', phase: 'connect', identity: {}, phaseMs, totalMs, dirty: false });
  }
  const fault = ends[end];
  if (fault === null) return passed({ identity: known, marginal, totalMs });
  const [code, phase] = fault;
  const outcome = end === 'abort' ? 'ABORTED' : end === 'error' ? 'ERROR' : 'FAIL';
  const all = Object.entries(passed().phaseMs);
  const last = all.findIndex(([name]) => name === phase);
  return failed({
    outcome,
    code,
    phase,
    identity: known,
    phaseMs: Object.fromEntries(all.slice(0, last + 1)),
    totalMs,
  });
}

function timers(clock: VirtualClock) {
  return {
    monotonic: () => clock.monotonic(),
    after: (ms: number, run: () => void) => clock.after(ms, run),
    sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms, signal),
  };
}
