import { mayTryAgain, triesAfter } from '../../foundation/faults.ts';
import type { StationError } from '../../foundation/faults.ts';
import { unreachable } from '../../foundation/unreachable.ts';
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
import type { ShownState } from '../run/run.ts';

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
      return refusedPattern(state.fault);
    case 'blocked':
      return noVerdict;
    case 'stopping':
      return dark;
    case 'shown':
      return verdictOf(state);
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
      return refusedSound(state.fault);
    case 'blocked':
      return stationSound;
    case 'shown':
      return soundOfVerdict(state);
    default:
      return unreachable(state);
  }
}

type Verdict = Extract<ShownState, { name: 'shown' }>;

function verdictOf(verdict: Verdict): LampPattern {
  if (verdict.outcome === 'PASS') return passed;
  if (verdict.outcome !== 'FAIL') return noVerdict;
  return mayPressAgain(verdict) ? failed : rejected;
}

function soundOfVerdict(verdict: Verdict): BuzzerPattern {
  switch (verdict.outcome) {
    case 'PASS':
      return passSound;
    case 'FAIL':
      return mayPressAgain(verdict) ? retrySound : rejectedSound;
    case 'ERROR':
      return stationSound;
    case 'ABORTED':
      // Somebody stopped it and knows.
      return silence;
    default:
      return unreachable(verdict.outcome);
  }
}

/** Whether the operator may press again after this verdict. */
export function mayPressAgain({ fault, triesLeft }: Verdict): boolean {
  return triesLeft !== false && (fault === null || mayTryAgain(fault.code));
}

/** A module that is not to be tried here looks the same whether its run has just failed or its start was refused. */
function refusedPattern({ code }: StationError): LampPattern {
  if (code === 'D05') return alreadyDone;
  return triesAfter(code) === 'none' ? rejected : noVerdict;
}

function refusedSound({ code }: StationError): BuzzerPattern {
  if (code === 'D05') return passSound;
  return triesAfter(code) === 'none' ? rejectedSound : stationSound;
}
