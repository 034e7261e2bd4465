import { mayTryAgain } from '../foundation/faults.ts';
import type { StationError } from '../foundation/faults.ts';
import { unreachable } from '../foundation/unreachable.ts';
import { rejectedSound, retrySound, passSound, silence, stationSound } from './buzzer-patterns.ts';
import type { BuzzerPattern } from './buzzer-patterns.ts';
import {
  alreadyDone,
  dark,
  emptyLampWink,
  emptyWink,
  failed,
  noVerdict,
  passed,
  readyLamp,
  readyWink,
  rejected,
  running,
} from './lamp-patterns.ts';
import type { LampPattern } from './lamp-patterns.ts';
import type { RunOutcome } from './outcome.ts';
import type { ShownState } from './run.ts';

/** What a state looks like from two metres away. @param hasReadyLamp the nest has a lamp for "ready" */
export function patternOf(state: ShownState, hasReadyLamp: boolean): LampPattern {
  switch (state.name) {
    case 'empty':
      return hasReadyLamp ? emptyLampWink : emptyWink;
    case 'ready':
      return hasReadyLamp ? readyLamp : readyWink;
    case 'opening':
    case 'running':
    case 'closing':
      return running;
    case 'refused':
      return state.fault.code === 'D05' ? alreadyDone : noVerdict;
    case 'blocked':
      return noVerdict;
    case 'stopping':
      return dark;
    case 'shown':
      return verdictOf(state.outcome, state.fault);
    default:
      return unreachable(state);
  }
}

/** What a state sounds like. Every start is silent: the press is the answer to what sounded before. */
export function soundOf(state: ShownState): BuzzerPattern {
  switch (state.name) {
    case 'empty':
    case 'ready':
    case 'opening':
    case 'running':
    case 'closing':
    case 'stopping':
      return silence;
    case 'refused':
      return state.fault.code === 'D05' ? passSound : stationSound;
    case 'blocked':
      return stationSound;
    case 'shown':
      return soundOfVerdict(state.outcome, state.fault);
    default:
      return unreachable(state);
  }
}

function verdictOf(outcome: RunOutcome, fault: StationError | null): LampPattern {
  if (outcome === 'PASS') return passed;
  if (outcome !== 'FAIL') return noVerdict;
  return mayPressAgain(fault) ? failed : rejected;
}

function soundOfVerdict(outcome: RunOutcome, fault: StationError | null): BuzzerPattern {
  switch (outcome) {
    case 'PASS':
      return passSound;
    case 'FAIL':
      return mayPressAgain(fault) ? retrySound : rejectedSound;
    case 'ERROR':
      return stationSound;
    case 'ABORTED':
      // Somebody stopped it and knows.
      return silence;
    default:
      return unreachable(outcome);
  }
}

function mayPressAgain(fault: StationError | null): boolean {
  return fault === null || mayTryAgain(fault.code);
}
