import type { RunStart } from './run/run-work.ts';

/** What the next run has to hear of. A start without a row is no run: what it took is put back for the one after it. */
export class NextStart {
  /** A module came or went since the last run; null: there is no sensor. */
  #exchanged: boolean | null = null;
  /** null: nobody has said anything since the last run. */
  #mode: RunStart['mode'] | null = null;

  get hasSensor(): boolean {
    return this.#exchanged !== null;
  }

  /** Before the start of the station nobody has looked. */
  begin(hasSensor: boolean): void {
    this.#exchanged = hasSensor ? true : null;
  }

  /** The sensor has seen a module come or go. */
  exchange(): void {
    this.#exchanged = true;
  }

  /** Of one run; the one after it is production again. */
  be(mode: RunStart['mode']): void {
    this.#mode = mode;
  }

  take(runId: string): { readonly start: RunStart; readonly putBack: () => void } {
    const exchanged = this.#exchanged;
    const mode = this.#mode;
    if (exchanged !== null) this.#exchanged = false;
    this.#mode = null;
    const putBack = (): void => {
      if (exchanged === true) this.#exchanged = true;
      this.#mode ??= mode;
    };
    return { start: { runId, exchanged, mode: mode ?? 'production' }, putBack };
  }
}
