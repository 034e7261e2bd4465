import { mayTryAgain } from '../foundation/faults.ts';
import type { StationError } from '../foundation/faults.ts';
import { unreachable } from '../foundation/unreachable.ts';
import { failed, noVerdict, passed, readyLamp, readyWink, rejected, running } from './lamp-patterns.ts';
import type { LampPattern } from './lamp-patterns.ts';
import type { RunOutcome } from './outcome.ts';
import type { RunState } from './run.ts';

/** What a state looks like from two metres away. @param hasReadyLamp the nest has a lamp for "ready" */
export function patternOf(state: RunState, hasReadyLamp: boolean): LampPattern {
  switch (state.name) {
    case 'ready':
      return hasReadyLamp ? readyLamp : readyWink;
    case 'opening':
    case 'running':
    case 'closing':
      return running;
    case 'refused':
      return noVerdict;
    case 'shown':
      return verdictOf(state.outcome, state.fault);
    default:
      return unreachable(state);
  }
}

function verdictOf(outcome: RunOutcome, fault: StationError | null): LampPattern {
  if (outcome === 'PASS') return passed;
  if (outcome !== 'FAIL') return noVerdict;
  return fault === null || mayTryAgain(fault.code) ? failed : rejected;
}
