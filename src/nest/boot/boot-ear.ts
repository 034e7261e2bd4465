import { listen } from '../../bootloader/listen.ts';
import type { Clock } from '../../foundation/clock.ts';
import { within } from '../../foundation/deadline.ts';
import { StationError } from '../../foundation/faults.ts';
import type { SerialLink } from '../../serial/serial-link.ts';
import type { ApplicationText } from './application-text.ts';
import { settleMs } from './boot-times.ts';

const sendSlackMs = 2_000;
// After a stall of the host its timers come first: what has arrived meanwhile is read before a line counts as ended.
const stallMs = 20;

/** Listens to an application, and ends the check as soon as its text shows a fault. */
export class BootEar {
  readonly text: ApplicationText;
  /** When the last byte came; before the first, when the listening began. */
  lastHeardMs: number;
  readonly #link: SerialLink;
  readonly #clock: Clock;

  constructor(link: SerialLink, clock: Clock, text: ApplicationText) {
    this.#link = link;
    this.#clock = clock;
    this.text = text;
    this.lastHeardMs = clock.monotonic();
  }

  /**
   * Listens until something is true of the text, which it may be already, or the time is over. A line that has begun
   * and does not go on is judged as it is.
   *
   * @returns whether it is true
   * @throws StationError B03, B05, B06, B08, C06 that the text shows; S04; the signal's reason
   */
  async until(isSo: () => boolean, limitMs: number, signal: AbortSignal): Promise<boolean> {
    const isOver = (): boolean => this.text.fault !== null || isSo();
    const end = this.#clock.monotonic() + Math.max(1, limitMs);
    while (!isOver()) {
      const nowMs = this.#clock.monotonic();
      const leftMs = end - nowMs;
      if (leftMs <= 0) {
        // A module that never ends its line has no more time than any other.
        this.text.settle();
        break;
      }
      const pauseMs = this.#settledAtMs - nowMs;
      if (pauseMs > 0) await this.#hear(Math.min(leftMs, pauseMs), isOver, signal);
      else if (!(await this.#hear(Math.min(leftMs, stallMs), isOver, signal))) this.text.settle();
    }
    const { fault } = this.text;
    if (fault !== null) throw fault;
    return isSo();
  }

  /** When the line that has begun counts as it is; without such a line, never. */
  get #settledAtMs(): number {
    return this.text.hasTail ? this.lastHeardMs + settleMs(this.#link.baud) : Infinity;
  }

  /** @returns whether something came that changes what is waited for */
  #hear(limitMs: number, isOver: () => boolean, signal: AbortSignal): Promise<boolean> {
    return listen(this.#link, this.#clock, limitMs, signal, (bytes) => {
      this.lastHeardMs = this.#clock.monotonic();
      this.text.add(bytes);
      // How long a line that has begun may pause is counted from its last byte.
      return isOver() || this.text.hasTail;
    });
  }

  /** Until nothing has come for a while, in any case until the limit. @throws as `until` */
  async untilQuiet(quietMs: number, limitMs: number, signal: AbortSignal): Promise<void> {
    const start = this.#clock.monotonic();
    const end = start + limitMs;
    for (;;) {
      const nowMs = this.#clock.monotonic();
      const leftMs = Math.min(quietMs - (nowMs - Math.max(start, this.lastHeardMs)), end - nowMs);
      if (leftMs <= 0) return;
      const before = this.lastHeardMs;
      await this.until(() => this.lastHeardMs !== before, leftMs, signal);
    }
  }

  /**
   * @returns how long what was said still takes on the line at most, ms
   * @throws StationError S04 when the port does not take it in time; the signal's reason
   */
  async say(text: string, signal: AbortSignal): Promise<number> {
    const bytes = new TextEncoder().encode(text);
    const lineMs = (bytes.length * 10_000) / this.#link.baud;
    const limitMs = Math.ceil(sendSlackMs + 2 * lineMs);
    const stuck = (): Error =>
      new StationError('S04', `Port ${this.#link.path} did not send a line within ${limitMs} ms.`);
    await within(this.#clock, limitMs, stuck, signal, (own) => this.#link.write(bytes, own));
    return lineMs;
  }
}
