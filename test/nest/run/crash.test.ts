import { expect, test } from 'vitest';
import type { Nest, NestParts } from '../../../src/nest/nest.ts';
import type { ModuleSupply } from '../../../src/nest/supply/module-supply.ts';
import { alwaysFed } from '../../../src/nest/supply/module-supply.ts';
import { describeRun, job } from '../../support/nest-bench.ts';
import { VirtualNest } from '../../support/virtual-nest.ts';

/** Something that a nest needs and that throws what nobody expects, as often as it is broken. */
interface Breakable {
  broken: boolean;
}

function breaks({ broken }: Breakable): void {
  if (broken) throw new TypeError('x is not a function');
}

function supplyOf(what: Breakable, method: 'on' | 'off' | 'cut'): ModuleSupply {
  const call = (name: typeof method): void => {
    if (name === method) breaks(what);
  };
  return {
    ...alwaysFed,
    on: () => {
      call('on');
      return Promise.resolve();
    },
    off: () => call('off'),
    cut: () => call('cut'),
  };
}

type Way = readonly [string, (what: Breakable) => Partial<NestParts>];

const ways: readonly Way[] = [
  ['the number of a run cannot be made', (what) => ({ newRunId: () => (breaks(what), 'run x') })],
  ['the job cannot be compared', (what) => ({ currentJob: () => (breaks(what), job) })],
  [
    'the row cannot be described',
    (what) => ({ describeRun: (of, nest, start) => (breaks(what), describeRun(of.name, nest, start)) }),
  ],
  ['the supply throws as it goes on', (what) => ({ supply: supplyOf(what, 'on') })],
  ['the supply throws as it goes off', (what) => ({ supply: supplyOf(what, 'off') })],
];

test.for(ways)('when %s the nest shows S99, and takes the next press', async ([, broken]) => {
  const what = { broken: true };
  const bench = await VirtualNest.open(job, broken(what));
  bench.nest.start();
  bench.nest.press();
  await bench.drive(bench.nest.idle());
  expect(shown(bench.nest)).toBe('S99');
  // Every row that was opened has its end.
  expect([...bench.open]).toEqual([]);
  what.broken = false;
  bench.insert();
  bench.nest.press();
  await bench.drive(bench.nest.idle());
  expect(shown(bench.nest)).not.toBe('S99');
});

test('a link that breaks in the middle of the work ends the run as S99, with the straps released', async () => {
  const what = { broken: false };
  const bench: VirtualNest = await VirtualNest.open(job, {
    openLink: async (path, baud, signal) => {
      const link = await bench.socket.open(path, baud, signal);
      const write = link.write.bind(link);
      link.write = (...args) => {
        breaks(what);
        return write(...args);
      };
      return link;
    },
  });
  bench.insert();
  bench.onEvent = (event) => {
    if (event.kind === 'nestState' && event.state.phase === 'write') what.broken = true;
  };
  bench.nest.start();
  bench.nest.press();
  await bench.drive(bench.nest.idle());
  expect(bench.reports).toEqual([
    expect.objectContaining({ outcome: 'ERROR', code: 'S99', phase: 'write', dirty: true }),
  ]);
  const { rst, gpio0, power } = bench.socket;
  expect([rst.active, gpio0.active, power.active]).toEqual([false, false, false]);
  what.broken = false;
  bench.onEvent = () => undefined;
  bench.nest.press();
  await bench.drive(bench.nest.idle());
  expect(bench.reports.at(-1)).toMatchObject({ outcome: 'PASS' });
});

test('a result that cannot be put into words is closed as ERROR S99, never as a pass', async () => {
  const what = { broken: true };
  const saved: string[] = [];
  const bench = await VirtualNest.open(job);
  const usual = bench.recorder.closeRun.bind(bench.recorder);
  bench.recorder.closeRun = (runId, report, at) => {
    if (what.broken) {
      what.broken = false;
      throw new TypeError('Cannot read properties of undefined');
    }
    saved.push(`${report.outcome} ${report.code} ${report.dirty ? 'dirty' : 'clean'} ${report.identity.mac}`);
    return usual(runId, report, at);
  };
  bench.insert();
  bench.nest.start();
  bench.nest.press();
  await bench.drive(bench.nest.idle());
  expect(saved).toEqual(['ERROR S99 dirty 5c:cf:7f:a4:f1:5c']);
  expect([shown(bench.nest), [...bench.open]]).toEqual(['S99', []]);
});

test('a row that cannot be closed at all stays open, and the nest shows that nothing was saved', async () => {
  const bench = await VirtualNest.open(job);
  bench.recorder.closeRun = () => {
    throw new TypeError('x is not a function');
  };
  bench.insert();
  bench.nest.start();
  bench.nest.press();
  await bench.drive(bench.nest.idle());
  expect([shown(bench.nest), bench.open.size]).toEqual(['S99', 1]);
  const notices = bench.events.flatMap((event) => (event.kind === 'notice' ? [event.notice.kind] : []));
  expect(notices).toEqual(['result-not-saved']);
});

test('a listener that throws in the middle of a run takes nothing from it', async () => {
  const bench = await VirtualNest.open(job);
  bench.insert();
  bench.onEvent = (event) => {
    if (event.kind === 'nestState') throw new Error('broken listener');
  };
  bench.nest.start();
  bench.nest.press();
  await bench.drive(bench.nest.idle());
  expect(bench.reports).toEqual([expect.objectContaining({ outcome: 'PASS' })]);
});

test('an error in the answer to a press during a run ends that run as S99, in order', async () => {
  const bench = await VirtualNest.open(job);
  bench.insert();
  bench.onEvent = (event) => {
    if (event.kind === 'notice' && event.notice.kind === 'press-ignored') throw new Error('broken listener');
  };
  bench.nest.start();
  bench.nest.press();
  await bench.elapse(300);
  bench.nest.press();
  await bench.drive(bench.nest.idle());
  expect(bench.reports).toEqual([expect.objectContaining({ outcome: 'ERROR', code: 'S99' })]);
});

function shown({ state }: Nest): string {
  return 'fault' in state ? (state.fault?.code ?? 'none') : state.name;
}
