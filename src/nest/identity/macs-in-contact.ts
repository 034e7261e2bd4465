import type { Clock } from '../../foundation/clock.ts';

/** A pass and the same MAC on another nest within this, ms: too soon for a hand that moves a module. */
const tooSoonMs = 3_000;

interface Contact {
  readonly mac: string;
  /** When it was identified, monotonic ms. */
  readonly sinceMs: number;
  /** When it was last heard; for ever, as long as the sensor does not say that the module has gone. */
  heardMs: number;
  /** It is known to be a duplicate. */
  shared: boolean;
}

/**
 * Which module each nest is in contact with. Two nests have two modules when each was heard after the other was
 * identified: one that was taken out of a run and put into another nest is heard only there.
 */
export class MacsInContact {
  readonly #clock: Clock;
  readonly #contacts = new Map<number, Contact>();
  /** Of each nest, the module that passed last. */
  readonly #passes = new Map<number, { readonly mac: string; readonly atMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A module was identified. @param stays a sensor says when it goes, so that its silence means nothing */
  meet(nest: number, mac: string, stays: boolean): void {
    const nowMs = this.#clock.monotonic();
    this.#contacts.set(nest, { mac, sinceMs: nowMs, heardMs: stays ? Infinity : nowMs, shared: false });
  }

  /** The module of the nest has answered. */
  hear(nest: number): void {
    const contact = this.#contacts.get(nest);
    if (contact !== undefined) contact.heardMs = Math.max(contact.heardMs, this.#clock.monotonic());
  }

  /** The module has passed. */
  pass(nest: number, mac: string): void {
    this.#passes.set(nest, { mac, atMs: this.#clock.monotonic() });
  }

  /** The module may be gone. */
  leave(nest: number): void {
    this.#contacts.delete(nest);
  }

  /**
   * The nests that have a module with one MAC at this moment, this one among them, each pair only once; none when the
   * MAC of its module is in this nest alone.
   */
  takeShared(nest: number): readonly number[] {
    const own = this.#contacts.get(nest);
    if (own === undefined) return [];
    const all = [...this.#contacts].filter(([, other]) => other === own || isTwo(own, other));
    if (all.length === 1 || all.every(([, { shared }]) => shared)) return [];
    for (const [, contact] of all) contact.shared = true;
    return all.map(([number]) => number).sort((one, other) => one - other);
  }

  /** Another nest on which a module with the MAC of this one has passed a moment ago; null: there is none. */
  passedElsewhere(nest: number): number | null {
    const own = this.#contacts.get(nest);
    const found = [...this.#passes].find(
      ([number, { mac, atMs }]) => number !== nest && mac === own?.mac && own.sinceMs - atMs < tooSoonMs,
    );
    return found?.[0] ?? null;
  }
}

function isTwo(one: Contact, other: Contact): boolean {
  return one.mac === other.mac && one.heardMs >= other.sinceMs && other.heardMs >= one.sinceMs;
}
