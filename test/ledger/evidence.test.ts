import { randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeEvidence, encodeEvidence, evidenceBytesAtMost } from '../../src/ledger/evidence/evidence-content.ts';
import { evidenceKept } from '../../src/ledger/evidence/evidence-rows.ts';
import { LedgerReader } from '../../src/ledger/ledger-reader.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { openLedgerFile } from '../../src/ledger/file/open-ledger-file.ts';
import type { LedgerFile } from '../../src/ledger/file/open-ledger-file.ts';
import type { RunEvidence } from '../../src/nest/evidence/run-evidence.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { failed, finishedAt, identity, opening, passed, temporaryFolder } from './runs.ts';

const clock = new VirtualClock();
const evidence: RunEvidence = {
  schema: 'jigd.evidence/1',
  code: 'V01',
  detail: 'The digest differs.',
  phase: 'verify',
  totalMs: 18_466.2,
  identity,
  phases: [{ phase: 'connect', atMs: 0, ms: 210.4 }],
  discardedBytes: 12,
  sentBytes: 400_000,
  heardBytes: 900,
  texts: [
    {
      atMs: 106.4,
      baud: 74_880,
      bytes: 49,
      start: ' ets Jan  8 2013,rst cause:2, boot mode:(1,7)\r\n\u00ff\u0000',
      end: '',
    },
  ],
  frames: [{ atMs: 120, direction: 'sent', command: 'SYNC', status: null, bytes: 46, head: 'c00008' }],
  changes: [
    { atMs: 0, kind: 'rate', baud: 74_880 },
    { atMs: 1, kind: 'line', line: 'rst', active: true },
  ],
  digestsExpected: [{ address: 0, md5: 'aa'.repeat(16) }],
  digestsActual: [{ address: 0, md5: 'ab'.repeat(16) }],
  cut: null,
};
const bad = failed({ evidence });

/** The noise of a wire, which no compression makes smaller. */
const noise = (bytes: number): string => randomBytes(bytes).toString('latin1');

describe('the content', () => {
  const text = fc.record({
    atMs: fc.nat(),
    baud: fc.nat(),
    bytes: fc.nat(),
    start: fc.string({ unit: 'binary' }),
    end: fc.string({ unit: 'binary' }),
  });
  const frame = fc.record({
    atMs: fc.nat().map((tenths) => tenths / 10),
    direction: fc.constantFrom('sent', 'heard'),
    command: fc.option(fc.string()),
    status: fc.option(fc.string()),
    bytes: fc.nat(),
    head: fc.string(),
  });

  test('comes back as it was', () => {
    fc.assert(
      fc.property(fc.array(text), fc.array(frame), fc.string(), (texts, frames, detail) => {
        const whole = { ...evidence, texts, frames, detail };
        expect(decodeEvidence(encodeEvidence(whole))).toEqual(whole);
      }),
    );
  });

  test.for([
    { name: 'one text', texts: 1, bytes: 400_000 },
    { name: 'many texts', texts: 400, bytes: 2_000 },
    { name: 'texts without end', texts: 4_000, bytes: 60 },
  ])('that is too much is cut and says so: $name', ({ texts: count, bytes }) => {
    const texts = Array.from({ length: count }, (_, at) => ({
      atMs: at,
      baud: 1,
      bytes,
      start: noise(bytes),
      end: '',
    }));
    const content = encodeEvidence({ ...evidence, texts });
    expect(content.length).toBeLessThanOrEqual(evidenceBytesAtMost);
    expect(decodeEvidence(content)).toMatchObject({
      code: 'V01',
      identity,
      cut: expect.stringMatching(/too much/) as string,
    });
  });

  test('with a sentence and digests without end is cut to what fits', () => {
    const digests = Array.from({ length: 10_000 }, (_, address) => ({ address, md5: noise(32) }));
    const content = encodeEvidence({ ...evidence, detail: noise(200_000), digestsExpected: digests });
    expect(content.length).toBeLessThanOrEqual(evidenceBytesAtMost);
    expect(decodeEvidence(content)).toMatchObject({ code: 'V01', cut: expect.stringMatching(/digests/) as string });
  });

  test.for([
    { name: 'nothing', content: Buffer.alloc(0) },
    { name: 'noise', content: randomBytes(500) },
    { name: 'half of it', content: encodeEvidence(evidence).subarray(0, 100) },
    { name: 'another kind', content: deflateSync('{"schema":"jigd.evidence/9"}') },
    { name: 'no object', content: deflateSync('null') },
    { name: 'a bomb', content: deflateSync(Buffer.alloc(80 * 1024 * 1024)) },
  ])('that is $name cannot be read, and harms nobody', ({ content }) => {
    expect(decodeEvidence(content)).toBeNull();
  });
});

