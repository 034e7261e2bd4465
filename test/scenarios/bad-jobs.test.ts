import { renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { faultKind } from '../../src/foundation/faults.ts';
import type { FaultCode } from '../../src/foundation/faults.ts';
import { alternates, bootImage, lit, secondImage, StationBench, usualJob } from '../support/station-bench.ts';

type File = (name: string) => string;

/** Presses, and expects a refusal that touches nothing. @returns the detail that the consumer was told */
async function isRefused(bench: StationBench, code: FaultCode, count = 1): Promise<string> {
  const moved: string[] = [];
  const watches = (['rst', 'gpio0'] as const).map((line) =>
    bench
      .nest()
      .wire(line)
      .onChange((level) => moved.push(`${line} ${level}`)),
  );
  const blocked = bench.next('nestState', ({ state }) => state.state === 'blocked');
  await bench.press();
  expect((await blocked).state).toMatchObject({ code, runId: null });
  const told = await bench.told('blocked-start', count);
  const { name } = faultKind(code);
  expect(told.at(-1)).toMatchObject({ kind: 'blocked-start', station: 'bench', nest: 1, code, code_name: name });
  expect(new Set(await alternates(bench.nest()))).toEqual(new Set(['fail', 'busy']));
  for (const watch of watches) watch[Symbol.dispose]();
  expect(moved).toEqual([]);
  return String(told.at(-1)?.['detail']);
}

async function passes(bench: StationBench): Promise<void> {
  expect(await bench.run()).toMatchObject({ outcome: 'PASS', seq: 1 });
  expect(lit(bench.nest())).toEqual(['pass']);
}

interface BadJob {
  readonly name: string;
  readonly code: FaultCode;
  readonly says: RegExp;
  readonly spoil: (file: File) => void;
  readonly repair: (file: File) => void;
}

const jobWith = (from: string, to: string) => (file: File) => {
  if (!usualJob.includes(from)) throw new Error(`The usual job has no "${from}".`);
  writeFileSync(file('job.yaml'), usualJob.replace(from, to));
};
const usual = (file: File): void => writeFileSync(file('job.yaml'), usualJob);

test.concurrent.for<BadJob>([
  {
    name: 'a missing image',
    code: 'J02',
    says: /second\.bin.*no such file/,
    spoil: (file) => rmSync(file('second.bin')),
    repair: (file) => writeFileSync(file('second.bin'), secondImage),
  },
  {
    name: 'a truncated image',
    code: 'J04',
    says: /boot\.bin/,
    spoil: (file) => writeFileSync(file('boot.bin'), bootImage.subarray(0, 40_000)),
    repair: (file) => writeFileSync(file('boot.bin'), bootImage),
  },
  {
    name: 'something else at 0',
    code: 'J04',
    says: /boot\.bin/,
    spoil: (file) => writeFileSync(file('boot.bin'), Buffer.from('<html>404 not found</html>'.repeat(100))),
    repair: (file) => writeFileSync(file('boot.bin'), bootImage),
  },
  {
    name: 'images that overlap',
    code: 'J05',
    says: /second\.bin .* overlaps boot\.bin/,
    spoil: jobWith('0x20000', '0x8000'),
    repair: usual,
  },
  {
    name: 'an image past the end of the flash',
    code: 'J05',
    says: /second\.bin .* does not fit a flash of 4096 KB/,
    spoil: jobWith('0x20000', '0x3ff000'),
    repair: usual,
  },
  {
    name: 'a job file that is gone',
    code: 'J01',
    says: /job\.yaml cannot be read/,
    spoil: (file) => rmSync(file('job.yaml')),
    repair: usual,
  },
  {
    name: 'a job file that is no job',
    code: 'J01',
    says: /job\.yaml:4:7: chip/,
    spoil: jobWith('esp8266', 'esp99'),
    repair: usual,
  },
])(
  'a job with $name refuses the start as $code, and works once it is repaired',
  async ({ code, says, spoil, repair }) => {
    await using bench = await StationBench.open({ arrange: spoil });
    const chip = bench.insert();
    expect(bench.station.job).toBeNull();
    expect(await isRefused(bench, code)).toMatch(says);
    expect(bench.station.ledger.runs()).toEqual([]);
    expect(chip.flash.erased).toEqual([]);
    repair(bench.file);
    await passes(bench);
    await bench.consumer.until(() => bench.consumer.on('jigd/bench/job').at(-1)?.['job'] === 'bench-job');
  },
);

test.concurrent(
  'an image that is replaced between two presses is never flashed: J03 until it is put back',
  async () => {
    await using bench = await StationBench.open();
    bench.insert();
    await passes(bench);
    renameSync(bench.file('second.bin'), bench.file('kept.bin'));
    writeFileSync(bench.file('second.bin'), secondImage.toReversed());
    expect(await isRefused(bench, 'J03')).toMatch(/second\.bin has been changed/);
    rmSync(bench.file('second.bin'));
    expect(await isRefused(bench, 'J02', 2)).toMatch(/second\.bin/);
    renameSync(bench.file('kept.bin'), bench.file('second.bin'));
    bench.insert();
    expect(await bench.run()).toMatchObject({ outcome: 'PASS', seq: 2 });
  },
);

test.concurrent('an image that was only touched is the same image', async () => {
  await using bench = await StationBench.open();
  bench.insert();
  utimesSync(bench.file('second.bin'), 1_000_000_000, 1_000_000_000);
  await passes(bench);
});

test.concurrent('a job that is not approved is not flashed', async () => {
  await using bench = await StationBench.open({ setup: () => ({ approved: [`sha256:${'0'.repeat(64)}`] }) });
  bench.insert();
  expect(await isRefused(bench, 'J03')).toMatch(
    /bench-job has the hash sha256:[0-9a-f]{64}, which is not in "approved"/,
  );
  expect(bench.station.ledger.runs()).toEqual([]);
});
