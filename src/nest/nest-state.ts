import type { FaultCode } from '../foundation/faults.ts';
import { unreachable } from '../foundation/unreachable.ts';
import { mayPressAgain } from './lamps/operator-panel.ts';
import type { RunOutcome } from './run/outcome.ts';
import type { ShownState } from './run/run.ts';
import type { NestState, NestStateName } from './station-event.ts';

const shownAs: Readonly<Record<RunOutcome, NestStateName>> = {
  PASS: 'passed',
  FAIL: 'failed',
  ABORTED: 'aborted',
  ERROR: 'error',
};

/** The live state of a nest as it is told outside. */
export function nestStateOf(nest: number, state: ShownState): NestState {
  const quiet = { nest, runId: null, phase: null, progress: null, code: null };
  switch (state.name) {
    case 'empty':
    case 'ready':
      return { ...quiet, state: state.name };
    case 'opening':
    case 'closing':
      return { ...quiet, state: 'running', runId: state.runId };
    case 'running':
      return { ...quiet, state: 'running', runId: state.runId, phase: state.phase, progress: state.progress };
    case 'shown':
      return { ...quiet, state: shownAs[state.outcome], runId: state.runId, code: state.fault?.code ?? null };
    case 'refused':
    case 'blocked':
    case 'stopping':
      return { ...quiet, state: 'blocked', code: state.fault.code };
    default:
      return unreachable(state);
  }
}

/**
 * The code whose text an operator is to read; null: none. That of a failed module whose tries are used up is D09, as it
 * will be at the next press, whatever its run has failed with.
 */
export function operatorCodeOf(state: ShownState): FaultCode | null {
  switch (state.name) {
    case 'shown':
      return state.triesLeft === false && isInvitation(state) ? 'D09' : (state.fault?.code ?? null);
    case 'refused':
    case 'blocked':
      return state.fault.code;
    default:
      return null;
  }
}

/** The text of the code alone would ask for another press. */
function isInvitation(state: Extract<ShownState, { name: 'shown' }>): boolean {
  return mayPressAgain({ ...state, triesLeft: true });
}
