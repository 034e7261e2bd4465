import { expect, test } from 'vitest';
import { reportCommand } from '../../src/cli/report.ts';
import type { SimulatedChip } from '../../src/simulator/chip/chip.ts';
import type { Misbehaviour } from '../../src/simulator/chip/misbehaviour.ts';
import { behaviourApplication } from '../support/behaviour-job.ts';
import { behaviourStation } from '../support/behaviour-station.ts';
import { plainFigures } from '../support/plain-figures.ts';
import { cutPowerAt, lamps, refusal, run } from '../support/station-steps.ts';
import type { VirtualStation } from '../support/virtual-station.ts';
import { figuresFromRecords } from '../support/yield-from-records.ts';
import type { PublishedRun } from '../support/yield-from-records.ts';

const macOf = (letter: string): string => `5c:cf:7f:00:00:${letter.charCodeAt(0).toString(16)}`;

/** The modules of the shift lie ready; a good one does nothing wrong. */
function load(at: VirtualStation, letter: string, ...misbehave: readonly Misbehaviour[]): SimulatedChip {
  return at.insert(1, { mac: macOf(letter), application: behaviourApplication, misbehave });
}

/** The shift of production reference §5.5, played on one nest: every line of it is a press on the button. */
async function playShift(at: VirtualStation): Promise<void> {
  const passes = async (letter: string, more: object = {}): Promise<void> => {
    expect(await run(at)).toMatchObject({ outcome: 'PASS', mac: macOf(letter), ...more });
    expect(await lamps(at)).toBe('pass');
  };
  const fails = async (code: string, more: object = {}): Promise<void> => {
    expect(await run(at)).toMatchObject({ outcome: 'FAIL', code, ...more });
  };
  load(at, 'A');
  await passes('A', { attempt: 1 });

  const b = load(at, 'B', { kind: 'silent' });
  await fails('C01', { mac: null });
  b.recover('silent');
  await passes('B', { attempt: 2, link: 'direct' });

  const c = load(at, 'C', { kind: 'stuckBit', address: 0x20100, bit: firstBitAt(0x20100) });
  await fails('V01', { mac: macOf('C'), attempt: 1 });
  c.recover('stuckBit');
  await passes('C', { attempt: 2 });

  load(at, 'D', { kind: 'flashAbsent' });
  await fails('F01', { mac: macOf('D'), attempt: 1 });
  await fails('F01', { mac: macOf('D'), attempt: 2 });

  load(at, 'E');
  await passes('E', { attempt: 1 });
  expect(await refusal(at)).toMatchObject({ kind: 'blocked-start', code: 'D05' });

  load(at, 'F', { kind: 'badBlock', nth: 1 });
  await passes('F', { attempt: 1, marginal: 1, retries: 1 });

  load(at, 'G');
  await cutPowerAt(at, 'write');
  await at.start();
  expect(at.station.ledger.runs()[0]).toMatchObject({ outcome: 'ABORTED', code: 'S05', dirty: 1, mac: macOf('G') });
  await passes('G', { attempt: 1 });

  load(at, 'H');
  await at.station.actions.perform({ verb: 'next-run', nest: 1, mode: 'golden' }, 'eve');
  await passes('H', { mode: 'golden', attempt: null });
}

const expected = {
  units: 7,
  fpy: '4/7',
  finalYield: '6/7',
  good: 6,
  runYield: '6/10',
  retest: '3/7',
  ntf: '2/3',
  dutOnlyFpy: '4/6',
  marginal: '1/6',
  inferred: '1/7',
  errors: 0,
  aborted: 1,
  paretoByUnits: 'C01=1 F01=1 V01=1',
  paretoByRuns: 'F01=2 C01=1 V01=1',
};

test('the worked example as a shift of real runs: its own figures, a stranger and jigd report agree', async () => {
  await using at = await behaviourStation();
  await playShift(at);
  const { ledger } = at.station;
  const published = ledger.pendingOutbox(0, 99).map(({ payload }) => JSON.parse(payload) as PublishedRun);
  expect(plainFigures(ledger.figures)).toMatchObject(expected);
  expect(figuresFromRecords(published)).toEqual(plainFigures(ledger.figures));
  expect(published.map(({ outcome, code }) => code ?? outcome)).toEqual(
    'PASS C01 PASS V01 PASS F01 F01 PASS PASS S05 PASS PASS'.split(' '),
  );
  let text = '';
  const report = reportCommand((part) => void (text += part), at.clock);
  await report.exitOverride().parseAsync(['--ledger', at.ledgerPath, '--json'], { from: 'user' });
  expect(JSON.parse(text)).toMatchObject({
    runs: 11,
    units: 7,
    fpy: { part: 4, whole: 7 },
    final_yield: { part: 6, whole: 7 },
    good: 6,
    run_yield: { part: 6, whole: 10 },
    retest: { part: 3, whole: 7 },
    ntf: { part: 2, whole: 3 },
    dut_only_fpy: { part: 4, whole: 6 },
    marginal: { part: 1, whole: 6 },
    inferred: { part: 1, whole: 7 },
    errors: 0,
    aborted: 1,
  });
});

/** A bit that the image needs as 1. */
function firstBitAt(address: number): number {
  const { data } = behaviourApplication.regions.find((region) => region.address === 0x20000) ?? { data: [] };
  const byte = data[address - 0x20000] ?? 0;
  return [0, 1, 2, 3, 4, 5, 6, 7].find((bit) => (byte & (1 << bit)) !== 0) ?? 0;
}
