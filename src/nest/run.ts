import type { StationError } from '../foundation/faults.ts';
import { unreachable } from '../foundation/unreachable.ts';
import type { RunOutcome, RunPhase, RunReport } from './outcome.ts';
import type { RunResult } from './run-result.ts';

/** Where a nest is between a press and its lamp. */
export type RunState =
  | { readonly name: 'ready' }
  /** Pressed; the row is not committed yet, so the lines have not moved. */
  | { readonly name: 'opening'; readonly runId: string }
  | {
      readonly name: 'running';
      readonly runId: string;
      readonly phase: RunPhase | null;
      /** Share of the bytes written, 0 … 1. */
      readonly progress: number | null;
    }
  /** Decided, but the row is not committed yet: no lamp may tell. */
  | { readonly name: 'closing'; readonly runId: string }
  | {
      readonly name: 'shown';
      readonly runId: string;
      readonly outcome: RunOutcome;
      readonly fault: StationError | null;
    }
  | { readonly name: 'refused'; readonly fault: StationError };

export type RunEvent =
  | { readonly name: 'pressed'; readonly runId: string }
  /** The start was refused before a row was made. */
  | { readonly name: 'refused'; readonly fault: StationError }
  | { readonly name: 'opened' }
  | { readonly name: 'phase'; readonly phase: RunPhase }
  | { readonly name: 'progress'; readonly share: number }
  | { readonly name: 'ended'; readonly report: RunReport }
  | { readonly name: 'closed'; readonly result: RunResult; readonly fault: StationError | null }
  /** The ledger refused a commit. */
  | { readonly name: 'notSaved'; readonly fault: StationError };

/** What the nest has to do; each ends in an event. */
export type RunEffect =
  | { readonly do: 'open'; readonly runId: string }
  | { readonly do: 'program'; readonly runId: string }
  | { readonly do: 'close'; readonly runId: string; readonly report: RunReport }
  | { readonly do: 'announce'; readonly result: RunResult }
  | {
      readonly do: 'notice';
      readonly kind: 'blocked-start' | 'press-ignored' | 'result-not-saved';
      readonly fault: StationError | null;
    };

export interface Transition {
  readonly state: RunState;
  readonly effects: readonly RunEffect[];
}

/**
 * The run as a function: from a press to a committed result. An event that does not belong to the state changes
 * nothing; a press while a run is under way is told, never queued.
 */
export function advance(state: RunState, event: RunEvent): Transition {
  switch (event.name) {
    case 'pressed':
      if (isUnderWay(state)) return go(state, { do: 'notice', kind: 'press-ignored', fault: null });
      return go({ name: 'opening', runId: event.runId }, { do: 'open', runId: event.runId });
    case 'refused':
      if (state.name !== 'opening') return stay(state);
      return go({ name: 'refused', fault: event.fault }, { do: 'notice', kind: 'blocked-start', fault: event.fault });
    case 'opened':
      if (state.name !== 'opening') return stay(state);
      return go(
        { name: 'running', runId: state.runId, phase: null, progress: null },
        { do: 'program', runId: state.runId },
      );
    case 'phase':
      if (state.name !== 'running') return stay(state);
      return go({ ...state, phase: event.phase, progress: event.phase === 'write' ? 0 : null });
    case 'progress':
      if (state.name !== 'running') return stay(state);
      return go({ ...state, progress: event.share });
    case 'ended':
      if (state.name !== 'running') return stay(state);
      return go({ name: 'closing', runId: state.runId }, { do: 'close', runId: state.runId, report: event.report });
    case 'closed':
      if (state.name !== 'closing') return stay(state);
      return go(
        { name: 'shown', runId: state.runId, outcome: event.result.outcome, fault: event.fault },
        { do: 'announce', result: event.result },
      );
    case 'notSaved':
      if (state.name !== 'opening' && state.name !== 'closing') return stay(state);
      return go(
        { name: 'shown', runId: state.runId, outcome: 'ERROR', fault: event.fault },
        { do: 'notice', kind: 'result-not-saved', fault: event.fault },
      );
    default:
      return unreachable(event);
  }
}

/** True from the press to the committed result: the module belongs to the station. */
export function isUnderWay(state: RunState): boolean {
  return state.name === 'opening' || state.name === 'running' || state.name === 'closing';
}

function go(state: RunState, ...effects: readonly RunEffect[]): Transition {
  return { state, effects };
}

function stay(state: RunState): Transition {
  return { state, effects: [] };
}
