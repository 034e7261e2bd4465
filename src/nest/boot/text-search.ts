/** Looks for one pattern in a text that grows; what was found first counts, whatever comes later. */
export class TextSearch {
  readonly #pattern: RegExp;
  /** Where the text begins that is searched. */
  #from: number;
  #match: RegExpExecArray | null = null;

  constructor(pattern: RegExp, from: number) {
    this.#pattern = pattern;
    this.#from = from;
  }

  get match(): RegExpExecArray | null {
    return this.#match;
  }

  look(text: string): void {
    this.#match ??= this.#pattern.exec(text.slice(this.#from));
  }

  /** So many characters were taken away from the beginning of the text. */
  dropped(count: number): void {
    this.#from = Math.max(0, this.#from - count);
  }
}
