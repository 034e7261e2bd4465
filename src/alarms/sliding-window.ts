/** The last values of a series, with what is needed of them. */
export class SlidingWindow {
  readonly #size: number;
  readonly #values: number[] = [];
  #sum = 0;

  /** @param size how many values stay */
  constructor(size: number) {
    this.#size = size;
  }

  get length(): number {
    return this.#values.length;
  }

  /** Of the values that are kept, which are whole numbers: their sum is exact. */
  get sum(): number {
    return this.#sum;
  }

  /** The first one first. */
  get values(): readonly number[] {
    return this.#values;
  }

  /** @param value a whole number */
  push(value: number): void {
    this.#values.push(value);
    this.#sum += value;
    if (this.#values.length > this.#size) this.#sum -= this.#values.shift() ?? 0;
  }

  clear(): void {
    this.#values.length = 0;
    this.#sum = 0;
  }
}
