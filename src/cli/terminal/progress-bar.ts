import type { TerminalOutput } from './terminal-output.ts';

const labelColumns = 9;
const percentColumns = 5;
const widestBar = 60;

/** One line such as `write     ██████░░░░  60 %`, never wider than the terminal. @param share 0 … 1 */
export function progressText(label: string, share: number, columns: number): string {
  const bar = Math.max(0, Math.min(widestBar, columns - labelColumns - percentColumns - 3));
  const filled = Math.round(bar * share);
  const percent = `${Math.floor(share * 100)} %`.padStart(percentColumns);
  return `${label.padEnd(labelColumns)} ${'█'.repeat(filled)}${'░'.repeat(bar - filled)} ${percent}`;
}

/** Shows how far a run is: one moving line on a terminal, one plain line for each phase elsewhere. */
export class ProgressBar {
  readonly #output: TerminalOutput;
  readonly #moving: boolean;
  #label = '';
  #shown = '';

  constructor(output: TerminalOutput) {
    this.#output = output;
    this.#moving = output.errColumns !== null;
  }

  phase(label: string): void {
    this.#label = label;
    if (this.#moving) this.#draw(label.padEnd(labelColumns));
    else this.#output.err(`${label}\n`);
  }

  /** @param share 0 … 1 */
  share(share: number): void {
    const columns = this.#output.errColumns;
    if (this.#moving && columns !== null) this.#draw(progressText(this.#label, share, columns));
  }

  /** A line of its own, above the moving one. */
  line(text: string): void {
    this.clear();
    this.#output.err(`${text}\n`);
  }

  /** Takes the moving line away. */
  clear(): void {
    if (this.#shown !== '') this.#output.err(`\r${' '.repeat(this.#shown.length)}\r`);
    this.#shown = '';
  }

  #draw(text: string): void {
    if (text === this.#shown) return;
    this.#output.err(`\r${text.padEnd(this.#shown.length)}`);
    this.#shown = text;
  }
}
