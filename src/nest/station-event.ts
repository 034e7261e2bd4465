import type { FaultCode } from '../foundation/faults.ts';
import type { RunPhase } from './outcome.ts';
import type { RunOpening, RunResult } from './run-result.ts';

/** What a nest shows: ready, running, the result until the next start, or out of service. */
export type NestStateName = 'ready' | 'running' | 'passed' | 'failed' | 'aborted' | 'error' | 'blocked';

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
  | { readonly kind: 'notice'; readonly notice: Notice };

/** The job that is loaded. */
export interface JobInfo {
  readonly job: string;
  readonly jobHash: string;
  readonly operation: string;
  readonly product: string;
  readonly release: string | null;
}

/** Something worth an `event/<kind>` that is no run. */
export interface Notice {
  readonly kind: 'blocked-start' | 'press-ignored' | 'result-not-saved';
  readonly nest: number;
  readonly code: FaultCode;
  readonly detail: string;
  /** Wall-clock ms. */
  readonly at: number;
}
