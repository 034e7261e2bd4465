import type { AlarmSlug } from '../foundation/alarm-slugs.ts';
import type { RunResult } from './run/run-result.ts';

/** A nest, or the station as a whole. */
export type Place = number | 'station';

/** What a person can tell a running station to do; never a start. Each is in the audit trail and told as an event. */
export type StationAction =
  /** No start there until it is unlocked. */
  | { readonly verb: 'lock'; readonly place: Place; readonly reason: string }
  | { readonly verb: 'unlock'; readonly place: Place }
  /** Runs of a module up to now count against it no longer, and its MAC is held no longer. */
  | { readonly verb: 'release'; readonly mac: string }
  /** A flash part is allowed for the product of the loaded job. */
  | { readonly verb: 'accept-part'; readonly flashId: string }
  /** The hash that the job of this name must have from now on; null: the job that is chosen. */
  | { readonly verb: 'approve'; readonly job: string | null; readonly hash: string }
  /** Another job; refused while a run is under way. */
  | { readonly verb: 'select-job'; readonly job: string }
  /** What the next run of a nest is. */
  | { readonly verb: 'next-run'; readonly nest: number; readonly mode: Exclude<RunResult['mode'], 'engineering'> }
  /** Ends an alarm that lasts until somebody has seen it. */
  | { readonly verb: 'acknowledge'; readonly alarm: AlarmSlug };

/** Carries actions out. @throws StationError when it cannot be done now; nothing has changed then */
export interface StationActions {
  /** @param who a badge or a login, not a name @returns what was done, one plain sentence */
  perform(action: StationAction, who: string): Promise<string>;
}
