import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '../..');

/**
 * Translates a program of this folder, with what it uses of the ledger, to plain JavaScript: started two hundred times,
 * each start would otherwise take longer than what is tested.
 * @returns the file to give to node
 */
export function plainChild(name: string, folder: string): string {
  for (const from of ['src/foundation', 'src/ledger', 'test/ledger']) {
    const files = readdirSync(join(root, from), { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((each) => each.endsWith('.ts'))) {
      mkdirSync(dirname(join(folder, from, file)), { recursive: true });
      const { outputText } = ts.transpileModule(readFileSync(join(root, from, file), 'utf8'), {
        compilerOptions: {
          module: ts.ModuleKind.ESNext,
          target: ts.ScriptTarget.ES2023,
          rewriteRelativeImportExtensions: true,
          verbatimModuleSyntax: true,
        },
      });
      writeFileSync(join(folder, from, file.replace(/\.ts$/, '.js')), outputText);
    }
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return join(folder, 'test/ledger', name);
}
