const pieceAtMost = 1_024;
const tailAtMost = 2_048;
/** A pattern that is slow on long texts must not keep all nests waiting. */
const keptAtMost = 4_096;

/**
 * What a module prints, in lines: a line counts when it has ended, or when nothing more has come of it. Where the pieces
 * of a text end is chance, and half a version is another version.
 */
export class SettledText {
  readonly #onMore: (text: string) => void;
  readonly #onDropped: (count: number) => void;
  #text = '';
  /** The line that has not ended, byte for byte. */
  #tail = '';

  /**
   * @param onMore is called with the text whenever there is more of it
   * @param onDropped so many characters have gone from its beginning
   */
  constructor(onMore: (text: string) => void, onDropped: (count: number) => void) {
    this.#onMore = onMore;
    this.#onDropped = onDropped;
  }

  /** Without the line that has not ended. */
  get text(): string {
    return this.#text;
  }

  get hasTail(): boolean {
    return this.#tail !== '';
  }

  /** All of it, the line that has not ended too. */
  get all(): string {
    return this.#text + decoded(this.#tail);
  }

  /** @param bytes one character for each */
  add(bytes: string): void {
    for (let at = 0; at < bytes.length; at += pieceAtMost) {
      this.#tail += bytes.slice(at, at + pieceAtMost);
      const end = Math.max(this.#tail.lastIndexOf('\n'), this.#tail.lastIndexOf('\r')) + 1;
      this.#take(this.#tail.length > tailAtMost ? this.#tail.length : end);
    }
  }

  /** Nothing more has come for a while: what there is of the last line counts as it is. */
  settle(): void {
    this.#take(this.#tail.length);
  }

  #take(length: number): void {
    if (length === 0) return;
    const lines = this.#tail.slice(0, length).match(/[^\r\n]*[\r\n]*/g) ?? [];
    this.#tail = this.#tail.slice(length);
    this.#text += lines.map(decoded).join('');
    this.#onMore(this.#text);
    const dropped = Math.max(0, this.#text.length - keptAtMost);
    if (dropped === 0) return;
    this.#text = this.#text.slice(dropped);
    this.#onDropped(dropped);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A line as UTF-8 where it is that, as nearly all text is; else each byte as a character. */
function decoded(line: string): string {
  try {
    return utf8.decode(Buffer.from(line, 'latin1'));
  } catch {
    return line;
  }
}
