import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolder } from '../../../src/ledger/file/make-folder.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jigd-folder-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('folders are made down to the last one, and made again without harm', () => {
  const deep = join(folder, 'a', 'b', 'c');
  makeFolder(deep);
  makeFolder(deep);
  expect(existsSync(deep)).toBe(true);
});

test('a place where no folder can be made is refused at once', () => {
  expect(() => makeFolder('/proc/jigd/ledger')).toThrow(/^S01 .*cannot be created/);
  writeFileSync(join(folder, 'file'), '');
  expect(() => makeFolder(join(folder, 'file', 'below'))).toThrow(/^S01 .*cannot be created/);
});
