/** One thing that is wrong in a file, and where: line and column count from 1. */
export interface ConfigProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Path of the key, as in `nests[0].lines.pass`; empty for the file as a whole. */
  readonly key: string;
  /** What was expected, one plain sentence. */
  readonly message: string;
}

/** A station or job file that cannot be used, with everything that was found wrong in one reading. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'CONFIG_INVALID';
  readonly problems: readonly ConfigProblem[];

  /** @param problems at least one */
  constructor(problems: readonly ConfigProblem[], options?: ErrorOptions) {
    super(problems.map(problemText).join('\n'), options);
    this.problems = problems;
  }
}

function problemText({ file, line, column, key, message }: ConfigProblem): string {
  return `${file}:${line}:${column}: ${key === '' ? '' : `${key}: `}${message}`;
}
