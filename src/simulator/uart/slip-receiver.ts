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
  readonly #note: (violation: string) => void;
  readonly #buffer: Uint8Array;
  #length = 0;
  #inside = false;
  #escape = false;
  #overlong = false;

  /** @param note told of what no host may send between two delimiters */
  constructor(rules: SlipRules, note: (violation: string) => void = () => undefined) {
    this.#rules = rules;
    this.#note = note;
    this.#buffer = new Uint8Array(rules.limitBytes);
  }

  /** True between the delimiters of a frame. */
  get inside(): boolean {
    return this.#inside;
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
    if (this.#length === 0) this.#note('An empty frame was sent: there is a delimiter too many.');
    if (this.#length > 0 || this.#rules.emptyFrame === 'deliver') return this.#close();
    this.#inside = this.#rules.emptyFrame === 'stay-inside';
    return undefined;
  }

  #escaped(byte: number): Uint8Array | undefined {
    this.#escape = false;
    if (byte === 0xdc) return this.#store(END);
    if (byte === 0xdd) return this.#store(ESCAPE);
    // DB 00 is how a host finds its way out of a frame that noise has opened.
    if (byte !== 0x00) this.#note(`The escape in a frame is followed by 0x${byte.toString(16)}.`);
    if (this.#rules.badEscape === 'keep-byte') return this.#store(byte);
    if (this.#rules.badEscape === 'drop-frame') this.#inside = false;
    return undefined;
  }

  #store(byte: number): Uint8Array | undefined {
    if (this.#length < this.#buffer.length) {
      this.#buffer[this.#length++] = byte;
      return undefined;
    }
    if (!this.#overlong) this.#note(`A frame is longer than ${this.#buffer.length} bytes.`);
    this.#overlong = true;
    if (this.#rules.overlong === 'deliver') return this.#close();
    if (this.#rules.overlong === 'drop-frame') this.#inside = false;
    return undefined;
  }

  #open(): void {
    this.#inside = true;
    this.#overlong = false;
    this.#length = 0;
  }

  #close(): Uint8Array {
    this.#inside = false;
    return this.#buffer.slice(0, this.#length);
  }
}
