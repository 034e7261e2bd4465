import type { FaultCode } from '../foundation/faults.ts';
import type { RunPhase } from './outcome.ts';
import type { RunOpening, RunResult } from './run-result.ts';

/**
 * What a nest shows: empty (no module, on a nest with a sensor for it), ready, running, the result until the next start,
 * or out of service.
 */
export type NestStateName = 'empty' | 'ready' | 'running' | 'passed' | 'failed' | 'aborted' | 'error' | 'blocked';

/** Live state of one nest, for dashboards and the terminal. */
export interface NestState {
  readonly nest: number;
  readonly state: NestStateName;
  readonly runId: string | null;
  readonly phase: RunPhase | null;
  /** Share of the bytes written, 0 … 1; null outside the write phase. */
  readonly progress: number | null;
  /** The code shown with the state; null when there is none. */
  readonly code: FaultCode | null;
}

/** Everything the station tells the outside, in the order it happened. A `runResult` is on disk before it is told. */
export type StationEvent =
  | { readonly kind: 'nestState'; readonly state: NestState }
  | { readonly kind: 'runStarted'; readonly opening: RunOpening }
  | { readonly kind: 'runResult'; readonly result: RunResult }
  | { readonly kind: 'jobLoaded'; readonly job: JobInfo }
  | { readonly kind: 'notice'; readonly notice: Notice }
  | { readonly kind: 'alarm'; readonly alarm: Alarm };

/** The job that is loaded. */
export interface JobInfo {
  readonly job: string;
  readonly jobHash: string;
  readonly operation: string;
  readonly product: string;
  readonly release: string | null;
}

export type NoticeKind =
  'blocked-start' | 'press-ignored' | 'result-not-saved' | 'button-stuck' | 'estop-pressed' | 'estop-acknowledged';

/** Something worth an `event/<kind>` that is no run. */
export interface Notice {
  readonly kind: NoticeKind;
  /** Null: the station as a whole. */
  readonly nest: number | null;
  readonly code: FaultCode;
  readonly detail: string;
  /** Wall-clock ms. */
  readonly at: number;
}

/** Names an alarm; of each there is one at the most. The broker forgets at a birth those that are not active any more. */
export type AlarmSlug = 'estop' | 'ledger' | 'storage' | 'backup' | `button-stuck-${number}`;

/** Something that lasts until a person has seen to it. Told when it begins and when it ends. */
export interface Alarm {
  readonly slug: AlarmSlug;
  /** false: it has ended. */
  readonly active: boolean;
  /** null: the station as a whole. */
  readonly nest: number | null;
  readonly code: FaultCode;
  readonly detail: string;
  /** Wall-clock ms at which it began. */
  readonly since: number;
}
