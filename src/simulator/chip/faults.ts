import { ByteFaults } from '../uart/byte-faults.ts';
import type { Misbehaviour, ReplyTo } from './misbehaviour.ts';

type Of<Kind extends Misbehaviour['kind']> = Extract<Misbehaviour, { kind: Kind }>;

/**
 * A damaged request can pass for another one, and what it has spoiled shows later: a BEGIN with a wrong size at the END.
 * So many must have been understood since.
 */
const EXCUSED_REQUESTS = 8;

/** What becomes of one reply. */
export interface ReplyFate {
  readonly swallowed: boolean;
  readonly delayMs: number;
  readonly brownOut: boolean;
  readonly extraDelimiter: boolean;
  /** Copies that follow, and the pause before each, ms. */
  readonly late: readonly { readonly copies: number; readonly pauseMs: number }[];
}

const undisturbed: ReplyFate = { swallowed: false, delayMs: 0, brownOut: false, extraDelimiter: false, late: [] };

/** The misbehaviour of one chip and the counters that go with it. */
export class Faults {
  readonly received = new ByteFaults('received');
  readonly sent = new ByteFaults('sent');
  #list: Misbehaviour[] = [];
  /** How often each counted fault has been asked about since the chip has it. */
  readonly #counts = new Map<Misbehaviour, number>();
  /** Damage that the host cannot be blamed for, as of the last request that was understood, and how many were since. */
  #damageSeen = 0;
  #understood = EXCUSED_REQUESTS;
  #damageAtReset = 0;
  #refusedBlocks = 0;
  #dataBlocksSinceReset = 0;
  #died = false;

  constructor(list: readonly Misbehaviour[]) {
    for (const fault of list) this.add(fault);
  }

  add(fault: Misbehaviour): void {
    this.#list.push(fault);
    this.received.add(fault);
    this.sent.add(fault);
    if (fault.kind === 'dieAfterDataBlocks') this.#dataBlocksSinceReset = 0;
  }

  /** What it did wrong in this way is over. */
  remove(kind: Misbehaviour['kind']): void {
    this.#list = this.#list.filter((fault) => fault.kind !== kind);
    this.received.remove(kind);
    this.sent.remove(kind);
  }

  get flashAbsent(): boolean {
    return this.#has('flashAbsent');
  }

  get flashStuckLow(): boolean {
    return this.#has('flashStuckLow');
  }

  get writeProtected(): boolean {
    return this.#has('writeProtected');
  }

  get silent(): boolean {
    return this.#has('silent');
  }

  get deaf(): boolean {
    return this.silent || this.#has('deafRx');
  }

  get resetIgnored(): boolean {
    return this.#has('resetIgnored');
  }

  get loaderStartFails(): boolean {
    return this.#has('loaderStartFails');
  }

  get stuckBits(): readonly Of<'stuckBit'>[] {
    return this.#all('stuckBit');
  }

  get busyAtPowerUpMs(): number {
    return Math.max(0, ...this.#all('busyAtPowerUp').map(({ ms }) => ms));
  }

  get latencyMs(): number {
    return Math.max(0, ...this.#all('replyLatency').map(({ ms }) => ms));
  }

  /** Something of what the host has sent was changed on its way and may still show. */
  get hostIsExcused(): boolean {
    return this.#damage !== this.#damageSeen || this.#understood < EXCUSED_REQUESTS;
  }

  /** Nothing was changed since the last reset: what was uploaded is what the host has sent. */
  get uploadIsHosts(): boolean {
    return this.#damage === this.#damageAtReset;
  }

  /** A request was understood. */
  understood(): void {
    this.#understood = this.#damage === this.#damageSeen ? this.#understood + 1 : 0;
    this.#damageSeen = this.#damage;
  }

  /** A reset begins: counts that last from reset to reset start again. */
  reset(): void {
    this.received.reset();
    this.sent.reset();
    this.#damageSeen = this.#damage;
    this.#understood = EXCUSED_REQUESTS;
    this.#damageAtReset = this.#damage;
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

  /** Called once a reply. */
  replyTo(op: number): ReplyFate {
    if (this.#list.length === 0) return undisturbed;
    const isNow = (fault: Of<'swallowAck' | 'delayReply' | 'brownOutAtReply'>): boolean =>
      concerns(fault, op) && this.#isNow(fault);
    return {
      swallowed: this.#all('swallowAck').filter(isNow).length > 0,
      delayMs: this.#all('delayReply')
        .filter(isNow)
        .reduce((sum, { ms }) => sum + ms, 0),
      brownOut: this.#all('brownOutAtReply').filter(isNow).length > 0,
      extraDelimiter: this.#has('extraDelimiter'),
      late: this.#all('lateReplies').filter((fault) => concerns(fault, op)),
    };
  }

  /** Called once an erase: whether the supply dips in it. */
  brownsOutAtErase(): boolean {
    return this.#all('brownOutAtErase').filter((fault) => this.#isNow(fault)).length > 0;
  }

  /** Called once a frame of flash data: why this one is refused, or null. */
  refusalOfBlock(): 'checksum' | 'inflate' | null {
    const refused = this.#all('badBlock').filter((fault) => this.#isNow(fault))[0];
    if (refused === undefined) return null;
    this.#refusedBlocks++;
    return refused.error ?? 'checksum';
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

  /** The divider that the chip really sets when it means to set this one, which gives `baud`. */
  divider(baud: number, divider: number): number {
    // A divider rounds the rate that was meant, by up to 2 %.
    const fails = this.#all('baudChangeFails').some((fault) => baud > fault.aboveBaud * 1.03);
    return fails ? Math.max(1, Math.round(divider * 0.85)) : divider;
  }

  /** The divider that the auto-baud sets when it has measured this one; null: it hears nothing any more. */
  trained(hostBaud: number, divider: number): number | null {
    if (this.#all('autoBaudDeaf').some(({ aboveBaud }) => hostBaud > aboveBaud)) return null;
    const off = this.#all('autoBaudOff').find(({ aboveBaud }) => hostBaud > aboveBaud);
    return off === undefined ? divider : Math.round(divider * (1 + off.percent / 100));
  }

  get #damage(): number {
    return this.received.damaged + this.#refusedBlocks;
  }

  #isNow(fault: Misbehaviour & { readonly nth: number; readonly repeats?: boolean }): boolean {
    const count = (this.#counts.get(fault) ?? 0) + 1;
    this.#counts.set(fault, count);
    return count === fault.nth || (fault.repeats === true && count > fault.nth);
  }

  #has(kind: Misbehaviour['kind']): boolean {
    return this.#list.some((fault) => fault.kind === kind);
  }

  #all<Kind extends Misbehaviour['kind']>(kind: Kind): readonly Of<Kind>[] {
    return this.#list.filter((fault): fault is Of<Kind> => fault.kind === kind);
  }
}

function concerns(fault: { readonly op: ReplyTo }, op: number): boolean {
  return fault.op === 'any' || fault.op === op;
}
