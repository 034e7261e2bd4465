/** Where a command writes: results to `out`, everything for the person watching to `err`. */
export interface TerminalOutput {
  out(text: string): void;
  err(text: string): void;
  /** Width of the terminal behind `err` in columns; null when it is a file or a pipe. */
  readonly errColumns: number | null;
  /** Its height in lines; left out where nothing moves. */
  readonly errRows?: number;
}

export const processOutput: TerminalOutput = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  get errColumns() {
    return process.stderr.isTTY ? process.stderr.columns : null;
  },
  get errRows() {
    return process.stderr.isTTY ? process.stderr.rows : Infinity;
  },
};
