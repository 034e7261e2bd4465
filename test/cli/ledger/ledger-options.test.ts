import { chmodSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readMoment } from '../../../src/cli/ledger/period-options.ts';
import { macIn } from '../../../src/foundation/mac-address.ts';
import { runsCommand } from '../../../src/cli/runs.ts';
import { temporaryFolder } from '../../ledger/runs.ts';
import { readingLedger } from '../reading-ledger.ts';

const isRoot = process.getuid?.() === 0;

test.skipIf(isRoot)(
  'a ledger in a folder that may not be written to says what to do (root may write everywhere)',
  async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    await readingLedger(path);
    chmodSync(folder.path, 0o500);
    try {
      const reading = runsCommand(() => undefined).parseAsync(['--ledger', path], { from: 'user' });
      await expect(reading).rejects.toThrow(/SQLITE_READONLY_DIRECTORY\)\. Read it while the station runs/);
    } finally {
      chmodSync(folder.path, 0o700);
    }
  },
);

test('a folder in the place of the ledger is told as one', async () => {
  using folder = temporaryFolder();
  const reading = runsCommand(() => undefined).parseAsync(['--ledger', folder.path], { from: 'user' });
  await expect(reading).rejects.toThrow(`${folder.path} is a folder; name the ledger in it.`);
});

test.for([
  { what: 'overwritten', content: 'x'.repeat(8192), says: /SQLITE_NOTADB\)\. The next start of its station saves/ },
  { what: 'emptied', content: '', says: /holds nothing\. The next start of its station saves/ },
])('a ledger that is $what says what to do', async ({ content, says }) => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  writeFileSync(path, content);
  const reading = runsCommand(() => undefined).parseAsync(['--ledger', path], { from: 'user' });
  await expect(reading).rejects.toThrow(says);
});

test.for([
  { text: '5CCF7F123456', mac: '5c:cf:7f:12:34:56' },
  { text: '5c-cf-7f-12-34-56', mac: '5c:cf:7f:12:34:56' },
  { text: '5ccf.7f12.3456', mac: '5c:cf:7f:12:34:56' },
  { text: '5c:cf:7f:12:34', mac: null },
  { text: 'WO-5CCF7F12345', mac: null },
])('$text is the MAC $mac', ({ text, mac }) => {
  expect(macIn(text)).toBe(mac);
});

test.for([
  { text: '90m', moment: { kind: 'ago', ms: 5_400_000 } },
  { text: '2w', moment: { kind: 'ago', ms: 1_209_600_000 } },
  { text: '2026-11-23T06:00Z', moment: { kind: 'utc', ms: Date.UTC(2026, 10, 23, 6) } },
  { text: '2026-11-23 06:00:30', moment: { kind: 'local', day: false, wall: { hour: 6, minute: 0, second: 30 } } },
  { text: '2028-02-29', moment: { kind: 'local', day: true, wall: { year: 2028, month: 2, day: 29 } } },
])('the time $text is understood', ({ text, moment }) => {
  expect(readMoment(text)).toMatchObject(moment);
});
