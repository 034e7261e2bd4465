import { expect, test } from 'vitest';
import { encodeEvidence, evidenceBytesAtMost } from '../../../src/ledger/evidence/evidence-content.ts';
import type { LinkChange, RunEvidence } from '../../../src/nest/evidence/run-evidence.ts';
import type { ChipOptions } from '../../../src/simulator/chip/chip-options.ts';
import type { Misbehaviour } from '../../../src/simulator/chip/misbehaviour.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import type { BenchJobOptions } from '../../support/bench-job.ts';
import { noisyBytes } from '../../support/regions.ts';
import { VirtualBench } from '../../support/virtual-bench.ts';
import type { VirtualRunOptions } from '../../support/virtual-bench.ts';

const regions = [
  [0, bootableImage(40_000)],
  [0x10000, noisyBytes(4_096, 9)],
] as const;
const application = { regions: regions.map(([address, data]) => ({ address, data })), baud: 115_200 };
const boot = {
  baud: 115_200,
  expect: /NodeMCU (\S+)/,
  version: '2.3.1',
  forbid: /rf_cal/,
  fail: null,
  dialogue: [],
  withinMs: 3_000,
};

const fault = (kind: Misbehaviour): Partial<ChipOptions> => ({ misbehave: [kind] });

async function evidenceOf(
  chip: Partial<ChipOptions> | null,
  job: Partial<BenchJobOptions> = {},
  run: VirtualRunOptions = {},
): Promise<RunEvidence> {
  const bench = new VirtualBench();
  if (chip !== null) bench.insert(chip);
  const { report } = await bench.run(benchJob({ regions, ...job }), run);
  expect(report.evidence).toMatchObject({ code: report.code, detail: report.detail, phase: report.phase });
  if (report.evidence === null) throw new Error('There is no evidence.');
  expect(encodeEvidence(report.evidence).length).toBeLessThan(evidenceBytesAtMost / 4);
  return report.evidence;
}

const textOf = ({ texts }: RunEvidence): string => texts.map(({ start, end }) => start + end).join('');
const lineOf = (change: LinkChange): string =>
  change.kind === 'rate' ? String(change.baud) : `${change.line} ${change.active ? 'low' : 'off'}`;

test('a run that passes keeps none', async () => {
  const bench = new VirtualBench();
  bench.insert();
  expect((await bench.run(benchJob({ regions }))).report).toMatchObject({ outcome: 'PASS', evidence: null });
});

test('of an empty nest: what was tried and when, and that nothing came', async () => {
  const { phases, texts, frames, changes, heardBytes, totalMs, ...rest } = await evidenceOf(null);
  expect(rest).toMatchObject({ code: 'C01', phase: 'connect', identity: {}, cut: null, digestsExpected: [] });
  expect(phases).toEqual([{ phase: 'connect', atMs: 0, ms: totalMs }]);
  expect({ texts, heardBytes }).toEqual({ texts: [], heardBytes: 0 });
  expect(frames.length).toBeGreaterThan(3);
  expect(frames.every(({ direction, command }) => direction === 'sent' && command === 'SYNC')).toBe(true);
  expect(changes.slice(0, 7).map(lineOf)).toEqual([
    '115200',
    'rst low',
    'gpio0 low',
    '74880',
    'rst off',
    'gpio0 off',
    '921600',
  ]);
  expect(changes.map(({ atMs }) => atMs)).toEqual(changes.map(({ atMs }) => atMs).sort((a, b) => a - b));
});

test('of a module that starts its firmware: the boot mode in its own words, each time', async () => {
  const evidence = await evidenceOf(fault({ kind: 'stuckGpio0', level: 'high' }));
  expect(evidence.code).toBe('C02');
  expect(evidence.texts.length).toBeGreaterThan(1);
  for (const { baud, start } of evidence.texts) {
    expect(baud).toBe(74_880);
    expect(start).toContain('boot mode:(3,7)');
  }
});

test('of a bad line: the damaged text and what does not look like frames', async () => {
  const evidence = await evidenceOf(fault({ kind: 'randomByteFaults', share: 0.25, seed: 4 }));
  expect(evidence.code).toMatch(/^C0[46]$/);
  expect(textOf(evidence)).not.toContain('boot mode:(1,7)');
  expect(evidence.heardBytes).toBeGreaterThan(50);
  expect(evidence.frames.some(({ direction, command }) => direction === 'heard' && command === null)).toBe(true);
});

