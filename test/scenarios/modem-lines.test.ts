import { expect, test } from 'vitest';
import { StationBench } from '../support/station-bench.ts';

test('a nest that is reset by its port claims no straps, and S04 names a port without DTR and RTS', async () => {
  await using bench = await StationBench.open({
    setup: ({ nests }) => ({
      nests: nests.map((nest) => ({ ...nest, lines: { ...nest.lines, gpio0: null, rst: null } })),
    }),
  });
  bench.insert();
  expect([bench.nest().wire('rst').openedBy, bench.nest().wire('gpio0').openedBy]).toEqual([null, null]);
  expect(bench.nest().wire('busy').openedBy).not.toBeNull();
  // The same bench passes with its straps; its port is a pseudo-terminal.
  expect(await bench.run()).toMatchObject({ outcome: 'ERROR', code: 'S04', phase: 'connect' });
});
