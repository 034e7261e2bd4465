import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { faultTable } from '../src/foundation/faults.ts';
import { behaviourBullets, notCovered } from './support/behaviour-bullets.ts';
import { behavioursPage, behaviourTests } from './support/behaviours-page.ts';
import { faultsPage } from './support/faults-page.ts';
import { lampTable, lampTimesTable, soundTable, withTable } from './support/lamp-table.ts';

const root = resolve(import.meta.dirname, '..');

describe('docs/faults.md', () => {
  const file = join(root, 'docs/faults.md');

  // `UPDATE_DOCS=1 npx vitest run test/documents.test.ts` writes the page after a change of the table.
  test('is what the table of faults says', () => {
    const page = faultsPage();
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, page);
    expect(readFileSync(file, 'utf8')).toBe(page);
  });

  test('has one section for each code', () => {
    const sections = [...readFileSync(file, 'utf8').matchAll(/^### (\w+) /gm)].map(([, code]) => code ?? '');
    expect(sections.toSorted()).toEqual(Object.keys(faultTable).toSorted());
  });
});

describe('docs/behaviours.md', () => {
  const file = join(root, 'docs/behaviours.md');
  const tests = behaviourTests(root);

  // `UPDATE_DOCS=1 npx vitest run test/documents.test.ts` writes it, too.
  test('is what the tests say', () => {
    const page = behavioursPage(tests);
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, page);
    expect(readFileSync(file, 'utf8')).toBe(page);
  });

  test('has a test for each behaviour, or the reason why there is none, and not both', () => {
    const tested = new Set(tests.map(({ bullet }) => bullet));
    const wanted = behaviourBullets.filter((bullet) => notCovered[bullet] === undefined);
    expect([...tested].toSorted()).toEqual(wanted.toSorted());
  });
});

// `UPDATE_DOCS=1 npx vitest run test/documents.test.ts` writes these, too.
describe('the tables of lamps and sounds are what the patterns say', () => {
  test.for([
    { page: 'README.md', name: 'lamps', content: lampTable() },
    { page: 'docs/wiring.md', name: 'lamp times', content: lampTimesTable() },
    { page: 'docs/wiring.md', name: 'sounds', content: soundTable() },
  ])('$name in $page', ({ page, name, content }) => {
    const file = join(root, page);
    const text = withTable(readFileSync(file, 'utf8'), name, content);
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, text);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });
});

describe('the documents', () => {
  const pages = markdownIn('docs').concat('README.md', 'CHANGELOG.md');

  test.for(pages.map((page) => ({ page })))('$page points only at files that are there', ({ page }) => {
    const text = readFileSync(join(root, page), 'utf8');
    const targets = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target]) => target ?? '');
    const missing = targets
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(join(root, dirname(page), target)));
    expect(missing).toEqual([]);
  });

  test('number each decision once', () => {
    const numbers = readdirSync(join(root, 'docs/decisions'))
      .map((name) => /^\d{4}/.exec(name)?.[0])
      .filter((number) => number !== undefined);
    expect(numbers.length).toBeGreaterThan(0);
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});

function markdownIn(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}
