import type { Clock } from '../../foundation/clock.ts';
import type { OutputLine } from '../../gpio/line.ts';
import type { Pattern } from './lamp-patterns.ts';
import { sharedPhase } from './shared-phase.ts';

/** What is left of a step is not begun when it is shorter than this: it would look like a flash that means something. */
const shortestMs = 100;

/**
 * Plays patterns on outputs of one nest: its lamps, or its buzzer. A new pattern shows its first step at once and in full; then a repeating one
 * goes on where the shared clock has it, in step with every other nest that shows it. An output that fails is told
 * once a pattern and stops nothing else.
 */
export class PatternPlayer<Name extends string> implements Disposable {
  readonly #lines: ReadonlyMap<Name, OutputLine>;
  readonly #clock: Clock;
  readonly #onFault: (error: unknown) => void;
  readonly #lit = new Map<Name, boolean>();
  #shown: Pattern<Name> | null = null;
  #cancel: (() => void) | null = null;
  #disposed = false;
  /** Outputs whose fault has been told since the pattern was shown. */
  readonly #told = new Set<Name>();

  /** @param lines those that the nest has; what a pattern lights beside them stays unseen */
  constructor(lines: ReadonlyMap<Name, OutputLine>, clock: Clock, onFault: (error: unknown) => void) {
    this.#lines = lines;
    this.#clock = clock;
    this.#onFault = onFault;
  }

  /** Shows a pattern from its first step; the one that is shown already goes on undisturbed. */
  show(pattern: Pattern<Name>): void {
    if (this.#disposed || pattern === this.#shown) return;
    this.#shown = pattern;
    this.#told.clear();
    const nowMs = this.#clock.monotonic();
    const [first] = pattern.steps;
    if (pattern.repeat && first !== undefined) {
      this.#hold(first.lit, nowMs + (first.ms ?? 0), (atMs) => this.#join(pattern, atMs));
    } else {
      this.#once(pattern, 0, nowMs, () => undefined);
    }
  }

  /** Shows a pattern once, then goes back to the one before. */
  interrupt(pattern: Pattern<Name>): void {
    if (this.#disposed) return;
    const before = this.#shown;
    this.#once(pattern, 0, this.#clock.monotonic(), (atMs) => {
      if (before === null) return;
      if (before.repeat) this.#join(before, atMs);
      else this.#once(before, 0, atMs, () => undefined);
    });
  }

  /** All outputs off, for good. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#cancel?.();
    this.#cancel = null;
    this.#light([]);
  }

  /** Shows the steps from `index` on, each for its time. */
  #once(pattern: Pattern<Name>, index: number, atMs: number, onEnd: (atMs: number) => void): void {
    const step = pattern.steps[index];
    if (step === undefined) onEnd(atMs);
    else if (step.ms === null) this.#hold(step.lit, null, onEnd);
    else this.#hold(step.lit, atMs + step.ms, (endMs) => this.#once(pattern, index + 1, endMs, onEnd));
  }

  /** From what is lit now into the shared phase. */
  #join(pattern: Pattern<Name>, atMs: number): void {
    const leftMs = sharedPhase(pattern, atMs)?.leftMs ?? 0;
    if (leftMs < shortestMs) this.#hold(null, atMs + leftMs, (endMs) => this.#follow(pattern, endMs));
    else this.#follow(pattern, atMs);
  }

  #follow(pattern: Pattern<Name>, atMs: number): void {
    const phase = sharedPhase(pattern, atMs);
    if (phase === null) return;
    const { lit } = pattern.steps[phase.index] ?? { lit: [] };
    this.#hold(lit, atMs + phase.leftMs, (endMs) => this.#follow(pattern, endMs));
  }

  /**
   * Lights these until a moment of the monotonic clock.
   * @param lit null: what is lit stays
   * @param untilMs null: for ever
   * @param next gets that moment, or a later one when the machine was late; never the jitter of a timer
   */
  #hold(lit: readonly Name[] | null, untilMs: number | null, next: (atMs: number) => void): void {
    this.#cancel?.();
    this.#cancel = null;
    if (lit !== null) this.#light(lit);
    if (untilMs === null) return;
    const nowMs = this.#clock.monotonic();
    this.#cancel = this.#clock.after(Math.max(0, untilMs - nowMs), () => {
      const lateMs = this.#clock.monotonic() - untilMs;
      next(lateMs < shortestMs ? untilMs : untilMs + lateMs);
    });
  }

  #light(lit: readonly Name[]): void {
    // What goes dark goes dark first: two verdicts are never lit at once.
    const changes = [...this.#lines].map(([name, line]) => ({ name, line, on: lit.includes(name) }));
    for (const { name, line, on } of changes.sort((a, b) => Number(a.on) - Number(b.on))) {
      if (this.#lit.get(name) === on) continue;
      try {
        line.set(on);
        this.#lit.set(name, on);
      } catch (error) {
        // What it shows now is unknown: the next step sets it whatever it was.
        this.#lit.delete(name);
        if (!this.#told.has(name)) this.#onFault(error);
        this.#told.add(name);
      }
    }
  }
}
