import { END, ESCAPE } from './wire.ts';

/** In what the three receivers differ; protocol reference §2.1. */
export interface SlipRules {
  /** What a second delimiter right behind the first does. */
  readonly emptyFrame: 'stay-inside' | 'deliver' | 'leave';
  readonly badEscape: 'keep-byte' | 'drop-byte' | 'drop-frame';
  readonly limitBytes: number;
  readonly overlong: 'cut' | 'deliver' | 'drop-frame';
}

export const romSlip: SlipRules = {
  emptyFrame: 'stay-inside',
  badEscape: 'keep-byte',
  limitBytes: 0x2000,
  overlong: 'cut',
};

export const generation1Slip: SlipRules = {
  emptyFrame: 'deliver',
  badEscape: 'drop-byte',
  limitBytes: 0x4000 + 64,
  overlong: 'deliver',
};

export const generation2Slip: SlipRules = {
  emptyFrame: 'leave',
  badEscape: 'drop-frame',
  limitBytes: 8 + 0x4000 + 0xff,
  overlong: 'drop-frame',
};

/** Takes frames out of a stream of bytes. */
export class SlipReceiver {
  readonly #rules: SlipRules;
  readonly #buffer: Uint8Array;
  #length = 0;
  #inside = false;
  #escape = false;

  constructor(rules: SlipRules) {
    this.#rules = rules;
    this.#buffer = new Uint8Array(rules.limitBytes);
  }

  /** @returns the frame that this byte completes, a copy */
  push(byte: number): Uint8Array | undefined {
    if (byte === END) return this.#delimiter();
    if (!this.#inside) return undefined;
    if (this.#escape) return this.#escaped(byte);
    if (byte === ESCAPE) {
      this.#escape = true;
      return undefined;
    }
    return this.#store(byte);
  }

  #delimiter(): Uint8Array | undefined {
    this.#escape = false;
    if (!this.#inside) {
      this.#open();
      return undefined;
    }
    if (this.#length > 0 || this.#rules.emptyFrame === 'deliver') return this.#close();
    this.#inside = this.#rules.emptyFrame === 'stay-inside';
    return undefined;
  }

  #escaped(byte: number): Uint8Array | undefined {
    this.#escape = false;
    if (byte === 0xdc) return this.#store(END);
    if (byte === 0xdd) return this.#store(ESCAPE);
    if (this.#rules.badEscape === 'keep-byte') return this.#store(byte);
    if (this.#rules.badEscape === 'drop-frame') this.#inside = false;
    return undefined;
  }

  #store(byte: number): Uint8Array | undefined {
    if (this.#length < this.#buffer.length) {
      this.#buffer[this.#length++] = byte;
      return undefined;
    }
    if (this.#rules.overlong === 'deliver') return this.#close();
    if (this.#rules.overlong === 'drop-frame') this.#inside = false;
    return undefined;
  }

  #open(): void {
    this.#inside = true;
    this.#length = 0;
  }

  #close(): Uint8Array {
    this.#inside = false;
    return this.#buffer.slice(0, this.#length);
  }
}
