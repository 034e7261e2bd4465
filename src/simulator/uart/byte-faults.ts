import type { ByteDamage, Direction, Misbehaviour } from '../chip/misbehaviour.ts';
import { SeededRandom } from '../seeded-random.ts';

interface Damage {
  readonly what: ByteDamage;
  /** The bits that turn over. */
  readonly bits: number;
}

/** Decides about one byte; undefined: it passes as it is. */
type Rule = () => Damage | undefined;

const kinds: readonly ByteDamage[] = ['corrupt', 'drop', 'duplicate'];
const USUAL_BIT = 0x04;

/** What the wire does to the bytes of one direction. */
export class ByteFaults {
  readonly #direction: Direction;
  #rules: { readonly kind: Misbehaviour['kind']; readonly rule: Rule }[] = [];
  /** Bytes since the last reset. */
  #sinceReset = 0;
  #damaged = 0;

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  /** How many bytes have been damaged so far. */
  get damaged(): number {
    return this.#damaged;
  }

  add(fault: Misbehaviour): void {
    const rule = this.#ruleOf(fault);
    if (rule === undefined) return;
    // The count begins with the fault.
    this.#sinceReset = 0;
    this.#rules.push({ kind: fault.kind, rule });
  }

  remove(kind: Misbehaviour['kind']): void {
    this.#rules = this.#rules.filter((each) => each.kind !== kind);
  }

  reset(): void {
    this.#sinceReset = 0;
  }

  /** The bytes as they arrive; the same array when nothing happens to them. */
  apply(bytes: Uint8Array): Uint8Array {
    if (this.#rules.length === 0) return bytes;
    const before = this.#damaged;
    const out: number[] = [];
    for (const byte of bytes) this.#pass(byte, out);
    return this.#damaged === before ? bytes : Uint8Array.from(out);
  }

  #pass(byte: number, out: number[]): void {
    this.#sinceReset++;
    let damage: Damage | undefined;
    for (const { rule } of this.#rules) damage = rule() ?? damage;
    if (damage !== undefined) this.#damaged++;
    if (damage?.what === 'drop') return;
    out.push(damage?.what === 'corrupt' ? byte ^ damage.bits : byte);
    if (damage?.what === 'duplicate') out.push(byte);
  }

  #ruleOf(fault: Misbehaviour): Rule | undefined {
    const received = this.#direction === 'received';
    switch (fault.kind) {
      case 'byteFault':
        return fault.direction === this.#direction ? this.#once(fault.nth, fault.what) : undefined;
      case 'corruptReceivedByte':
        return received ? this.#once(fault.nth, 'corrupt') : undefined;
      case 'corruptReceivedEvery': {
        let heard = 0;
        const damage: Damage = { what: 'corrupt', bits: USUAL_BIT };
        return received ? () => (++heard % fault.every === 0 ? damage : undefined) : undefined;
      }
      case 'randomByteFaults': {
        if ((fault.direction ?? this.#direction) !== this.#direction) return undefined;
        // Both directions have their own bytes and their own chance.
        const random = new SeededRandom(fault.seed * 2 + (received ? 1 : 0));
        return () =>
          random.happens(fault.share) ? { what: random.pick(kinds), bits: 1 << random.below(8) } : undefined;
      }
      default:
        return undefined;
    }
  }

  #once(nth: number, what: ByteDamage): Rule {
    let done = false;
    return () => {
      if (done || this.#sinceReset !== nth) return undefined;
      done = true;
      return { what, bits: USUAL_BIT };
    };
  }
}
