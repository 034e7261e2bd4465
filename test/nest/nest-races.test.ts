import { describe, expect, test } from 'vitest';
import { StationError } from '../../src/foundation/faults.ts';
import { benchJob, bootableImage } from '../support/bench-job.ts';
import { VirtualNest } from '../support/virtual-nest.ts';

const job = benchJob({ regions: [[0, bootableImage(20_000)]] });
const stopped = new StationError('O01', 'The station was stopped.');

describe('while the port is being closed after the work', () => {
  test('a module that is taken out gets no green, nor does the one that is put in its place', async () => {
    const bench = await VirtualNest.open(job);
    bench.insert();
    bench.onPortClosing = () => bench.nest.sense(true);
    bench.nest.start();
    bench.nest.press();
    await bench.elapse(200);
    bench.nest.sense(false);
    await bench.elapse(60_000);
    expect(bench.reports).toMatchObject([{ outcome: 'ABORTED', code: 'O02' }]);
    expect(bench.nest.state).toMatchObject({ name: 'shown', outcome: 'ABORTED' });
  });

  test('an emergency stop is seen: nobody gets a green that was lit after it', async () => {
    const bench = await VirtualNest.open(job);
    bench.insert();
    bench.onPortClosing = () => {
      bench.nest.halt(new StationError('O01'));
      bench.nest.unblock('estop');
    };
    bench.nest.start();
    bench.nest.press();
    await bench.elapse(60_000);
    expect(bench.nest.state).toMatchObject({ name: 'shown', outcome: 'ABORTED', fault: { code: 'O01' } });
  });
});

describe('a stop', () => {
  test('from a listener that hears the start, of a job that had to be loaded first, waits for the row', async () => {
    const bench = await VirtualNest.open(job, { currentJob: () => Promise.resolve(job) });
    bench.insert();
    let openAtTheEnd = -1;
    let stopping: Promise<void> = Promise.resolve();
    bench.onEvent = ({ kind }) => {
      if (kind !== 'runStarted') return;
      stopping = bench.nest.stop(stopped).then(() => {
        openAtTheEnd = bench.open.size;
      });
    };
    bench.nest.start();
    bench.nest.press();
    await bench.elapse(1);
    await bench.drive(stopping);
    expect(openAtTheEnd).toBe(0);
    expect(bench.reports).toMatchObject([{ outcome: 'ABORTED', code: 'O01' }]);
  });

  test.for(['stop', 'halt', 'sense'] as const)('%s does not wait for a job that never loads', async (how) => {
    const bench = await VirtualNest.open(job, { currentJob: () => new Promise(() => undefined) });
    bench.nest.start();
    bench.nest.press();
    expect(bench.nest.state.name).toBe('opening');
    if (how === 'halt') bench.nest.halt(stopped);
    if (how === 'sense') bench.nest.sense(true);
    await bench.drive(bench.nest.stop(stopped));
    expect(bench.nest.state.name).toBe(how === 'halt' ? 'blocked' : 'refused');
    expect([bench.open.size, bench.socket.edges]).toEqual([0, []]);
  });
});

describe('while the job is loaded', () => {
  test.for(['halt', 'sense'] as const)('%s ends the start, and the lines never move', async (how) => {
    let loaded: (of: typeof job) => void = () => undefined;
    const bench = await VirtualNest.open(job, { currentJob: () => new Promise((resolve) => (loaded = resolve)) });
    bench.insert();
    bench.nest.start();
    bench.nest.press();
    if (how === 'halt') bench.nest.halt(stopped);
    else bench.nest.sense(true);
    bench.nest.unblock('estop');
    bench.nest.sense(false);
    loaded(job);
    await bench.elapse(5_000);
    expect(bench.nest.state.name).not.toBe('running');
    expect([bench.open.size, bench.socket.edges]).toEqual([0, []]);
  });
});
