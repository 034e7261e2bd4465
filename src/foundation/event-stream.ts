/** One typed stream of events outwards. A listener that throws never stops the others. */
export class EventStream<Event> {
  // One entry a subscription: the same function may be subscribed more than once.
  readonly #subscriptions = new Set<{ readonly listener: (event: Event) => void }>();
  readonly #onError: (error: unknown) => void;

  /** @param onError is told of every error that a listener throws */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  subscribe(listener: (event: Event) => void): Disposable {
    const subscription = { listener };
    this.#subscriptions.add(subscription);
    return {
      [Symbol.dispose]: () => {
        this.#subscriptions.delete(subscription);
      },
    };
  }

  publish(event: Event): void {
    for (const subscription of [...this.#subscriptions]) {
      if (!this.#subscriptions.has(subscription)) continue;
      try {
        subscription.listener(event);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
