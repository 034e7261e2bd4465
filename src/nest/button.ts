import type { Clock } from '../foundation/clock.ts';

/** How often a button that stays held is told again, ms. */
const heldEveryMs = 1_000;

export interface ButtonParts {
  readonly clock: Clock;
  /** How long a press may last, ms; null: for ever, as of a lid switch. */
  readonly stuckAfterMs: number | null;
  readonly onPress: () => void;
  /** The button is stuck; told again every second while it stays so. */
  readonly onHeld: () => void;
  /** A button that was stuck has been let go. */
  readonly onFreed: () => void;
}

/**
 * Turns the debounced levels of a button into presses: the edge counts, and only after a release (production reference
 * §3). A button that is held when the station starts therefore starts nothing; it counts as stuck at once.
 */
export class Button implements Disposable {
  readonly #parts: ButtonParts;
  #armed: boolean;
  #stuck = false;
  #cancel: (() => void) | null = null;

  /** @param pressedNow the level at the start */
  constructor(pressedNow: boolean, parts: ButtonParts) {
    this.#parts = parts;
    this.#armed = !pressedNow;
    if (pressedNow) this.#hold(0);
  }

  /** Takes a debounced level, true when pressed. */
  level(pressed: boolean): void {
    if (!pressed) {
      this.#armed = true;
      this.#letGo();
      return;
    }
    if (!this.#armed) return;
    this.#armed = false;
    this.#hold(this.#parts.stuckAfterMs ?? 0);
    this.#parts.onPress();
  }

  [Symbol.dispose](): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #hold(ms: number): void {
    const { clock, stuckAfterMs, onHeld } = this.#parts;
    if (stuckAfterMs === null) return;
    this.#cancel = clock.after(ms, () => {
      this.#stuck = true;
      this.#hold(heldEveryMs);
      onHeld();
    });
  }

  #letGo(): void {
    this.#cancel?.();
    this.#cancel = null;
    if (!this.#stuck) return;
    this.#stuck = false;
    this.#parts.onFreed();
  }
}
