import type { Clock } from '../foundation/clock.ts';
import type { OutputLine } from '../gpio/line.ts';
import { lampNames } from './operator-panel.ts';
import type { LampName, LampPattern } from './operator-panel.ts';

export type LampLines = Readonly<Partial<Record<LampName, OutputLine>>>;

/** Plays patterns on the lamps of one nest. A lamp that fails is told once a pattern and stops nothing else. */
export class Lamps implements Disposable {
  readonly #lines: LampLines;
  readonly #clock: Clock;
  readonly #onFault: (error: unknown) => void;
  readonly #lit = new Map<LampName, boolean>();
  #shown: LampPattern | null = null;
  #cancel: (() => void) | null = null;
  #disposed = false;
  /** Lamps whose fault has been told since the pattern was shown. */
  readonly #told = new Set<LampName>();

  constructor(lines: LampLines, clock: Clock, onFault: (error: unknown) => void) {
    this.#lines = lines;
    this.#clock = clock;
    this.#onFault = onFault;
  }

  /** Shows a pattern from its first step; the one that is shown already goes on undisturbed. */
  show(pattern: LampPattern): void {
    if (this.#disposed || pattern === this.#shown) return;
    this.#shown = pattern;
    this.#told.clear();
    this.#play(pattern, 0, null);
  }

  /** Shows a pattern once, then goes back to the one before. */
  interrupt(pattern: LampPattern): void {
    if (this.#disposed) return;
    const before = this.#shown;
    this.#play(pattern, 0, () => {
      if (before !== null && before === this.#shown) this.#play(before, 0, null);
    });
  }

  /** All lamps off, for good. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#cancel?.();
    this.#cancel = null;
    this.#light([]);
  }

  #play(pattern: LampPattern, index: number, onEnd: (() => void) | null): void {
    this.#cancel?.();
    this.#cancel = null;
    const step = pattern.steps[index];
    if (step === undefined) return;
    this.#light(step.lit);
    if (step.ms === null) return;
    this.#cancel = this.#clock.after(step.ms, () => {
      const next = index + 1;
      if (next < pattern.steps.length) this.#play(pattern, next, onEnd);
      else if (pattern.repeat) this.#play(pattern, 0, onEnd);
      else onEnd?.();
    });
  }

  #light(lit: readonly LampName[]): void {
    // What goes dark goes dark first: two verdicts are never lit at once.
    const changes = lampNames.map((name) => ({ name, on: lit.includes(name) }));
    for (const { name, on } of changes.sort((a, b) => Number(a.on) - Number(b.on))) {
      if (this.#lit.get(name) === on) continue;
      try {
        this.#lines[name]?.set(on);
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
