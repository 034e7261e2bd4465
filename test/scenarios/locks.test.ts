import { expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { RunReport } from '../../src/nest/run/outcome.ts';
import type { Nest } from '../../src/nest/nest.ts';
import { said } from '../alarms/run-traces.ts';
import { failed, opening, silent, temporaryFolder } from '../ledger/runs.ts';
import { isCleared } from '../mqtt/listener.ts';
import { benchJob, bootableImage } from '../support/bench-job.ts';
import { StationBench } from '../support/station-bench.ts';
import { runToEnd } from '../support/station-steps.ts';
import { VirtualStation } from '../support/virtual-station.ts';

const job = benchJob({ regions: [[0, bootableImage(8_000)]] });

/** What a nest shows, with the code beside it. */
function shown({ state }: Nest): string {
  if (state.name === 'blocked' || state.name === 'refused') return `${state.name} ${state.fault.code}`;
  return state.name === 'shown' ? `${state.outcome} ${state.fault?.code ?? ''}`.trim() : state.name;
}

function alarmsOf(virtual: VirtualStation): string[] {
  return said(virtual.told.flatMap(({ event }) => (event.kind === 'alarm' ? [event.alarm] : [])));
}

function refusedOf(virtual: VirtualStation): (string | null)[] {
  return virtual.told.flatMap(({ event }) => {
    if (event.kind !== 'notice' || event.notice.kind !== 'blocked-start') return [];
    return [`${event.notice.nest ?? 0} ${event.notice.code ?? ''}`];
  });
}

/** Runs of another process, up to the moment at which it was killed. */
async function leaveRuns(ledgerPath: string, runs: readonly (readonly [nest: number, report: RunReport])[]) {
  const ledger = await Ledger.open(ledgerPath, { clock: systemClock });
  const before = ledger.lastSeq();
  for (const [index, [nest, report]] of runs.entries()) {
    ledger.openRun(opening(`left-${before + index}`, { nest }));
    ledger.closeRun(`left-${before + index}`, report, { finishedAt: systemClock.now() });
  }
  ledger.close();
}

test('three failures of the contact in a row lock their nest; a press is refused; unlocked, it works again', async () => {
  await using virtual = await VirtualStation.open(2, job);
  const [one, two] = virtual.station.nests;
  if (one === undefined || two === undefined) throw new Error('Two nests are wanted.');
  virtual.nest(1).remove();
  await runToEnd(virtual, 1);
  await runToEnd(virtual, 1);
  expect([shown(one), alarmsOf(virtual)]).toEqual(['FAIL C01', []]);
  await runToEnd(virtual, 1);
  expect([shown(one), shown(two), alarmsOf(virtual)]).toEqual(['blocked S07', 'ready', ['+nest-locked-1']]);

  await runToEnd(virtual, 1);
  expect(refusedOf(virtual)).toEqual(['1 S07']);
  expect(virtual.station.ledger.runs()).toHaveLength(3);
  await runToEnd(virtual, 2);
  expect(shown(two)).toBe('PASS');

  expect(virtual.station.alarms.locks.unlock(1, 'badge-7')).toBe(true);
  // Not the red of before: somebody was at the nest.
  expect(shown(one)).toBe('ready');
  await runToEnd(virtual, 1);
  await runToEnd(virtual, 1);
  expect(shown(one)).toBe('FAIL C01');
  virtual.insert(1);
  await runToEnd(virtual, 1);
  expect(shown(one)).toBe('PASS');
  // Five of the last 20 runs were C01.
  expect(alarmsOf(virtual)).toEqual(['+nest-locked-1', '-nest-locked-1', '+same-code']);
});

test('four failures in a row over the nests lock the station; a run under way goes on to its end', async () => {
  await using virtual = await VirtualStation.open(3, job);
  virtual.nest(1).remove();
  virtual.nest(2).remove();
  await runToEnd(virtual, 1);
  await runToEnd(virtual, 2);
  await runToEnd(virtual, 1);
  expect(alarmsOf(virtual)).toEqual([]);
  // The third nest passes after the fourth failure.
  virtual.button(2).pull('low');
  await virtual.elapse(1_200);
  await runToEnd(virtual, 3);
  expect(alarmsOf(virtual)).toEqual(['+station-locked']);
  expect(virtual.station.ledger.runs().map(({ nest, outcome }) => [nest, outcome])).toEqual([
    [3, 'PASS'],
    [2, 'FAIL'],
    [1, 'FAIL'],
    [2, 'FAIL'],
    [1, 'FAIL'],
  ]);
  expect(virtual.station.nests.map(shown)).toEqual(['blocked S07', 'blocked S07', 'blocked S07']);
  virtual.button(2).pull(null);
  await virtual.elapse(100);
  await runToEnd(virtual, 2);
  await runToEnd(virtual, 3);
  expect(refusedOf(virtual)).toEqual(['2 S07', '3 S07']);

  virtual.station.alarms.locks.unlock('station', 'badge-7');
  // No old green either.
  expect(virtual.station.nests.map(shown)).toEqual(['ready', 'ready', 'ready']);
});

test('a code that stops the nest locks it at once, and a module that passes later does not unlock it', async () => {
  await using virtual = await VirtualStation.open(1, job);
  virtual.insert(1, { detectValue: 0x00f0_1d83 });
  await runToEnd(virtual, 1);
  expect(virtual.station.ledger.runs()).toMatchObject([{ outcome: 'FAIL', code: 'D01' }]);
  expect(virtual.station.nests.map(shown)).toEqual(['blocked S07']);
  expect(virtual.station.ledger.standing.of('lock')).toMatchObject([
    { key: '1', value: 'D01', detail: 'A run ended with D01 WRONG_CHIP, which stops the nest.' },
  ]);
  await runToEnd(virtual, 1);
  expect(refusedOf(virtual)).toEqual(['1 S07']);
});

test('a lock is there again after a restart, and so is what a killed station had not locked yet', async () => {
  using folder = temporaryFolder();
  const keep = { folder: folder.path };
  const ledgerPath = folder.file('ledger.sqlite');
  {
    await using virtual = await VirtualStation.open(2, job, keep);
    virtual.nest(1).remove();
    for (let run = 0; run < 3; run += 1) await runToEnd(virtual, 1);
    expect(virtual.station.nests.map(shown)).toEqual(['blocked S07', 'ready']);
  }
  {
    await using virtual = await VirtualStation.open(2, job, keep);
    expect(virtual.station.nests.map(shown)).toEqual(['blocked S07', 'ready']);
    await runToEnd(virtual, 1);
    expect(refusedOf(virtual)).toEqual(['1 S07']);
    virtual.station.alarms.locks.unlock(1, 'badge-7');
    await runToEnd(virtual, 2);
  }
  // Killed between the third result and its lock.
  await leaveRuns(ledgerPath, [
    [1, silent()],
    [2, failed({ code: 'B02', phase: 'boot' })],
    [1, silent()],
  ]);
  {
    await using virtual = await VirtualStation.open(2, job, keep);
    // The failures of nest 1 from before the unlocking do not count.
    expect(virtual.station.nests.map(shown)).toEqual(['ready', 'blocked S07']);
    expect(virtual.station.ledger.standing.of('lock')).toMatchObject([{ key: '2', value: 'B02', who: 'station' }]);
    virtual.station.alarms.locks.unlock(2, 'badge-7');
  }
  await leaveRuns(ledgerPath, [[1, silent()]]);
  await using virtual = await VirtualStation.open(2, job, keep);
  expect(virtual.station.nests.map(shown)).toEqual(['blocked S07', 'ready']);
});

test('a golden run is excluded from every count and from every lock, and only one run is golden', async () => {
  await using virtual = await VirtualStation.open(1, job);
  const tell = (mode: 'golden' | 'limit'): Promise<string> =>
    virtual.station.actions.perform({ verb: 'next-run', nest: 1, mode }, 'eve');
  virtual.nest(1).remove();
  for (const mode of ['golden', 'limit', 'golden', 'limit', 'golden'] as const) {
    await tell(mode);
    await runToEnd(virtual, 1);
  }
  expect(alarmsOf(virtual)).toEqual([]);
  const { ledger } = virtual.station;
  expect(ledger.runs().map(({ mode, attempt }) => [mode, attempt])).toEqual(
    ['golden', 'limit', 'golden', 'limit', 'golden'].map((mode) => [mode, null]),
  );
  expect(ledger.figures.totals()).toEqual({ passed: 0, failed: 0, errors: 0, aborted: 0, marginal: 0 });
  expect(ledger.figures.yieldOf()).toMatchObject({ units: 0, runYield: { whole: 0 } });
  virtual.insert(1);
  await tell('golden');
  await runToEnd(virtual, 1);
  await runToEnd(virtual, 1);
  // The module of the golden run was not done before.
  expect(
    ledger.runs({ limit: 2 }).map(({ mode, outcome, attempt, reflash }) => [mode, outcome, attempt, reflash]),
  ).toEqual([
    ['production', 'PASS', 1, 0],
    ['golden', 'PASS', null, 0],
  ]);
  expect(ledger.figures.totals()).toMatchObject({ passed: 1, failed: 0 });
});

test('on the broker: the lock, its event and the text in the language of the station', async () => {
  const setup = { station: { id: 'bench', line: null, language: 'zh' } } as const;
  await using bench = await StationBench.open({ setup: () => setup });
  const topic = 'jigd/bench/alarm/nest-locked-1';
  for (let run = 0; run < 3; run += 1) expect(await bench.run()).toMatchObject({ code: 'C01' });
  const { consumer } = bench;
  await consumer.until((heard) => heard.some((one) => one.topic === topic && !isCleared(one.body)));
  expect(consumer.on(topic).at(-1)).toMatchObject({
    code: 'S07',
    code_name: 'NEST_LOCKED',
    nest: 1,
    text: '夹具锁定 – 呼叫技术员',
    detail: 'There were 3 failures of the contact in a row, the last one C01.',
  });
  expect(await bench.told('alarm-raised')).toMatchObject([{ alarm: 'nest-locked-1', code: 'S07' }]);
  await consumer.until((heard) => heard.some(({ body }) => body['state'] === 'blocked' && body['code'] === 'S07'));
  expect(consumer.on('jigd/bench/nest/1/state').at(-1)).toMatchObject({
    state: 'blocked',
    text: '夹具锁定 – 呼叫技术员',
  });
  await bench.press();
  expect(await bench.told('blocked-start')).toMatchObject([{ nest: 1, code: 'S07', text: '夹具锁定 – 呼叫技术员' }]);

  bench.station.alarms.locks.unlock(1, 'badge-7');
  await consumer.until((heard) => heard.some((one) => one.topic === topic && isCleared(one.body)));
  expect(await bench.told('alarm-cleared')).toMatchObject([{ alarm: 'nest-locked-1', detail: 'Unlocked by badge-7.' }]);
  bench.insert();
  expect(await bench.run()).toMatchObject({ outcome: 'PASS' });
});
