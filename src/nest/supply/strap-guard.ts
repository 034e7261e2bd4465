import type { OutputLine } from '../../gpio/line.ts';

/**
 * Stands between the straps of one module and whoever drives them: what is driven while the module has no supply feeds
 * it through its protection diodes and spoils its next reset (production reference §8). It begins blocked.
 */
export class StrapGuard {
  readonly #lines: OutputLine[] = [];
  #allowed = false;

  /** The line as it may be handed out. While blocked, driving it does nothing; it can be released at any time. */
  guard(line: OutputLine): OutputLine {
    this.#lines.push(line);
    return {
      set: (active) => {
        if (this.#allowed || !active) line.set(active);
      },
      [Symbol.dispose]: () => line[Symbol.dispose](),
    };
  }

  /** Whether the straps may be driven. */
  get allowed(): boolean {
    return this.#allowed;
  }

  allow(): void {
    this.#allowed = true;
  }

  /** Releases every strap, in the order in which they were given, and lets nobody drive one. Never throws. @returns
   * why lines did not obey */
  block(): readonly unknown[] {
    this.#allowed = false;
    return this.#lines.flatMap((line) => {
      try {
        line.set(false);
        return [];
      } catch (error) {
        return [error];
      }
    });
  }
}
