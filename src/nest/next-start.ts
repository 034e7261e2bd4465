import type { RunRequest } from './run/run-work.ts';

/** What the next run has to hear of. A start without a row is no run: what it took is put back for the one after it. */
export class NextStart {
  /** A module came or went since the last run; null: there is no sensor. */
  #exchanged: boolean | null = null;

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

  take(runId: string): { readonly request: RunRequest; readonly putBack: () => void } {
    const exchanged = this.#exchanged;
    if (exchanged !== null) this.#exchanged = false;
    const putBack = (): void => {
      if (exchanged === true) this.#exchanged = true;
    };
    return { request: { runId, exchanged }, putBack };
  }
}
