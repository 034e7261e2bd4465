import type { Clock } from '../../foundation/clock.ts';

/**
 * What a program waits for: a time in ms, a time that passes at any speed, the next frame from the host, or nothing
 * ever again.
 */
export type Wait = number | { readonly always: number } | 'frame' | 'forever';

/** Code that runs on the chip. A frame asked for is the value of the `yield`. */
export type Program<Result = void> = Generator<Wait, Result, Uint8Array>;

/** Runs what may be a program or its result already. */
export function* completed<Result extends object>(work: Result | Program<Result>): Program<Result> {
  return isProgram(work) ? yield* work : work;
}

function isProgram<Result extends object>(work: Result | Program<Result>): work is Program<Result> {
  return Symbol.iterator in work;
}

const nothing = new Uint8Array(0);

/** Runs one program at a time against the clock; with speed "fast" a wait in ms takes no time. */
export class Processor {
  readonly #clock: Clock;
  readonly #fast: boolean;
  readonly #takeFrame: () => Uint8Array | undefined;
  #program: Program | undefined;
  #waitsForFrame = false;
  #cancelTimer: (() => void) | undefined;
  #running = false;
  /** The program's own time: timers that fire late are made up for by the waits that follow. */
  #programMs = 0;

  constructor(clock: Clock, speed: 'fast' | 'real', takeFrame: () => Uint8Array | undefined) {
    this.#clock = clock;
    this.#fast = speed === 'fast';
    this.#takeFrame = takeFrame;
  }

  /** The chip's time in ms: that of the program while it computes, else the clock's. */
  nowMs(): number {
    return this.#running ? this.#programMs : Math.max(this.#programMs, this.#clock.monotonic());
  }

  /** Ends what runs and starts the program; may be called from inside the running one. */
  start(program: Program): void {
    this.stop();
    this.#program = program;
    this.#programMs = this.#clock.monotonic();
    this.#run(program, nothing);
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#program = undefined;
    this.#waitsForFrame = false;
  }

  /** Tells the processor that a frame may have arrived. */
  poke(): void {
    if (!this.#waitsForFrame || this.#program === undefined) return;
    const frame = this.#takeFrame();
    if (frame === undefined) return;
    this.#catchUp();
    this.#run(this.#program, frame);
  }

  #run(program: Program, input: Uint8Array): void {
    this.#waitsForFrame = false;
    this.#running = true;
    this.#steps(program, input);
    this.#running = false;
  }

  #steps(program: Program, input: Uint8Array): void {
    for (let given = input; ;) {
      const step = program.next(given);
      given = nothing;
      // A reset that came in through a listener has put another program into this one's place.
      if (this.#program !== program) return;
      if (step.done === true) {
        this.#program = undefined;
        return;
      }
      if (step.value === 'forever') return;
      if (step.value === 'frame') {
        const frame = this.#takeFrame();
        if (frame === undefined) {
          this.#waitsForFrame = true;
          return;
        }
        this.#catchUp();
        given = frame;
      } else if (this.#mustWait(program, step.value)) {
        return;
      }
    }
  }

  #mustWait(program: Program, wait: number | { readonly always: number }): boolean {
    if (typeof wait === 'number' && this.#fast) return false;
    if (this.#fast) this.#catchUp();
    this.#programMs += typeof wait === 'number' ? wait : wait.always;
    const remainingMs = this.#programMs - this.#clock.monotonic();
    // Real timers do not resolve less than this; the next longer wait makes up for it.
    if (remainingMs < 1) return false;
    this.#cancelTimer = this.#clock.after(remainingMs, () => {
      this.#cancelTimer = undefined;
      this.#run(program, nothing);
    });
    return true;
  }

  #catchUp(): void {
    this.#programMs = Math.max(this.#programMs, this.#clock.monotonic());
  }
}
