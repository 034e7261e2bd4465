import { unreachable } from '../foundation/unreachable.ts';
import type { RunState } from './run.ts';

export const lampNames = ['pass', 'fail', 'busy', 'ready'] as const;
export type LampName = (typeof lampNames)[number];

/** A pattern of lamps as data: steps that follow one another, for ever or once. */
export interface LampPattern {
  /** Who looks at the pattern in a log or a test. */
  readonly name: string;
  /** `ms` null: the step stays. */
  readonly steps: readonly { readonly lit: readonly LampName[]; readonly ms: number | null }[];
  readonly repeat: boolean;
}

const steady = (name: string, ...lit: readonly LampName[]): LampPattern => ({
  name,
  steps: [{ lit, ms: null }],
  repeat: false,
});

/** Ready with a lamp of its own: steady. */
export const readyLamp = steady('ready', 'ready');
/** Ready without one: `busy` winks 50 ms every 2 s, so that a dead station, which shows nothing, looks different. */
export const readyWink: LampPattern = {
  name: 'ready',
  steps: [
    { lit: ['busy'], ms: 50 },
    { lit: [], ms: 1_950 },
  ],
  repeat: true,
};
export const running: LampPattern = {
  name: 'running',
  steps: [
    { lit: ['busy'], ms: 500 },
    { lit: [], ms: 500 },
  ],
  repeat: true,
};
export const passed = steady('pass', 'pass');
export const failed = steady('fail', 'fail');
/** Station fault, aborted and blocked are no verdict on the module: red and yellow in turn (design §6). */
export const noVerdict: LampPattern = {
  name: 'no-verdict',
  steps: [
    { lit: ['fail'], ms: 400 },
    { lit: ['busy'], ms: 400 },
  ],
  repeat: true,
};
/** The answer to a press that was ignored: three short flashes of yellow, then what was shown before. */
export const pressIgnored: LampPattern = {
  name: 'press-ignored',
  steps: [60, 60, 60].flatMap((ms) => [
    { lit: ['busy'] as const, ms },
    { lit: [], ms },
  ]),
  repeat: false,
};

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
      if (state.outcome === 'PASS') return passed;
      return state.outcome === 'FAIL' ? failed : noVerdict;
    default:
      return unreachable(state);
  }
}