describe('in the ledger', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let file: LedgerFile;
  let ledger: Ledger;

  beforeEach(async () => {
    folder = temporaryFolder();
    file = await openLedgerFile(folder.file('ledger.sqlite'), clock);
    ledger = new Ledger(file, clock);
  });

  afterEach(() => {
    ledger.close();
    folder[Symbol.dispose]();
  });

  function close(runId: string, report = bad): ReturnType<Ledger['closeRun']> {
    ledger.openRun(opening(runId));
    return ledger.closeRun(runId, report, { finishedAt });
  }

  const rows = (): unknown => file.connection.prepare('SELECT count(*) FROM evidence').pluck().get();

  test('it is kept of a run that did not pass, and is in no published record', async () => {
    const result = close('bad');
    close('good', passed());
    expect(ledger.figures.evidenceOf('bad')).toEqual(evidence);
    expect([ledger.figures.evidenceOf('good'), ledger.figures.evidenceOf('unheard of')]).toEqual([null, null]);
    expect(Object.keys(result)).not.toContain('evidence');
    expect(
      ledger
        .pendingOutbox(0, 9)
        .map(({ payload }) => payload)
        .join(),
    ).not.toContain('evidence');
    const reader = await LedgerReader.open(folder.file('ledger.sqlite'));
    expect(reader.evidenceOf('bad')).toEqual(evidence);
    reader.close();
  });

  test('only that of the newest runs is kept, and every record stays', () => {
    close('oldest');
    file.connection.pragma('foreign_keys = OFF');
    const add = file.connection.prepare('INSERT INTO evidence VALUES (?, ?, ?)');
    const positions = Array.from({ length: evidenceKept - 1 }, (_, at) => at + 2);
    file.connection.transaction(() => positions.forEach((at) => add.run(`r${at}`, at, Buffer.alloc(1))))();
    expect([rows(), ledger.figures.evidenceOf('oldest')]).toEqual([evidenceKept, evidence]);
    file.connection.prepare("UPDATE runs SET position = ? WHERE run_id = 'oldest'").run(evidenceKept);
    close('newest');
    expect([rows(), ledger.figures.evidenceOf('oldest')]).toEqual([evidenceKept, null]);
    expect(ledger.figures.evidenceOf('newest')).toEqual(evidence);
    expect(ledger.runs().map(({ run_id }) => run_id)).toEqual(['newest', 'oldest']);
    close('good', passed());
    expect(rows()).toBe(evidenceKept);
  });

  test('a table that refuses it costs no result', () => {
    file.connection.exec("CREATE TRIGGER no BEFORE INSERT ON evidence BEGIN SELECT raise(ABORT, 'no'); END");
    expect(close('bad')).toMatchObject({ seq: 1, outcome: 'FAIL', code: 'V01' });
    expect(ledger.figures.evidenceOf('bad')).toBeNull();
    expect([ledger.runs().length, ledger.pendingOutbox(0, 9).length, ledger.lastSeq()]).toEqual([1, 1, 1]);
  });

  test('a disk that is too full for it still takes the result', () => {
    const pages = file.connection.pragma('page_count', { simple: true }) as number;
    file.connection.pragma(`max_page_count = ${pages + 2}`);
    const texts = [{ atMs: 0, baud: 1, bytes: 40_000, start: noise(40_000), end: '' }];
    expect(close('bad', failed({ evidence: { ...evidence, texts } }))).toMatchObject({
      seq: 1,
      outcome: 'FAIL',
      code: 'V01',
    });
    expect(ledger.figures.evidenceOf('bad')).toBeNull();
    file.connection.pragma('max_page_count = 100000');
    close('next');
    expect(ledger.figures.evidenceOf('next')).toEqual(evidence);
  });

  test('what cannot be put into words costs no result', () => {
    const totalMs = 1n as unknown as number;
    expect(close('bad', failed({ evidence: { ...evidence, totalMs } }))).toMatchObject({
      seq: 1,
      code: 'V01',
    });
    expect(ledger.figures.evidenceOf('bad')).toBeNull();
  });

  test('a run that is saved late as S01 keeps it, with the code that it had', () => {
    ledger.openRun(opening('late'));
    file.connection.pragma('query_only = ON');
    expect(() => ledger.closeRun('late', bad, { finishedAt })).toThrow(/S01/);
    file.connection.pragma('query_only = OFF');
    expect(ledger.closeUnsaved()).toMatchObject([{ run_id: 'late', outcome: 'ERROR', code: 'S01' }]);
    expect(ledger.figures.evidenceOf('late')).toMatchObject({ code: 'V01', frames: evidence.frames });
  });

  test('there is none of a run that was found open, nor of a refused one', () => {
    ledger.openRun(opening('open'));
    ledger.openRun(opening('done'));
    ledger.refuseRun('done', { code: 'D05', detail: 'It has passed before.', identity, finishedAt });
    expect(ledger.closeInterrupted()).toMatchObject([{ run_id: 'open', code: 'S05' }]);
    expect([ledger.figures.evidenceOf('open'), ledger.figures.evidenceOf('done'), rows()]).toEqual([null, null, 0]);
  });
});
