import { expect, test } from 'vitest';
import type { RunResult } from '../../src/nest/run/run-result.ts';
import { describeRun, job, NestBench } from '../support/nest-bench.ts';

test('a run is what was said by the time of its row: while it waited for its job too', async () => {
  const modes: RunResult['mode'][] = [];
  let arrive: (loaded: typeof job) => void = () => undefined;
  await using bench = await NestBench.open({
    currentJob: () => new Promise((resolve) => (arrive = resolve)),
    describeRun: (of, nest, start) => {
      modes.push(start.mode);
      return describeRun(of.name, nest, start);
    },
  });
  bench.insert();
  bench.nest.start();
  bench.mode = 'golden';
  bench.nest.press();
  bench.mode = 'limit';
  arrive(job);
  await bench.until('shown');
  expect(modes).toEqual(['limit']);
});
