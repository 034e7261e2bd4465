import type { Clock } from '../../foundation/clock.ts';
import type { TerminalOutput } from '../terminal/terminal-output.ts';

/** Fast enough for a person with a probe in the other hand, ms. */
const redrawMs = 100;
const help = 'Small letters switch lamps, capitals pull straps or feed; 0 all off, q ends.';
/** Takes away what is left of a longer line, and of more lines. */
const endOfLine = '\u001b[K';
const endOfScreen = '\u001b[J';

/** A text on the terminal that stays in its place and follows what it shows. */
export class LinesScreen implements Disposable {
  readonly #output: TerminalOutput;
  readonly #clock: Clock;
  readonly #text: () => string;
  #drawn: readonly string[] = [];
  #cancel: (() => void) | null = null;

  constructor(output: TerminalOutput, clock: Clock, text: () => string) {
    this.#output = output;
    this.#clock = clock;
    this.#text = text;
    this.#follow();
  }

  draw(): void {
    const lines = this.#fitting();
    if (lines.join('\n') === this.#drawn.join('\n')) return;
    const up = this.#drawn.length === 0 ? '' : `\u001b[${this.#drawn.length}A\r`;
    this.#output.err(up + lines.map((line) => `${line}${endOfLine}\n`).join('') + endOfScreen);
    this.#drawn = lines;
  }

  [Symbol.dispose](): void {
    this.#cancel?.();
  }

  #follow(): void {
    this.draw();
    this.#cancel = this.#clock.after(redrawMs, () => this.#follow());
  }

  /** As many lines as the terminal shows at once: one that has left the screen cannot be drawn over. */
  #fitting(): readonly string[] {
    const lines = [...this.#text().trimEnd().split('\n'), help];
    const width = (this.#output.errColumns ?? Infinity) - 1;
    const room = Math.max(2, (this.#output.errRows ?? Infinity) - 1);
    const hidden = lines.length - room + 1;
    const shown =
      lines.length <= room ? lines : [...lines.slice(0, room - 1), `and ${hidden} more; choose a nest with --nest`];
    return shown.map((line) => line.slice(0, width));
  }
}
