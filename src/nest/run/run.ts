import { faultKind, StationError } from '../../foundation/faults.ts';
import type { FaultCode } from '../../foundation/faults.ts';
import { unreachable } from '../../foundation/unreachable.ts';
import type { RunOutcome, RunPhase, RunReport } from './outcome.ts';
import type { RunResult } from './run-result.ts';
import type { NoticeKind } from '../station-event.ts';

/** Where a nest is between a press and its lamp. */
export type RunState =
  /** The sensor says that no module is in, or that the lid is open. */
  | { readonly name: 'empty' }
  /** Waits for a press; without a sensor also while no module is in. */
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
      /** false: the module has failed as often as it may (D09). Left out: the code alone says whether to try again. */
      readonly triesLeft?: boolean;
    }
  /** A start that became no run, or a module that is known by now to have the MAC of another. */
  | { readonly name: 'refused'; readonly fault: StationError };

type UnderWay = Extract<RunState, { readonly name: 'opening' | 'running' | 'closing' }>;

/** What a nest shows: its run, or, while none is under way, why it takes no start. */
export type ShownState =
  | RunState
  | { readonly name: 'blocked'; readonly fault: StationError }
  /** The station is being stopped, and this nest has nothing to show. */
  | { readonly name: 'stopping'; readonly fault: StationError };

export type RunEvent =
  /** `missing`: the sensor says that there is no module. */
  | { readonly name: 'pressed'; readonly runId: string; readonly missing: boolean }
  /** The start was refused, before a row was made or after the module was identified. */
  | { readonly name: 'refused'; readonly fault: StationError }
  | { readonly name: 'opened' }
  | { readonly name: 'phase'; readonly phase: RunPhase }
  | { readonly name: 'progress'; readonly share: number }
  | { readonly name: 'ended'; readonly report: RunReport }
  | {
      readonly name: 'closed';
      readonly result: RunResult;
      readonly fault: StationError | null;
      /** As of the state `shown`. */
      readonly triesLeft?: boolean;
    }
  /** The ledger refused a commit. */
  | { readonly name: 'notSaved'; readonly fault: StationError }
  /** An error that nobody expected. `report`: the end of the run whose row is open; null: there is none. */
  | { readonly name: 'crashed'; readonly fault: StationError; readonly report: RunReport | null }
  /** By the sensor: a module is in and the lid is closed. */
  | { readonly name: 'inserted' }
  | { readonly name: 'removed' }
  /** Another nest has a module with the MAC of this one. */
  | { readonly name: 'disowned'; readonly fault: StationError }
  /** What blocked the nest has ended. `missing` as above. */
  /** `afresh`: somebody was at the nest, so that nothing of before is shown any more. */
  | { readonly name: 'unblocked'; readonly missing: boolean; readonly afresh: boolean };

/** What the nest has to do; each ends in an event. */
export type RunEffect =
  | { readonly do: 'open'; readonly runId: string }
  | { readonly do: 'program'; readonly runId: string }
  | { readonly do: 'close'; readonly runId: string; readonly report: RunReport }
  /** Closes the row as no run at all: the module has only been identified. */
  | { readonly do: 'refuse'; readonly runId: string; readonly code: FaultCode; readonly report: RunReport }
  | { readonly do: 'abort'; readonly fault: StationError }
  | { readonly do: 'announce'; readonly result: RunResult }
  | {
      readonly do: 'notice';
      readonly kind: Extract<NoticeKind, 'blocked-start' | 'press-ignored' | 'result-not-saved'>;
      readonly fault: StationError;
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
      if (isUnderWay(state)) return go(state, { do: 'notice', kind: 'press-ignored', fault: new StationError('O03') });
      if (event.missing) return refused(new StationError('C09'));
      return go({ name: 'opening', runId: event.runId }, { do: 'open', runId: event.runId });
    case 'refused':
      if (state.name !== 'opening' && state.name !== 'closing') return stay(state);
      return refused(event.fault);
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
      return go({ name: 'closing', runId: state.runId }, ending(state.runId, event.report));
    case 'closed':
      if (state.name !== 'closing') return stay(state);
      return go(
        {
          name: 'shown',
          runId: state.runId,
          outcome: event.result.outcome,
          fault: event.fault,
          ...(event.triesLeft === undefined ? {} : { triesLeft: event.triesLeft }),
        },
        { do: 'announce', result: event.result },
      );
    case 'notSaved':
      if (state.name !== 'opening' && state.name !== 'closing') return stay(state);
      return go(
        { name: 'shown', runId: state.runId, outcome: 'ERROR', fault: event.fault },
        { do: 'notice', kind: 'result-not-saved', fault: event.fault },
      );
    case 'crashed':
      return crashed(state, event.fault, event.report);
    case 'inserted':
      return isUnderWay(state) ? stay(state) : go({ name: 'ready' });
    case 'removed':
      if (isUnderWay(state)) return go(state, { do: 'abort', fault: new StationError('O02') });
      return go({ name: 'empty' });
    case 'disowned':
      if (isUnderWay(state)) return go(state, { do: 'abort', fault: event.fault });
      // The record of a pass stands, but nobody may take this module for a good one.
      return go({ name: 'refused', fault: event.fault });
    case 'unblocked':
      return staysAfterBlock(state, event.afresh) ? stay(state) : go({ name: event.missing ? 'empty' : 'ready' });
    default:
      return unreachable(event);
  }
}

/** True from the press to the committed result: the module belongs to the station. */
export function isUnderWay(state: RunState): state is UnderWay {
  return state.name === 'opening' || state.name === 'running' || state.name === 'closing';
}

/**
 * Whether what was shown before a block may be shown again after it. A green lamp that went out does not come back:
 * nobody knows what was done to the nest meanwhile, and the next press tells.
 */
function staysAfterBlock(state: RunState, afresh: boolean): boolean {
  if (isUnderWay(state)) return true;
  // A port that was missing is there again, or the next press tells.
  return !afresh && state.name === 'shown' && state.outcome !== 'PASS' && state.fault?.code !== 'S04';
}

/** Whatever happened, the run has an end, its row as well, and the next press counts. */
function crashed(state: RunState, fault: StationError, report: RunReport | null): Transition {
  if (!isUnderWay(state)) return refused(fault);
  const { runId } = state;
  if (report !== null) return go({ name: 'closing', runId }, { do: 'close', runId, report });
  if (state.name !== 'closing') return refused(fault);
  return go({ name: 'shown', runId, outcome: 'ERROR', fault }, { do: 'notice', kind: 'result-not-saved', fault });
}

/** A module that was identified and is not to be touched makes no run: its row is closed as refused (design §8). */
function ending(runId: string, report: RunReport): RunEffect {
  const { code } = report;
  const isRefusal = code !== null && faultKind(code).outcome === 'REFUSED';
  return isRefusal ? { do: 'refuse', runId, code, report } : { do: 'close', runId, report };
}

function refused(fault: StationError): Transition {
  return go({ name: 'refused', fault }, { do: 'notice', kind: 'blocked-start', fault });
}

function go(state: RunState, ...effects: readonly RunEffect[]): Transition {
  return { state, effects };
}

function stay(state: RunState): Transition {
  return { state, effects: [] };
}

/** "Do this module again": a run that the death of the station has ended. */
export function redoOf(runId: string): RunState {
  return { name: 'shown', runId, outcome: 'ABORTED', fault: new StationError('S05') };
}
