import type { OutboxRow } from '../ledger/outbox.ts';

const batchRows = 64;

/** The rows that wait, each handed out once: read in batches above a cursor that lives as long as the process. */
export class PendingRows {
  readonly #source: { pendingOutbox(afterPosition: number, limit: number): OutboxRow[] };
  #cursor = 0;
  #ready: OutboxRow[] = [];
  #passedOver: OutboxRow[] = [];

  constructor(source: { pendingOutbox(afterPosition: number, limit: number): OutboxRow[] }) {
    this.#source = source;
  }

  /** The next row in order; null when there is none. @throws what the source throws */
  take(): OutboxRow | null {
    if (this.#ready.length === 0) {
      this.#ready = this.#source.pendingOutbox(this.#cursor, batchRows);
      this.#cursor = this.#ready.at(-1)?.position ?? this.#cursor;
    }
    return this.#ready.shift() ?? null;
  }

  /** The row was not delivered: it comes again, before those behind it. */
  giveBack(row: OutboxRow): void {
    this.#ready.push(row);
    this.#ready.sort((one, other) => one.position - other.position);
  }

  /** The row is left out until `retryPassedOver`, so that the others go on. */
  passOver(row: OutboxRow): void {
    this.#passedOver.push(row);
  }

  retryPassedOver(): void {
    this.#ready = [...this.#passedOver, ...this.#ready].toSorted((one, other) => one.position - other.position);
    this.#passedOver = [];
  }
}
