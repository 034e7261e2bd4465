import { hostBootId } from '../foundation/host.ts';
import type { AuditTrail } from './audit-trail.ts';
import type { LedgerNotice } from './file/open-ledger-file.ts';
import type { StandingDecisions } from '../nest/standing.ts';

interface NoticedLedger {
  readonly epoch: string;
  readonly notice: LedgerNotice | null;
  readonly audit: AuditTrail;
  readonly standing: StandingDecisions;
}

/** What was found wrong with the ledgers of a station and nobody has seen yet. */
export interface UnseenNotice {
  readonly detail: string;
  /** Wall-clock ms of the first. */
  readonly since: number;
}

/**
 * Writes down what was found wrong with a ledger at its opening, where the alarm finds it: who opens it next finds it
 * sound. @throws StationError S01, S02
 */
export function keepNotice({ epoch, notice, audit, standing }: NoticedLedger): void {
  if (notice === null) return;
  const { kind, detail } = notice;
  audit.add({ what: `ledger-${kind}`, before: null, after: epoch, detail, bootId: hostBootId() });
  standing.add({ kind: 'alarm', key: 'ledger', value: epoch, detail, who: 'station' });
}

/** What the alarm `ledger` says; null: nothing. @throws StationError S01 */
export function unseenNotice(standing: StandingDecisions): UnseenNotice | null {
  const unseen = standing.of('alarm', 'ledger');
  const [first] = unseen;
  if (first === undefined) return null;
  return { detail: unseen.map(({ detail, value }) => detail ?? value).join(' '), since: Date.parse(first.at) };
}
