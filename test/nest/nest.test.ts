import { describe, expect, test } from 'vitest';
import { StationError } from '../../src/foundation/faults.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import type { SimulatedChip } from '../../src/simulator/chip/chip.ts';
import { job, NestBench } from '../support/nest-bench.ts';

const flashIsEmpty = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0xff);
const holds = (chip: SimulatedChip): boolean =>
  job.regionsFor(0).every(({ address, data }) => Buffer.compare(chip.flash.read(address, data.length), data) === 0);

test('ready from the start, and nothing moves before a press', async () => {
  await using bench = await NestBench.open();
  bench.insert();
  bench.nest.start();
  expect([bench.lit(), bench.levels(), bench.story]).toEqual([
    ['ready'],
    ['high', 'high'],
    ['ready lit', 'told ready'],
  ]);
});

test('promises 1 and 4: the row is committed before a line moves, before an erase, and before green', async () => {
  await using bench = await NestBench.open();
  const chip = bench.insert();
  bench.nest.start();
  bench.nest.press();
  await bench.until('shown');
  const { story } = bench;
  const first = (what: string): number => {
    expect(story).toContain(what);
    return story.indexOf(what);
  };
  // The busy lamp answers the finger and does not wait for the disk.
  expect(first('busy lit')).toBeLessThan(first('row opened'));
  expect(first('row opened')).toBeLessThan(first('rst low'));
  expect(first('row opened')).toBeLessThan(first('gpio0 low'));
  expect(first('row opened')).toBeLessThan(first('told runStarted'));
  expect(first('row writing')).toBeLessThan(first('row closed'));
  for (const told of ['pass lit', 'told passed', 'told runResult']) {
    expect(first('row closed')).toBeLessThan(first(told));
  }
  expect(story.filter((entry) => entry.startsWith('row'))).toEqual(['row opened', 'row writing', 'row closed']);
  expect([bench.lit(), bench.levels(), holds(chip)]).toEqual([['pass'], ['high', 'high'], true]);
  expect(bench.events.at(-1)).toMatchObject({
    kind: 'runResult',
    result: { run_id: 'run 1', outcome: 'PASS', nest: 1 },
  });
});

test('the next press takes the green away at once', async () => {
  await using bench = await NestBench.open();
  bench.insert();
  bench.nest.start();
  bench.nest.press();
  await bench.until('shown');
  bench.nest.press();
  expect(bench.lit()).toEqual(['busy']);
  expect(bench.nest.state).toMatchObject({ name: 'running', runId: 'run 2' });
});

test('a bad module is red with its code', async () => {
  await using bench = await NestBench.open();
  bench.insert({ misbehave: [{ kind: 'stuckBit', address: 56, bit: 4 }] });
  bench.nest.start();
  bench.nest.press();
  await bench.until('shown');
  expect(bench.lit()).toEqual(['fail']);
  expect(bench.events.at(-1)).toMatchObject({ kind: 'runResult', result: { outcome: 'FAIL', code: 'V01', dirty: 1 } });
  expect(bench.events.at(-2)).toMatchObject({ kind: 'nestState', state: { state: 'failed', code: 'V01' } });
});

describe('promise 1: a ledger that refuses a commit', () => {
  test('at the end leaves no green on a good module, and says that the result is not saved', async () => {
    await using bench = await NestBench.open();
    const chip = bench.insert();
    bench.refusing.add('closeRun');
    bench.nest.start();
    bench.nest.press();
    await bench.until('shown');
    expect(holds(chip)).toBe(true);
    expect(bench.nest.state).toMatchObject({ outcome: 'ERROR', fault: { code: 'S01' } });
    expect(bench.notices()).toEqual(['result-not-saved S01']);
    expect(bench.story).not.toContain('pass lit');
    expect(bench.events.map(({ kind }) => kind)).not.toContain('runResult');
    expect(bench.lit()).toEqual(['fail']);
  });

  test('before the first erase ends the run, and the flash is as it was', async () => {
    await using bench = await NestBench.open();
    const chip = bench.insert();
    bench.refusing.add('markWriting');
    bench.nest.start();
    bench.nest.press();
    await bench.until('shown');
    expect(bench.reports).toEqual([expect.objectContaining({ outcome: 'ERROR', code: 'S01', dirty: false })]);
    expect(flashIsEmpty(chip.flash.read(0, 4_096))).toBe(true);
    expect([bench.story.includes('pass lit'), bench.levels()]).toEqual([false, ['high', 'high']]);
  });

  test('before the start keeps the lines still, and the next press tries again', async () => {
    await using bench = await NestBench.open();
    bench.insert();
    bench.refusing.add('openRun');
    bench.nest.start();
    bench.nest.press();
    expect(bench.nest.state).toMatchObject({ name: 'shown', outcome: 'ERROR', fault: { code: 'S01' } });
    await systemClock.sleep(50);
    expect(bench.story.filter((entry) => /^(rst|gpio0|row)/.test(entry))).toEqual([]);
    expect(bench.notices()).toEqual(['result-not-saved S01']);
    bench.refusing.clear();
    bench.nest.press();
    await bench.until('shown');
    expect(bench.lit()).toEqual(['pass']);
  });
});

