export const lampNames = ['pass', 'fail', 'busy', 'ready'] as const;
export type LampName = (typeof lampNames)[number];

/** A pattern of outputs as data: steps that follow one another, for ever or once. */
export interface Pattern<Name extends string> {
  /** Who looks at the pattern in a log, a test or a table. */
  readonly name: string;
  /** What it tells the operator, as the documents say it. */
  readonly means: string;
  /** `ms` null: the step stays. The first step lights something, so that a new state is seen at once, except of what is to be dark. */
  readonly steps: readonly { readonly lit: readonly Name[]; readonly ms: number | null }[];
  readonly repeat: boolean;
}

export type LampPattern = Pattern<LampName>;

const steady = (name: string, means: string, lamp: LampName): LampPattern => ({
  name,
  means,
  steps: [{ lit: [lamp], ms: null }],
  repeat: false,
});

/** Two flashes and a pause: what a steady lamp of the same colour cannot be taken for, colour seen or not. */
const doubleFlash = (name: string, means: string, lamp: LampName): LampPattern => ({
  name,
  means,
  steps: [
    { lit: [lamp], ms: 150 },
    { lit: [], ms: 150 },
    { lit: [lamp], ms: 150 },
    { lit: [], ms: 750 },
  ],
  repeat: true,
});

/** Ready with a lamp of its own: steady. */
export const readyLamp = steady('ready', 'ready, on a nest with that lamp', 'ready');
/** Ready without one: `busy` winks 50 ms every 2 s, so that a dead station, which shows nothing, looks different. */
export const readyWink: LampPattern = {
  name: 'ready',
  means: 'ready',
  steps: [
    { lit: ['busy'], ms: 50 },
    { lit: [], ms: 1_950 },
  ],
  repeat: true,
};
/** Nothing is in the nest, by its sensor: alive, but less eager than ready. */
export const emptyWink: LampPattern = {
  name: 'empty',
  means: 'empty, on a nest with a sensor: load a module',
  steps: [
    { lit: ['busy'], ms: 50 },
    { lit: [], ms: 3_950 },
  ],
  repeat: true,
};
export const emptyLampWink: LampPattern = {
  name: 'empty',
  means: 'empty, on a nest with a sensor and that lamp',
  steps: [
    { lit: ['ready'], ms: 50 },
    { lit: [], ms: 1_950 },
  ],
  repeat: true,
};
export const running: LampPattern = {
  name: 'running',
  means: 'running, do not touch',
  steps: [
    { lit: ['busy'], ms: 500 },
    { lit: [], ms: 500 },
  ],
  repeat: true,
};
export const passed = steady('pass', 'passed, and the result is on disk', 'pass');
/** The retry policy of the code lets the operator try again (production reference §3, §4). */
export const failed = steady('fail', 'failed: re-seat the module and press again', 'fail');
export const rejected = doubleFlash('rejected', 'failed: do not try this module again here', 'fail');
/** Station fault, aborted and blocked are no verdict on the module: red and yellow in turn (design §6). */
export const noVerdict: LampPattern = {
  name: 'no-verdict',
  means: 'no verdict: aborted, start refused, blocked, or station fault',
  steps: [
    { lit: ['fail'], ms: 400 },
    { lit: ['busy'], ms: 400 },
  ],
  repeat: true,
};
/** The answer to a press that was ignored: three short flashes of yellow, then what was shown before. */
export const pressIgnored: LampPattern = {
  name: 'press-ignored',
  means: 'that press was ignored: a run is under way, or the station is being stopped',
  steps: [60, 60, 60].flatMap((ms) => [
    { lit: ['busy'] as const, ms },
    { lit: [], ms },
  ]),
  repeat: false,
};
/** No second flash of a module that has passed (design §6). */
export const alreadyDone = doubleFlash('already-done', 'this module has passed before: nothing was written', 'pass');

/** A nest of a station that is being stopped: soon nothing lives behind the lamps. */
export const dark: LampPattern = {
  name: 'dark',
  means: 'the station is being stopped',
  steps: [{ lit: [], ms: null }],
  repeat: false,
};

/** What a nest can look like while the station works, in the order in which an operator meets it. */
export const lampPatterns: readonly LampPattern[] = [
  readyWink,
  readyLamp,
  emptyWink,
  emptyLampWink,
  running,
  passed,
  alreadyDone,
  failed,
  rejected,
  noVerdict,
  pressIgnored,
];
