/**
 * The numbers of the data blocks of one BEGIN. The loaders in RAM look at no number but 0; a host that repeats or skips
 * a block damages the region without any error (protocol reference §3.2, §6.6).
 */
export class BlockOrder {
  readonly #note: (violation: string) => void;
  #expected = 0;

  constructor(note: (violation: string) => void) {
    this.#note = note;
  }

  /** A block was taken. */
  take(sequence: number): void {
    if (sequence < this.#expected) this.#note(`Block ${sequence} was sent again although it had been taken.`);
    else if (sequence > this.#expected) this.#note(`Block ${sequence} was sent where ${this.#expected} was due.`);
    this.#expected = sequence + 1;
  }
}
