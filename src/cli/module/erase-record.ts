import type { Clock } from '../../foundation/clock.ts';
import type { ModuleIdentity } from '../../nest/run/outcome.ts';
import { loginName } from '../terminal/login-name.ts';
import type { Target } from './module-target.ts';
import { openNestLedger } from './nest-ledger.ts';

/** Where it is written down that a module was erased: in the station's ledger, or nowhere. */
export interface EraseRecord extends Disposable {
  /** What was found wrong with the ledger; null when nothing was. */
  readonly notice: string | null;
  /** Before the first erase: a pass of before counts no more, however the erase ends. @throws StationError S01, S02 */
  erasing(module: ModuleIdentity): void;
}

/** @param what in the words of people @throws StationError S01, S02 */
export async function eraseRecord(place: Target['place'], what: string, clock: Clock): Promise<EraseRecord> {
  if (place === null) return { notice: null, erasing: () => undefined, [Symbol.dispose]: () => undefined };
  const ledger = await openNestLedger(place, clock);
  return {
    notice: ledger.notice?.detail ?? null,
    erasing: ({ mac }) => {
      ledger.standing.set({ kind: 'erased', key: mac, value: what, detail: null, who: loginName() });
    },
    [Symbol.dispose]: () => ledger.close(),
  };
}
