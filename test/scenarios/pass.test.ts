import { expect, test } from 'vitest';
import { runsCommand } from '../../src/cli/runs.ts';
import { builtinImage } from '../../src/firmware/builtin-images.ts';
import { openForReading } from '../../src/ledger/file/database.ts';
import { LedgerReader } from '../../src/ledger/ledger-reader.ts';
import { resultKeys } from '../../src/ledger/runs/run-row.ts';
import type { RunResult } from '../../src/nest/run/run-result.ts';
import type { SimulatedChip } from '../../src/simulator/chip/chip.ts';
import { bootImage, lit, secondImage, StationBench } from '../support/station-bench.ts';

/** What `jigd runs --json` prints, the first run first. */
async function listed(ledger: string): Promise<RunResult[]> {
  let text = '';
  const command = runsCommand((part) => void (text += part));
  await command.parseAsync(['--ledger', ledger, '--json'], { from: 'user' });
  const lines = text.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as RunResult).toReversed();
}

/** The bytes in which the flash differs from an image. */
function differences(chip: SimulatedChip, address: number, image: Uint8Array): number[] {
  const held = chip.flash.read(address, image.length);
  return [...held.keys()].filter((index) => held[index] !== image[index]);
}

test('green means recorded: the row is in the file when the lamp goes green', async () => {
  await using bench = await StationBench.open();
  // Not as a command opens it: that would keep to the moment of its first question.
  const reader = new LedgerReader(await openForReading(bench.ledgerPath));
  const atGreen: RunResult[][] = [];
  using watch = bench.nest().onLamp((lamp, on) => {
    if (lamp === 'pass' && on) atGreen.push(reader.runs());
  });
  bench.insert();
  const first = await bench.run();
  bench.insert();
  const second = await bench.run();
  watch[Symbol.dispose]();
  reader.close();
  expect(atGreen).toEqual([[first], [second, first]]);
  expect(lit(bench.nest())).toEqual(['pass']);
});

test('four nests pressed at once pass, and ledger, consumer and flash agree', async () => {
  await using bench = await StationBench.open({ nests: 4 });
  const nests = [1, 2, 3, 4];
  const chips = nests.map((nest) => bench.insert({}, nest));
  const results = await Promise.all(nests.map((nest) => bench.run(nest)));
  const received = await bench.received(4);

  expect(results.map(({ nest, outcome, code }) => ({ nest, outcome, code }))).toEqual(
    nests.map((nest) => ({ nest, outcome: 'PASS', code: null })),
  );
  expect(received.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  expect(await listed(bench.ledgerPath)).toEqual(received);
  for (const each of received) expect(Object.keys(each)).toEqual(resultKeys);
  expect(received.toSorted((a, b) => (a.nest ?? 0) - (b.nest ?? 0))).toEqual(results);

  for (const result of results) {
    expect(result.digest_expected).toMatch(/^0x00000=[0-9a-f]{32} 0x20000=[0-9a-f]{32} 0x3fc000=[0-9a-f]{32}$/);
    expect(result.digest_actual).toBe(result.digest_expected);
    expect(result).toMatchObject({ pass: 1, attempt: 1, simulated: 1, job: 'bench-job', release: '1.2' });
  }
  for (const chip of chips) {
    expect(differences(chip, 0, bootImage)).toEqual([2, 3]);
    expect([...chip.flash.read(2, 2)]).toEqual([3, 0x4f]);
    expect(differences(chip, 0x20000, secondImage)).toEqual([]);
    expect(differences(chip, 0x3fc000, builtinImage('init-data'))).toEqual([]);
    await expect.poll(() => chip.state).toBe('application');
  }
  expect(bench.outputs()).toEqual({ rst: 'high', gpio0: 'high', lit: ['pass'] });
});
