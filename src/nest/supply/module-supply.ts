/** The supply of the module in a nest, as a session uses it. */
export interface ModuleSupply {
  /**
   * Whether a session has to leave the module in order before `off`. False where `off` takes the supply away, which
   * resets everything, and after a cut, when nothing may drive the module.
   */
  readonly needsLeaving: boolean;
  /**
   * Feeds the module and lets its straps be driven: at the earliest when its supply has really been down, in its turn
   * among the nests, and settled. Whatever comes of it, `off` ends it.
   *
   * @throws StationError S03 when the line refuses, O01 after a cut; the signal's reason when it aborts
   */
  on(signal: AbortSignal): Promise<void>;
  /** The end of the session: straps released, then no supply. Never throws; doing so twice is the same as once. */
  off(): void;
  /**
   * The emergency stop: straps released and no supply before the call returns, and so it stays until the session under
   * way has ended, or, when there is none, until the next one begins. Never throws. It does not end the session: who
   * cuts also aborts, else the module is blamed for its silence.
   */
  cut(): void;
}

/** A module that nobody can cut off: at a port without a nest. */
export const alwaysFed: ModuleSupply = {
  needsLeaving: true,
  on: () => Promise.resolve(),
  off: () => undefined,
  cut: () => undefined,
};
