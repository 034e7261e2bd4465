import type { Clock } from '../../src/foundation/clock.ts';

/** True is "asserted": 0 V on the pin of the adapter. */
export interface ModemLines {
  readonly dtr: boolean;
  readonly rts: boolean;
}

export interface BoardOptions {
  /** transistors: each line acts only while the other is released. direct: RTS is RST, DTR is GPIO0. */
  readonly circuit: 'transistors' | 'direct';
  /** From the end of the reset to the moment in which the chip sees it: the capacitor at its reset pin. */
  readonly riseMs?: number;
  /** How the adapter carries out a change of both lines. */
  readonly adapter?: 'both at once' | 'RTS first' | 'DTR first';
}

/** What a board with auto-reset makes of its modem lines, after protocol reference §1.5; the chip latches GPIO0. */
export class AutoResetBoard implements Disposable {
  /** Level of GPIO0 at each end of a reset: low is flash mode. */
  readonly starts: ('low' | 'high')[] = [];
  onReset: () => void = () => undefined;
  onStart: (gpio0: 'low' | 'high') => void = () => undefined;
  readonly #clock: Clock;
  readonly #options: Required<BoardOptions>;
  #lines: ModemLines = { dtr: false, rts: false };
  #inReset = false;
  #cancelRise: (() => void) | null = null;

  constructor(clock: Clock, options: BoardOptions) {
    this.#clock = clock;
    this.#options = { riseMs: 0, adapter: 'both at once', ...options };
  }

  get lines(): ModemLines {
    return this.#lines;
  }

  get gpio0(): 'low' | 'high' {
    const { dtr, rts } = this.#lines;
    return dtr && (this.#options.circuit === 'direct' || !rts) ? 'low' : 'high';
  }

  set(lines: ModemLines): void {
    const { adapter } = this.#options;
    if (adapter === 'RTS first') this.#settle({ dtr: this.#lines.dtr, rts: lines.rts });
    if (adapter === 'DTR first') this.#settle({ dtr: lines.dtr, rts: this.#lines.rts });
    this.#settle(lines);
  }

  /** A reset that has not ended yet no longer does. */
  [Symbol.dispose](): void {
    this.#cancelRise?.();
  }

  #settle(lines: ModemLines): void {
    this.#lines = lines;
    const { circuit, riseMs } = this.#options;
    const pulledLow = lines.rts && (circuit === 'direct' || !lines.dtr);
    if (pulledLow) {
      this.#cancelRise?.();
      this.#cancelRise = null;
      if (!this.#inReset) this.onReset();
      this.#inReset = true;
    } else if (this.#inReset && this.#cancelRise === null) {
      if (riseMs === 0) this.#start();
      else this.#cancelRise = this.#clock.after(riseMs, () => this.#start());
    }
  }

  #start(): void {
    this.#cancelRise = null;
    this.#inReset = false;
    const level = this.gpio0;
    this.starts.push(level);
    this.onStart(level);
  }
}
