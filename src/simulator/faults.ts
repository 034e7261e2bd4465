import type { Misbehaviour } from './misbehaviour.ts';

/** The misbehaviour of one chip and the counters that go with it. */
export class Faults {
  readonly flashAbsent: boolean;
  readonly writeProtected: boolean;
  readonly silent: boolean;
  readonly deaf: boolean;
  readonly loaderStartFails: boolean;
  readonly stuckBits: readonly { readonly address: number; readonly bit: number }[];
  readonly #list: readonly Misbehaviour[];
  readonly #corruptsBytes: boolean;
  readonly #replies = new Map<number, number>();
  #heard = 0;
  #heardSinceReset = 0;
  #corrupted = false;
  #dataFrames = 0;
  #dataBlocksSinceReset = 0;
  #died = false;

  constructor(list: readonly Misbehaviour[]) {
    this.#list = list;
    this.flashAbsent = this.#has('flashAbsent');
    this.writeProtected = this.#has('writeProtected');
    this.silent = this.#has('silent');
    this.deaf = this.#has('deafRx') || this.silent;
    this.loaderStartFails = this.#has('loaderStartFails');
    this.#corruptsBytes = this.#has('corruptReceivedByte') || this.#has('corruptReceivedEvery');
    this.stuckBits = this.#all('stuckBit');
  }

  /** A reset begins: counts that last from reset to reset start again. */
  reset(): void {
    this.#heardSinceReset = 0;
    this.#dataBlocksSinceReset = 0;
  }

  /** The level of GPIO0 when the station's line has this one. */
  gpio0(low: boolean): boolean {
    const stuck = this.#all('stuckGpio0')[0];
    return stuck === undefined ? low : stuck.level === 'low';
  }

  /** Noise that goes before the boot text; the same bytes every time. */
  noise(): Uint8Array {
    const bytes = this.#all('noiseAtReset').reduce((sum, fault) => sum + fault.bytes, 0);
    return Uint8Array.from({ length: bytes }, (_, index) => (index * 167 + 0x5b) & 0xff);
  }

  /** The byte that arrives when the host has sent this one. */
  hear(byte: number): number {
    if (!this.#corruptsBytes) return byte;
    this.#heard++;
    this.#heardSinceReset++;
    if (this.#all('corruptReceivedEvery').some((fault) => this.#heard % fault.every === 0)) return byte ^ 0x04;
    if (!this.#corrupted && this.#all('corruptReceivedByte').some((fault) => this.#heardSinceReset === fault.nth)) {
      this.#corrupted = true;
      return byte ^ 0x04;
    }
    return byte;
  }

  /** Called once a reply: whether this one is lost. */
  swallowsReply(op: number): boolean {
    const nth = (this.#replies.get(op) ?? 0) + 1;
    this.#replies.set(op, nth);
    return this.#all('swallowAck').some((fault) => fault.op === op && fault.nth === nth);
  }

  /** Called once a frame of flash data: whether this one is refused. */
  refusesDataBlock(): boolean {
    this.#dataFrames++;
    return this.#all('badBlock').some((fault) => fault.nth === this.#dataFrames);
  }

  /** Called once a frame of flash data that was taken: whether the module dies now. */
  diesAfterDataBlock(): boolean {
    this.#dataBlocksSinceReset++;
    const dies = this.#all('dieAfterDataBlocks').some(
      (fault) => fault.count === this.#dataBlocksSinceReset && !(fault.once === true && this.#died),
    );
    if (dies) this.#died = true;
    return dies;
  }

  /** The divider that the chip really sets when it means to set this one for `baud`. */
  divider(baud: number, divider: number): number {
    const fails = this.#all('baudChangeFails').some((fault) => baud > fault.aboveBaud);
    return fails ? Math.max(1, Math.round(divider * 0.85)) : divider;
  }

  #has(kind: Misbehaviour['kind']): boolean {
    return this.#list.some((fault) => fault.kind === kind);
  }

  #all<Kind extends Misbehaviour['kind']>(kind: Kind): readonly Extract<Misbehaviour, { kind: Kind }>[] {
    return this.#list.filter((fault): fault is Extract<Misbehaviour, { kind: Kind }> => fault.kind === kind);
  }
}
