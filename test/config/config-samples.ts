import { ConfigError } from '../../src/config/config-error.ts';
import type { ConfigProblem } from '../../src/config/config-error.ts';

/** The smallest station file; each test puts something wrong into it. */
export const smallStation = `station: { id: s1 }
nests:
  - id: 1
    serial: { path: /dev/ttyS0 }
    lines:
      gpio0: 5
      rst: 6
      button: 4
      pass: 17
      fail: 27
      busy: 22
`;

/** The smallest job file. */
export const smallJob = `name: j1
chip: esp8266
flash: { size: 4MB }
images:
  - { file: fw.bin, at: 0 }
`;

/** The problems that reading a text ends in. @throws what is no ConfigError, and an Error when there is no problem */
export function problemsOf(read: () => unknown): readonly ConfigProblem[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('The text was accepted.');
}

/** Problems as `line:column key: message`. */
export function shortly(problems: readonly ConfigProblem[]): readonly string[] {
  return problems.map(({ line, column, key, message }) => `${line}:${column} ${key}: ${message}`);
}
