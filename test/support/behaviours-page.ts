import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { behaviourBullets, notCovered } from './behaviour-bullets.ts';

export interface BehaviourTest {
  readonly bullet: string;
  readonly says: string;
  /** From the root of the project. */
  readonly file: string;
}

/** The calls of `behaviour` in the tests below `root`. @throws Error for a call whose words are no plain strings */
export function behaviourTests(root: string): readonly BehaviourTest[] {
  const names = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.test.ts')).map((name) => `test/${name}`);
  return files.toSorted().flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const calls = [...text.matchAll(/\bbehaviour\(\s*/g)];
    const plain = [...text.matchAll(/\bbehaviour\(\s*'([^'\\]+)',\s*'([^'\\]+)',/g)];
    if (calls.length !== plain.length) throw new Error(`${file} has a behaviour whose words are no plain strings.`);
    return plain.map(([, bullet = '', says = '']) => ({ bullet, says, file }));
  });
}

/** `docs/behaviours.md`. */
export function behavioursPage(tests: readonly BehaviourTest[]): string {
  const sections = behaviourBullets.map((bullet) => {
    const rows = tests.filter((each) => each.bullet === bullet);
    const reason = notCovered[bullet];
    const lines =
      rows.length > 0
        ? rows.map(({ says, file }) => `- [${file}](../${file}): \`${bullet}: ${says}\``)
        : [`- Without a test: ${reason ?? 'nobody has written one.'}`];
    return `### ${bullet}\n\n${lines.join('\n')}\n`;
  });
  const covered = behaviourBullets.filter((bullet) => tests.some((each) => each.bullet === bullet));
  return `${intro(covered.length)}\n${sections.join('\n')}`;
}

function intro(covered: number): string {
  return `# Behaviours

What a station on a line meets sooner or later, and the tests that say what jigd does then. Made from the tests by
\`UPDATE_DOCS=1 npx vitest run test/documents.test.ts\`; do not edit. ${covered} of ${behaviourBullets.length} have tests.

Most of them run on the whole station in virtual time: the daemon, its lines, a ledger on disk and modules at real speed.
There every green lamp is compared, in the moment in which it is lit, with the ledger and with the flash of the module. To
run one: \`npx vitest run FILE -t 'NAME'\`.
`;
}
