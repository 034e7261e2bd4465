import { expect, test } from 'vitest';
import type { FaultCode } from '../../src/foundation/faults.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { RunPhase, RunReport } from '../../src/nest/run/outcome.ts';
import type { RunOpening } from '../../src/nest/run/run-result.ts';
import { plainFigures } from '../support/plain-figures.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { figuresFromRecords } from '../support/yield-from-records.ts';
import type { PublishedRun } from '../support/yield-from-records.ts';
import { failed, identity, opening, passed, silent, temporaryFolder } from './runs.ts';

const clock = new VirtualClock();
const moduleOf = (letter: string) => ({ ...identity, mac: `5c:cf:7f:00:00:${letter.charCodeAt(0).toString(16)}` });

/** A press on the only nest, half a minute after the one before. */
function press(ledger: Ledger, name: string, changes: Partial<RunOpening> = {}): void {
  clock.advance(30_000);
  ledger.openRun(opening(name, { startedAt: clock.now(), monoMs: clock.monotonic(), ...changes }));
}

function run(ledger: Ledger, name: string, report: RunReport, changes?: Partial<RunOpening>): void {
  press(ledger, name, changes);
  clock.advance(report.totalMs);
  ledger.closeRun(name, report, { finishedAt: clock.now() });
}

function of(name: string, report: RunReport): RunReport {
  return { ...report, identity: moduleOf(name) };
}

/** A failure that has times of the phases up to its own. */
function stoppedIn(phase: RunPhase, code: FaultCode): RunReport {
  const all = Object.entries(passed().phaseMs);
  const last = all.findIndex(([name]) => name === phase);
  return failed({ code, phase, phaseMs: Object.fromEntries(all.slice(0, last + 1)) });
}

/** The shift of production reference §5.5: one nest, one release. */
async function workedExample(path: string): Promise<Ledger> {
  const before = await Ledger.open(path, { clock });
  run(before, 'A', of('A', passed()));
  run(before, 'B1', silent());
  run(before, 'B2', of('B', passed()));
  run(before, 'C1', of('C', stoppedIn('verify', 'V01')));
  run(before, 'C2', of('C', passed()));
  run(before, 'D1', of('D', stoppedIn('write', 'F01')));
  run(before, 'D2', of('D', stoppedIn('write', 'F01')));
  run(before, 'E1', of('E', passed()));
  press(before, 'E2');
  const blocked = { code: 'D05', detail: 'It has passed.', identity: moduleOf('E'), finishedAt: clock.now() } as const;
  before.refuseRun('E2', blocked);
  run(before, 'F', of('F', passed({ retries: 1, marginal: true })));
  press(before, 'G1');
  before.markWriting('G1', moduleOf('G'));
  before.close();
  // The power was cut here.
  const ledger = await Ledger.open(path, { clock });
  expect(ledger.closeInterrupted()).toMatchObject([{ code: 'S05', outcome: 'ABORTED', dirty: 1, attempt: null }]);
  run(ledger, 'G2', of('G', passed()), { bootId: 'next' });
  run(ledger, 'H', of('H', passed()), { bootId: 'next', mode: 'golden' });
  return ledger;
}

// Figure by figure as the reference works them out.
const expected = {
  units: 7,
  fpy: '4/7',
  passedBy1: '4/7',
  passedBy2: '6/7',
  passedBy3: '6/7',
  finalYield: '6/7',
  good: 6,
  retest: '3/7',
  ntf: '2/3',
  dutOnlyFpy: '4/6',
  inferred: '1/7',
  unidentified: 0,
  runYield: '6/10',
  marginal: '1/6',
  errors: 0,
  aborted: 1,
  phase_connect: '6/7',
  phase_identify: '6/6',
  phase_loader: '6/6',
  phase_erase: '6/6',
  phase_write: '5/6',
  phase_verify: '4/5',
  phase_boot: '4/4',
  paretoByUnits: 'C01=1 F01=1 V01=1',
  paretoByRuns: 'F01=2 C01=1 V01=1',
};

test('the worked example, from the kept tables and by a stranger from the published records', async () => {
  using folder = temporaryFolder();
  const ledger = await workedExample(folder.file('ledger.sqlite'));
  const published = ledger.pendingOutbox(0, 99).map(({ payload }) => JSON.parse(payload) as PublishedRun);
  const kept = plainFigures(ledger.figures);
  const { fpy } = ledger.figures.yieldOf();
  const pareto = ledger.figures.pareto('runs');
  ledger.close();
  expect(kept).toEqual(expected);
  expect(figuresFromRecords(published.toReversed())).toEqual(expected);
  expect(published.find(({ run_id: id }) => id === 'B2')).toMatchObject({ adopts: '?B1', attempt: 2 });
  expect(published.map(({ run_id: id }) => id)).not.toContain('E2');
  // The Wilson interval of 4 of 7.
  expect([fpy.rate?.share, fpy.rate?.low, fpy.rate?.high].map((share) => share?.toFixed(3))).toEqual([
    '0.571',
    '0.250',
    '0.842',
  ]);
  expect(pareto.map(({ code, share, cumulative }) => [code, share, cumulative])).toEqual([
    ['F01', 0.5, 0.5],
    ['C01', 0.25, 0.75],
    ['V01', 0.25, 1],
  ]);
});
