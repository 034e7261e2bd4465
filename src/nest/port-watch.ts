import type { Clock } from '../foundation/clock.ts';
import { StationError } from '../foundation/faults.ts';
import type { Logger } from '../foundation/logger.ts';
import type { Nest } from './nest.ts';
import type { StationEvent } from './station-event.ts';

/** From one look at a port to the next, ms. */
const lookEveryMs = 1_000;
/** A start waits no longer than this for the first look, ms. */
const firstLookMs = 500;

export interface PortWatchParts {
  readonly nest: Pick<Nest, 'number' | 'block' | 'unblock'>;
  /** Path of the serial port. */
  readonly port: string;
  /** Whether the path is there; rejects where nobody knows. */
  readonly isPortThere: (path: string) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tell: (event: StationEvent) => void;
}

/**
 * Looks every second whether the serial port of a nest is there, and takes the nest out of service while it is not
 * (S04), the nest alone. A run whose port goes ends by itself, with what its link says.
 */
export class PortWatch implements Disposable {
  readonly #parts: PortWatchParts;
  /** Wall-clock ms since when the port is missing; null: it is there. */
  #since: number | null = null;
  #cancel: (() => void) | null = null;
  #disposed = false;

  constructor(parts: PortWatchParts) {
    this.#parts = parts;
  }

  /** Looks for the first time, and from then on. Resolves after that look, or when it takes too long. */
  async start(): Promise<void> {
    const { clock } = this.#parts;
    const looked = new AbortController();
    const look = this.#look().finally(() => looked.abort());
    await Promise.race([look, clock.sleep(firstLookMs, looked.signal).catch(() => undefined)]);
  }

  /** Looks no more; an alarm that is raised stays. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#cancel?.();
    this.#cancel = null;
  }

  /** One look at a time, however long it takes: the next one is set when it has ended. */
  async #look(): Promise<void> {
    const { isPortThere, port, clock, log, nest } = this.#parts;
    try {
      const isThere = await isPortThere(port);
      if (this.#disposed) return;
      if (isThere) this.#isBack();
      else this.#isMissing();
    } catch (error) {
      log.warn({ event: 'port-not-seen', nest: nest.number, err: error });
    }
    if (this.#disposed) return;
    this.#cancel = clock.after(lookEveryMs, () => void this.#look());
  }

  #isMissing(): void {
    if (this.#since !== null) return;
    const { nest, port, clock, log } = this.#parts;
    const fault = new StationError('S04', `Port ${port} is missing.`);
    this.#since = clock.now();
    log.error({ event: 'port-missing', nest: nest.number, code: fault.code }, fault.message);
    nest.block('port-missing', fault);
    this.#alarm(true, this.#since, fault.detail);
  }

  #isBack(): void {
    if (this.#since === null) return;
    const { nest, port, log } = this.#parts;
    const since = this.#since;
    this.#since = null;
    const detail = `Port ${port} is back.`;
    log.info({ event: 'port-back', nest: nest.number }, detail);
    this.#alarm(false, since, detail);
    nest.unblock('port-missing');
  }

  #alarm(active: boolean, since: number, detail: string): void {
    const { nest, tell } = this.#parts;
    const slug = `port-missing-${nest.number}` as const;
    tell({ kind: 'alarm', alarm: { slug, active, nest: nest.number, code: 'S04', detail, since } });
  }
}
