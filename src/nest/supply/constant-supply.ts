import type { StrapGuard } from './strap-guard.ts';
import type { ModuleSupply } from './module-supply.ts';

/** The supply of a nest without a power line: always on, so that a cut can only keep the straps released. */
export class ConstantSupply implements ModuleSupply {
  readonly #straps: StrapGuard;
  readonly #failed: (error: unknown) => void;

  /** @param failed told of each strap that does not obey */
  constructor(straps: StrapGuard, failed: (error: unknown) => void) {
    this.#straps = straps;
    this.#failed = failed;
    straps.allow();
  }

  get needsLeaving(): boolean {
    return this.#straps.allowed;
  }

  async on(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#straps.allow();
    return Promise.resolve();
  }

  off(): void {
    this.#straps.allow();
  }

  cut(): void {
    for (const error of this.#straps.block()) this.#failed(error);
  }
}
