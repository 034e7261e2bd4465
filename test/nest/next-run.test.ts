import { expect, test } from 'vitest';
import { StationError } from '../../src/foundation/faults.ts';
import { describeRun, job, NestBench } from '../support/nest-bench.ts';

test('the next run is golden once; a start that is refused before its row does not use it up', async () => {
  const modes: string[] = [];
  await using bench = await NestBench.open({
    describeRun: (of, nest, start) => {
      modes.push(start.mode);
      return describeRun(of.name, nest, start);
    },
  });
  bench.insert();
  bench.nest.start();
  bench.nest.nextRun('golden');
  expect(bench.nest.state.name).toBe('ready');
  bench.refusing.add('openRun');
  bench.nest.press();
  bench.refusing.clear();
  bench.nest.press();
  await bench.until('shown');
  bench.nest.press();
  await bench.until('shown');
  expect(modes).toEqual(['golden', 'golden', 'production']);
});

test('what was said last counts', async () => {
  const modes: string[] = [];
  await using bench = await NestBench.open({
    describeRun: (of, nest, start) => {
      modes.push(start.mode);
      return describeRun(of.name, nest, start);
    },
  });
  bench.insert();
  bench.nest.start();
  bench.nest.nextRun('golden');
  bench.nest.nextRun('limit');
  bench.nest.press();
  await bench.until('shown');
  bench.nest.nextRun('golden');
  bench.nest.nextRun('production');
  bench.nest.press();
  await bench.until('shown');
  expect(modes).toEqual(['limit', 'production']);
});

test('what was said while a start waited for its job counts, also when that start is refused', async () => {
  const modes: string[] = [];
  let fail: (fault: StationError) => void = () => undefined;
  let loading: Promise<typeof job> | null = new Promise((_resolve, reject) => (fail = reject));
  await using bench = await NestBench.open({
    currentJob: () => loading ?? job,
    describeRun: (of, nest, start) => {
      modes.push(start.mode);
      return describeRun(of.name, nest, start);
    },
  });
  bench.insert();
  bench.nest.start();
  bench.nest.nextRun('golden');
  bench.nest.press();
  bench.nest.nextRun('production');
  loading = null;
  fail(new StationError('J01'));
  await bench.until('refused');
  bench.nest.press();
  await bench.until('shown');
  expect(modes).toEqual(['production']);
});
