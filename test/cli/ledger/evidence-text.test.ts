import { describe, expect, test } from 'vitest';
import { evidenceText } from '../../../src/cli/ledger/evidence-text.ts';
import type { RunEvidence } from '../../../src/nest/evidence/run-evidence.ts';
import type { ChipOptions } from '../../../src/simulator/chip/chip-options.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import { noisyBytes } from '../../support/regions.ts';
import { VirtualBench } from '../../support/virtual-bench.ts';

const nothing: RunEvidence = {
  schema: 'jigd.evidence/1',
  code: 'S04',
  detail: 'The port has gone.',
  phase: null,
  totalMs: 0,
  identity: {},
  phases: [],
  discardedBytes: null,
  sentBytes: 0,
  heardBytes: 0,
  texts: [],
  frames: [],
  changes: [],
  digestsExpected: [],
  digestsActual: [],
  cut: null,
};

const sync = 'c00008240000000000070712205555555555555555555555555555555555555555555555555555555555555555c0';
const full: RunEvidence = {
  ...nothing,
  code: 'V01',
  detail: 'The region at 0x0 has the digest 60ef2e77a82b465bbe8c372b6953ed46, not 80acd08c92a825215050bb413b6c995a.',
  phase: 'verify',
  totalMs: 2_900.6,
  identity: { mac: '5c:cf:7f:a4:f1:5c', chip: 'ESP8266EX', flashId: 'ef4016', flashBytes: 4_194_304 },
  phases: [
    { phase: 'connect', atMs: 0, ms: 126.1 },
    { phase: 'identify', atMs: 126.1, ms: 7 },
  ],
  discardedBytes: 3,
  sentBytes: 82_416,
  heardBytes: 882,
  texts: [
    { atMs: 106.4, baud: 74_880, bytes: 49, start: '\r\n ets Jan  8 2013,rst cause:2, boot mode:(1,7)\r\n', end: '' },
    { atMs: 300, baud: 115_200, bytes: 9_000, start: '\u0000\u00fe\\ok', end: 'last' },
  ],
  frames: [
    { atMs: 114.4, direction: 'sent', command: 'SYNC', status: null, bytes: 46, head: sync },
    { atMs: 124.9, direction: 'sent', command: 'SYNC', status: null, bytes: 46, head: sync },
    { atMs: 125.5, direction: 'heard', command: 'SYNC', status: 'c100', bytes: 3, head: 'c001c0' },
    { atMs: 126, direction: 'heard', command: null, status: null, bytes: 1, head: '41' },
    {
      atMs: 288.2,
      direction: 'sent',
      command: 'FLASH_DEFL_DATA',
      status: null,
      bytes: 16_534,
      head: 'ab'.repeat(48),
    },
  ],
  changes: [
    { atMs: 0, kind: 'rate', baud: 115_200 },
    { atMs: 0, kind: 'line', line: 'rst', active: true },
    { atMs: 100, kind: 'line', line: 'rst', active: false },
  ],
  digestsExpected: [
    { address: 0, md5: 'aa'.repeat(16) },
    { address: 0x10000, md5: 'bb'.repeat(16) },
    { address: 0x3fc000, md5: 'cc'.repeat(16) },
  ],
  digestsActual: [
    { address: 0, md5: 'ab'.repeat(16) },
    { address: 0x10000, md5: 'bb'.repeat(16) },
  ],
  cut: 'It was too much.',
};

test('everything that is kept, in its order', () => {
  expect(evidenceText(full)).toBe(`V01 in phase verify, after 2900.6 ms
The region at 0x0 has the digest 60ef2e77a82b465bbe8c372b6953ed46, not
80acd08c92a825215050bb413b6c995a.
It was too much.
Module 5c:cf:7f:a4:f1:5c, ESP8266EX, flash ef4016, 4194304 bytes.
Sent 82416 bytes, heard 882 bytes, 3 of them in no frame.

Phases
  at ms  phase     took ms
    0.0  connect     126.1
  126.1  identify      7.0

Digests
  0x000000 abababababababababababababababab
           aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa was expected
  0x010000 bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb as expected
  0x3fc000 not read
           cccccccccccccccccccccccccccccccc was expected

Lines and rates
  0.0 115200 baud, 0.0 rst low, 100.0 rst off

Text heard after a reset or a change of rate
  at 106.4 ms, 74880 baud, 49 bytes
  |
  |  ets Jan  8 2013,rst cause:2, boot mode:(1,7)
  at 300.0 ms, 115200 baud, 9000 bytes
  | \\x00\\xfe\\ok
  ... 8991 bytes that are not kept ...
  | last

Last frames, sent (>) and heard (<), bytes as on the wire
     114.4 > SYNC               46 bytes
             c0 00 08 24 00 00 00 00 00 07 07 12 20 55 55 55
             55 55 55 55 55 55 55 55 55 55 55 55 55 55 55 55
             55 55 55 55 55 55 55 55 55 55 55 55 55 c0
     124.9 > SYNC               46 bytes, as before
     125.5 < SYNC               3 bytes, status c1 00
             c0 01 c0
     126.0 < raw                1 byte
             41
     288.2 > FLASH_DEFL_DATA    16534 bytes
             ab ab ab ab ab ab ab ab ab ab ab ab ab ab ab ab
             ab ab ab ab ab ab ab ab ab ab ab ab ab ab ab ab
             ab ab ab ab ab ab ab ab ab ab ab ab ab ab ab ab ...
`);
});

test('nothing is said to be nothing', () => {
  expect(evidenceText(nothing)).toBe(`S04 before the first phase, after 0.0 ms
The port has gone.
The module was not identified.
Sent 0 bytes, heard 0 bytes.

Phases
  none

Digests
  none

Lines and rates
  none

Text heard after a reset or a change of rate
  none

Last frames, sent (>) and heard (<), bytes as on the wire
  none
`);
});

describe('80 columns are enough, and only what can be printed is', () => {
  test.for<{ name: string; chip: Partial<ChipOptions> }>([
    { name: 'a silent module', chip: { misbehave: [{ kind: 'silent' }] } },
    { name: 'a bad line', chip: { misbehave: [{ kind: 'randomByteFaults', share: 0.2, seed: 4 }] } },
    { name: 'a module that falls silent', chip: { misbehave: [{ kind: 'dieAfterDataBlocks', count: 1 }] } },
    { name: 'a bad flash', chip: { misbehave: [{ kind: 'stuckBit', address: 0x2000, bit: 3 }] } },
  ])('for $name', async ({ chip }) => {
    const bench = new VirtualBench();
    bench.insert(chip);
    const { report } = await bench.run(benchJob({ regions: [[0, bootableImage(20_000)]] }));
    if (report.evidence === null) throw new Error('There is no evidence.');
    expectPrintable(evidenceText(report.evidence));
  });

  test('for noise without end', () => {
    const noise = Buffer.from(noisyBytes(3_000, 4)).toString('latin1');
    const texts = [{ atMs: 123_456.7, baud: 4_000_000, bytes: 9_999_999, start: noise, end: noise }];
    expectPrintable(evidenceText({ ...full, texts, totalMs: 9_999_999.9 }));
  });
});

function expectPrintable(text: string): void {
  const lines = text.split('\n');
  expect(lines.length).toBeGreaterThan(20);
  expect(lines.filter((line) => line.length > 80 || !/^[ -~]*$/.test(line))).toEqual([]);
}
