import { plainProgram } from '../support/plain-program.ts';

/** Translates a program of this folder, with what it uses of the ledger. @returns the file to give to node */
export function plainChild(name: string, folder: string): string {
  return plainProgram(`test/ledger/${name}`, ['src/foundation', 'src/ledger', 'test/ledger'], folder);
}
