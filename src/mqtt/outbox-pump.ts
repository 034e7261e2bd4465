import type { Clock } from '../foundation/clock.ts';
import type { Logger } from '../foundation/logger.ts';
import type { OutboxRow } from '../ledger/outbox.ts';
import { PendingRows } from './pending-rows.ts';
import { asSent } from './replay-mark.ts';

/** The side of the ledger that the publisher uses. */
export interface OutboxSource {
  readonly epoch: string;
  lastSeq(): number;
  pendingOutbox(afterPosition: number, limit: number): OutboxRow[];
  markSent(positions: readonly number[], at: number): void;
  noteTry(position: number): void;
}

/** The connection to the broker, as the pump sees it. */
export interface OutboxWire {
  readonly connected: boolean;
  /** How many messages may be unacknowledged at once. */
  readonly window: number;
  /** The largest packet that the broker takes. */
  readonly packetBytesLimit: number;
  /** Publishes with QoS 1. `done` gets null on PUBACK, else why not; it may never be called after the end. */
  publish(topic: string, payload: string, done: (refusal: Refusal | null) => void): void;
}

export interface Refusal {
  /** Reason code 0x80 … 0xFF of the broker; null when it was not the broker that refused. */
  readonly reason: number | null;
  readonly text: string;
}

export interface PumpParts {
  readonly source: OutboxSource;
  readonly wire: OutboxWire;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Acknowledged rows are marked together: a lost mark costs a duplicate, never a result (reliability reference §1.1). */
const markEveryMs = 50;
const storageRetryMs = 1_000;
/** Refusals of a row before those behind it may overtake it. */
const triesInOrder = 5;

/** No packet with this topic and payload is larger. */
export function packetBytes(topic: string, payload: string): number {
  // Fixed header, base topic, packet id and properties need less than this.
  return Buffer.byteLength(payload) + Buffer.byteLength(topic) + 1_024;
}

/**
 * Sends the rows of the outbox in their order, a window at a time. A row is marked as sent only when the broker has
 * acknowledged it; 0x10, "nobody has subscribed", counts as that. A row is never published again while its
 * acknowledgement is open: the client repeats it by itself after a reconnect.
 */
export class OutboxPump {
  readonly #parts: PumpParts;
  readonly #rows: PendingRows;
  readonly #waiters = new Set<() => void>();
  #acknowledged: number[] = [];
  #open = 0;
  #cancelMark: (() => void) | null = null;
  #cancelPause: (() => void) | null = null;
  #stopped = false;

  constructor(parts: PumpParts) {
    this.#parts = parts;
    this.#rows = new PendingRows(parts.source);
  }

  /** Something may have become possible: a new row, a free place in the window. */
  wake(): void {
    const { wire, log } = this.#parts;
    try {
      while (!this.#stopped && this.#cancelPause === null && wire.connected && this.#open < wire.window) {
        const row = this.#rows.take();
        if (row === null) break;
        this.#send(row);
      }
    } catch (error) {
      log.error({ event: 'outbox-unreadable', err: error });
      this.#pause(storageRetryMs);
    }
  }

  /** A new connection stands: rows that had been passed over get another chance. */
  reconnected(): void {
    this.#cancelPause?.();
    this.#cancelPause = null;
    this.#rows.retryPassedOver();
    this.wake();
  }

  /** Resolves when nothing waits to be sent. @throws the signal's reason when it aborts first */
  drained(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const look = (): void => {
        if (!this.#isDrained()) return;
        leave();
        resolve();
      };
      const abort = (): void => {
        leave();
        reject(signal.reason as Error);
      };
      const leave = (): void => {
        signal.removeEventListener('abort', abort);
        this.#waiters.delete(look);
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiters.add(look);
      look();
    });
  }

  /** Sends nothing more. Acknowledgements that still come are marked. */
  stop(): void {
    this.#stopped = true;
    this.#cancelPause?.();
    this.#cancelPause = null;
  }

  /** Marks what has been acknowledged so far. */
  flush(): void {
    this.#cancelMark?.();
    this.#cancelMark = null;
    if (this.#acknowledged.length > 0) this.#mark();
    for (const look of [...this.#waiters]) look();
  }

  #send(row: OutboxRow): void {
    const { wire, clock, log } = this.#parts;
    const payload = asSent(row.payload, clock.now());
    const bytes = packetBytes(row.topic, payload);
    if (bytes > wire.packetBytesLimit) {
      // The broker would cut the connection, and the client would send it again for ever.
      log.error({ event: 'result-too-large', position: row.position, bytes, limit: wire.packetBytesLimit });
      this.#rows.passOver(row);
      return;
    }
    this.#open += 1;
    wire.publish(row.topic, payload, (refusal) => {
      this.#open -= 1;
      if (refusal === null) this.#acknowledge(row);
      else this.#refused(row, refusal);
      this.wake();
    });
  }

  #acknowledge(row: OutboxRow): void {
    this.#acknowledged.push(row.position);
    this.#cancelMark ??= this.#parts.clock.after(markEveryMs, () => {
      this.flush();
    });
  }

  #refused(row: OutboxRow, refusal: Refusal): void {
    const { source, log } = this.#parts;
    if (refusal.reason === null) {
      this.#rows.giveBack(row);
      this.#pause(storageRetryMs);
      return;
    }
    const refused = { ...row, tries: row.tries + 1 };
    log.warn({ event: 'result-refused', position: row.position, tries: refused.tries, ...refusal });
    try {
      source.noteTry(row.position);
    } catch (error) {
      log.error({ event: 'outbox-unwritable', err: error });
    }
    if (refused.tries >= triesInOrder) {
      this.#rows.passOver(refused);
      return;
    }
    this.#rows.giveBack(refused);
    this.#pause(1_000 * 2 ** row.tries);
  }

  #mark(): void {
    const { source, clock, log } = this.#parts;
    try {
      source.markSent(this.#acknowledged, clock.now());
      this.#acknowledged = [];
    } catch (error) {
      log.error({ event: 'outbox-unwritable', err: error });
      if (this.#stopped) return;
      this.#cancelMark = clock.after(storageRetryMs, () => {
        this.flush();
      });
    }
  }

  #pause(ms: number): void {
    if (this.#stopped) return;
    this.#cancelPause?.();
    this.#cancelPause = this.#parts.clock.after(ms, () => {
      this.#cancelPause = null;
      this.wake();
    });
  }

  #isDrained(): boolean {
    if (this.#open > 0 || this.#acknowledged.length > 0) return false;
    try {
      return this.#parts.source.pendingOutbox(0, 1).length === 0;
    } catch {
      return false;
    }
  }
}
