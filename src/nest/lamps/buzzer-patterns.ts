import type { Pattern } from './lamp-patterns.ts';

/** A line makes one tone only, so that what tells states apart is number and length of the pulses. */
export type BuzzerPattern = Pattern<'buzzer'>;

const pulses = (name: string, means: string, ...lengthsMs: readonly number[]): BuzzerPattern => ({
  name,
  means,
  steps: lengthsMs.flatMap((ms, index) => [
    { lit: ['buzzer'] as const, ms },
    { lit: [], ms: index < lengthsMs.length - 1 ? 150 : null },
  ]),
  repeat: false,
});

export const silence: BuzzerPattern = {
  name: 'silence',
  means: 'empty, ready, running or aborted',
  steps: [{ lit: [], ms: null }],
  repeat: false,
};
export const passSound = pulses('pass', 'passed, now or before', 150);
export const retrySound = pulses('fail', 'failed: re-seat the module and press again', 150, 150);
export const rejectedSound = pulses('rejected', 'failed: do not try this module again here', 1_000);
/** Until the next press, which is the operator's answer (production reference §3). */
export const stationSound: BuzzerPattern = {
  name: 'station-fault',
  means: 'station fault, or the start was refused, or the nest is blocked',
  steps: [
    { lit: ['buzzer'], ms: 300 },
    { lit: [], ms: 1_700 },
  ],
  repeat: true,
};

/** What a nest can sound like. */
export const buzzerPatterns: readonly BuzzerPattern[] = [passSound, retrySound, rejectedSound, stationSound, silence];
