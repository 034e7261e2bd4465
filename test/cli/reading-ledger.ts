import { Ledger } from '../../src/ledger/ledger.ts';
import type { RunReport } from '../../src/nest/run/outcome.ts';
import type { RunOpening } from '../../src/nest/run/run-result.ts';
import { failed, finishedAt, identity, opening, passed, silent } from '../ledger/runs.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

export const otherMac = '5c:cf:7f:00:00:01';

const other = { ...identity, mac: otherMac };

/**
 * A ledger with two lots. The module of `identity` is not identified first, fails, passes on nest 1, is refused there, and gets
 * another release on nest 2; another module passes with a repeat and is erased, a third never answers.
 */
export async function readingLedger(path: string): Promise<void> {
  const ledger = await Ledger.open(path, { clock: new VirtualClock() });
  let minutes = 0;
  const run = (runId: string, report: RunReport, changes: Partial<RunOpening> = {}): void => {
    open(runId, changes);
    ledger.closeRun(runId, report, { finishedAt: at() });
  };
  const at = (): number => finishedAt + minutes * 60_000;
  const open = (runId: string, changes: Partial<RunOpening>): void => {
    minutes += 1;
    ledger.openRun(opening(runId, { lot: 'L1', startedAt: at() - 20_000, monoMs: minutes * 60_000, ...changes }));
  };
  run('a1', silent());
  run('a2', failed());
  run('a3', passed());
  open('a4', {});
  ledger.refuseRun('a4', { code: 'D05', detail: 'This module has passed before.', identity, finishedAt: at() });
  run('b1', passed({ identity: other, marginal: true, retries: 1 }), { nest: 2 });
  run('c1', silent(), { nest: 2, lot: '=L2', workOrder: '"W", 1' });
  minutes += 120;
  run('a5', passed(), { nest: 2, lot: null, operation: 'esp12-a:sha256:cc', release: '2.4.0', monoMs: 9_999_999 });
  run('e1', passed({ outcome: 'ERROR', code: 'S03', detail: 'The port is gone.', identity: other }), {
    nest: 3,
    lot: 'L1',
  });
  ledger.standing.set({ kind: 'erased', key: otherMac, value: '0x3fc000 to the end', detail: null, who: 'anna' });
  ledger.close();
}
