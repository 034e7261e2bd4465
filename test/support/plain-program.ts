import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '../..');

/**
 * Translates a program, with the folders that it uses, to plain JavaScript: started two hundred times, each start would
 * otherwise take longer than what is tested.
 * @param program its path from the root of the project
 * @returns the file to give to node
 */
export function plainProgram(program: string, folders: readonly string[], to: string): string {
  for (const from of folders) {
    const files = readdirSync(join(root, from), { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((each) => each.endsWith('.ts'))) {
      mkdirSync(dirname(join(to, from, file)), { recursive: true });
      const { outputText } = ts.transpileModule(readFileSync(join(root, from, file), 'utf8'), {
        compilerOptions: {
          module: ts.ModuleKind.ESNext,
          target: ts.ScriptTarget.ES2023,
          rewriteRelativeImportExtensions: true,
          verbatimModuleSyntax: true,
        },
      });
      writeFileSync(join(to, from, file.replace(/\.ts$/, '.js')), outputText);
    }
  }
  writeFileSync(join(to, 'package.json'), readFileSync(join(root, 'package.json')));
  symlinkSync(join(root, 'node_modules'), join(to, 'node_modules'));
  return join(to, program.replace(/\.ts$/, '.js'));
}