test('promise 5: a press while running is ignored with three flashes and a notice', async () => {
  await using bench = await NestBench.open();
  // Without a module the run goes on for longer than the flashes.
  bench.nest.start();
  bench.nest.press();
  const before = bench.story.length;
  bench.nest.press();
  expect(bench.nest.state).toMatchObject({ name: 'running', runId: 'run 1' });
  expect(bench.notices()).toEqual(['press-ignored O03']);
  await systemClock.sleep(450);
  expect(bench.nest.state).toMatchObject({ name: 'running', runId: 'run 1' });
  const flashes = bench.story.slice(before).filter((entry) => entry === 'busy dark');
  expect(flashes).toHaveLength(3);
  await bench.until('shown');
  expect(bench.lit()).toEqual(['fail']);
  expect(bench.story.filter((entry) => entry === 'row opened')).toHaveLength(1);
});

describe('a start that the job refuses', () => {
  const changed = new StationError('J03', 'fw.bin has been changed since the job was loaded.');

  test.for([
    {
      name: 'at once',
      currentJob: () => {
        throw changed;
      },
    },
    { name: 'after it was loaded', currentJob: () => Promise.reject(changed) },
  ])('$name makes no row and moves no line', async ({ currentJob }) => {
    await using bench = await NestBench.open({ currentJob });
    bench.insert();
    bench.nest.start();
    bench.nest.press();
    await bench.until('refused');
    await systemClock.sleep(50);
    expect(bench.story.filter((entry) => /^(rst|gpio0|row)/.test(entry))).toEqual([]);
    expect(bench.notices()).toEqual(['blocked-start J03']);
    expect(bench.events.at(-2)).toMatchObject({ state: { state: 'blocked', code: 'J03', runId: null } });
    expect(bench.lit()).toEqual(['fail']);
  });

  test('does not stand in the way of the next press', async () => {
    let refused = true;
    const currentJob = () => {
      if (refused) throw changed;
      return job;
    };
    await using bench = await NestBench.open({ currentJob });
    bench.insert();
    bench.nest.start();
    bench.nest.press();
    refused = false;
    bench.nest.press();
    await bench.until('shown');
    expect(bench.lit()).toEqual(['pass']);
  });
});

describe('a stop', () => {
  const reason = new StationError('O01', 'The station was stopped.');

  test.for(['connect', 'write'] as const)(
    'in the phase %s is recorded as aborted, and releases the lines',
    async (phase) => {
      await using bench = await NestBench.open();
      bench.insert({ speed: 'real' });
      bench.nest.start();
      bench.nest.press();
      while (bench.nest.state.name !== 'running' || bench.nest.state.phase !== phase) await systemClock.sleep(5);
      await bench.nest.stop(reason);
      expect(bench.reports).toEqual([
        expect.objectContaining({ outcome: 'ABORTED', code: 'O01', detail: reason.detail, phase }),
      ]);
      expect(bench.nest.state).toMatchObject({ name: 'shown', outcome: 'ABORTED' });
      expect(bench.story).not.toContain('pass lit');
      expect(bench.levels()).toEqual(['high', 'high']);
    },
  );

  test('that a listener orders as the run begins waits for its record', async () => {
    const stops: Promise<void>[] = [];
    await using bench = await NestBench.open({
      tell: (event) => {
        if (event.kind === 'nestState' && event.state.phase === 'connect') stops.push(bench.nest.stop(reason));
      },
    });
    bench.insert();
    bench.nest.press();
    expect(stops).toHaveLength(1);
    await Promise.all(stops);
    expect(bench.nest.state).toMatchObject({ name: 'shown', outcome: 'ABORTED' });
  });

  test('without a run ends at once, and no press counts any more', async () => {
    await using bench = await NestBench.open();
    bench.insert();
    bench.nest.start();
    await bench.nest.stop(reason);
    bench.nest.press();
    await systemClock.sleep(50);
    expect([bench.nest.state.name, bench.story.at(-1)]).toEqual(['ready', 'told ready']);
  });
});