test('of a module that falls silent: the block that was not answered, and that it was sought', async () => {
  const evidence = await evidenceOf(fault({ kind: 'dieAfterDataBlocks', count: 1 }));
  expect(evidence).toMatchObject({ code: 'W02', phase: 'write' });
  const names = evidence.frames.map(({ direction, command }) => `${direction} ${command}`);
  const lastBlock = names.lastIndexOf('sent FLASH_DEFL_DATA');
  expect(names.slice(0, lastBlock)).toContain('heard FLASH_DEFL_BEGIN');
  expect(names.slice(lastBlock).some((name) => name.startsWith('heard'))).toBe(false);
  expect(evidence.changes.filter((change) => lineOf(change) === 'rst low').length).toBeGreaterThan(1);
});

test('of a bad flash: both digests, and every phase of the second try', async () => {
  const { code, digestsExpected, digestsActual, phases, identity } = await evidenceOf(
    fault({ kind: 'stuckBit', address: 0x2000, bit: 3 }),
  );
  expect(code).toBe('V01');
  expect(digestsExpected.map(({ address }) => address)).toEqual([0, 0x10000]);
  expect(digestsActual[0]?.md5).not.toBe(digestsExpected[0]?.md5);
  expect(digestsActual[1]).toEqual(digestsExpected[1]);
  expect(phases.map(({ phase }) => phase)).toEqual([
    'connect',
    'identify',
    'loader',
    'write',
    'verify',
    'write',
    'verify',
  ]);
  expect(identity.flashId).toBe('ef4016');
});

test('of an application that is another one: what it said, behind the words of the ROM', async () => {
  const banner = 'hello\r\nNodeMCU 2.3.0 \r\n';
  const evidence = await evidenceOf({ application: { ...application, banner } }, { boot });
  expect(evidence).toMatchObject({ code: 'B05', phase: 'boot' });
  expect(evidence.texts.map(({ baud }) => baud)).toEqual([74_880, 74_880, 115_200]);
  expect(evidence.texts[1]?.start).toContain('boot mode:(3,7)');
  expect(evidence.texts[2]?.start).toBe(banner);
  const restart = evidence.changes.map(lineOf).lastIndexOf('74880');
  expect(evidence.changes.slice(restart, restart + 3).map(lineOf)).toEqual(['74880', 'rst low', 'rst off']);
});

test('of an application that never stops talking: how it began and how it went on', async () => {
  const line = 'no hub, trying again\r\n';
  const evidence = await evidenceOf({ application: { ...application, banner: line.repeat(1_000) } }, { boot });
  expect(evidence).toMatchObject({ code: 'B07', phase: 'boot' });
  const said = evidence.texts.at(-1);
  expect(said?.bytes).toBeGreaterThan(10_000);
  expect(said?.start.startsWith(line)).toBe(true);
  expect(said?.end).toContain(line);
});

test('of a port that has gone: what was sent before', async () => {
  const bench = new VirtualBench();
  bench.insert();
  const events = [{ at: 'write', afterMs: 20, do: () => bench.socket.unplug() }] as const;
  const { report } = await bench.run(benchJob({ regions }), { events });
  expect(report).toMatchObject({ outcome: 'ERROR', code: 'S04' });
  expect(report.evidence?.frames.at(-1)).toMatchObject({ direction: 'sent', command: 'FLASH_DEFL_DATA' });
});

test('of a run that is aborted: as much as there was', async () => {
  const bench = new VirtualBench();
  bench.insert();
  const { report } = await bench.run(benchJob({ regions }), { signal: AbortSignal.abort() });
  expect(report.evidence).toMatchObject({ code: 'O01', phase: null, frames: [], texts: [], discardedBytes: null });
});

test('no more of the firmware than the first bytes of a block', async () => {
  const { frames } = await evidenceOf(fault({ kind: 'stuckBit', address: 0x2000, bit: 3 }));
  const blocks = frames.filter(({ command }) => command === 'FLASH_DEFL_DATA');
  expect(Math.max(...blocks.map(({ bytes }) => bytes))).toBeGreaterThan(1_000);
  expect(Math.max(...blocks.map(({ head }) => head.length))).toBe(96);
});
