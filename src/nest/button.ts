/**
 * Turns the debounced levels of a button into presses: the edge counts, and only after a release. A button that is
 * held when the station starts therefore starts nothing.
 */
export class Button {
  #armed: boolean;
  readonly #onPress: () => void;

  /** @param pressedNow the level at the start */
  constructor(pressedNow: boolean, onPress: () => void) {
    this.#armed = !pressedNow;
    this.#onPress = onPress;
  }

  /** Takes a debounced level, true when pressed. */
  level(pressed: boolean): void {
    if (!pressed) {
      this.#armed = true;
      return;
    }
    if (!this.#armed) return;
    this.#armed = false;
    this.#onPress();
  }
}
