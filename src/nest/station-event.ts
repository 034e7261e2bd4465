import type { AlarmSlug } from '../foundation/alarm-slugs.ts';
import type { FaultCode } from '../foundation/faults.ts';
import type { RunPhase } from './run/outcome.ts';
import type { RunOpening, RunResult } from './run/run-result.ts';

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

/** What happened. `action`: what a person told the station by a command. */
export type NoticeKind =
  | 'blocked-start'
  | 'press-ignored'
  | 'result-not-saved'
  | 'button-stuck'
  | 'estop-pressed'
  | 'estop-acknowledged'
  | 'duplicate-mac'
  | 'job-changed'
  | 'action';

/** Something worth an `event/<kind>` that is no run. The beginning and the end of an alarm are events by themselves. */
export interface Notice {
  readonly kind: NoticeKind;
  /** Null: the station as a whole. */
  readonly nest: number | null;
  /** Null where nothing is wrong. */
  readonly code: FaultCode | null;
  readonly detail: string;
  /** Who did it; left out: the station, or nobody knows. */
  readonly who?: string;
  /** Wall-clock ms. */
  readonly at: number;
}

/** Something that lasts until a person has seen to it. Told when it begins and when it ends. */
export interface Alarm {
  readonly slug: AlarmSlug;
  /** false: it has ended. */
  readonly active: boolean;
  /** null: the station as a whole. */
  readonly nest: number | null;
  /** Null where no code says it, as of a statistic. */
  readonly code: FaultCode | null;
  readonly detail: string;
  /** Wall-clock ms at which it began. */
  readonly since: number;
}
