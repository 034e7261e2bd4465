/** What a nest waits for: the opening of a row, or a session; one thing leads to the next. */
export class PendingWork {
  #work: Promise<void> = Promise.resolve();
  #isPending = false;

  get isPending(): boolean {
    return this.#isPending;
  }

  /** Neither callback may throw. */
  await<T>(work: Promise<T>, ended: (result: T) => void, failed: (error: unknown) => void): void {
    this.#isPending = true;
    this.#work = work.then(
      (result) => {
        this.#isPending = false;
        ended(result);
      },
      (error: unknown) => {
        this.#isPending = false;
        failed(error);
      },
    );
  }

  /** Resolves when nothing is waited for any more. Never rejects. */
  async allEnded(): Promise<void> {
    for (let seen: Promise<void> | null = null; seen !== this.#work;) {
      // Called by a listener while a run begins, that run is to be waited for only from the next turn on.
      await Promise.resolve();
      seen = this.#work;
      await seen;
    }
  }
}
