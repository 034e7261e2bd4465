import { expect, test } from 'vitest';
import type { SerialLink } from '../../src/serial/serial-link.ts';
import { job } from '../support/nest-bench.ts';
import { press, runToEnd, untilIdle } from '../support/station-steps.ts';
import { VirtualStation } from '../support/virtual-station.ts';

/** A link that answers with what no link answers. */
const nonsense = (path: string): SerialLink => ({
  path,
  baud: 115_200,
  write: () => Promise.resolve(),
  read: () => Promise.resolve(undefined as unknown as Uint8Array),
  discardInput: () => Promise.resolve(),
  setBaud: () => Promise.resolve(),
  setModemLines: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
});

test.for<[string, (path: string) => Promise<SerialLink>]>([
  [
    'its port throws at once',
    () => {
      throw new TypeError('x is not a function');
    },
  ],
  ['its port hands out nonsense', (path) => Promise.resolve(nonsense(path))],
])('an error in one nest never stops another: %s', async ([, broken]) => {
  let isBroken = true;
  await using virtual = await VirtualStation.open(2, job, {
    openLink: (path) => (isBroken && path === '/dev/nest-1' ? broken(path) : undefined),
  });
  await Promise.all([press(virtual, 2), press(virtual, 1)]);
  await untilIdle(virtual);
  const results = virtual.results().map(({ nest, outcome, code }) => [nest, outcome, code]);
  expect(results.toSorted()).toEqual([
    [1, 'ERROR', 'S99'],
    [2, 'PASS', null],
  ]);
  expect([virtual.nest(1).wire('rst').level, virtual.nest(1).wire('gpio0').level]).toEqual(['high', 'high']);
  expect(virtual.nest(2).lamps.lit).toEqual(['pass']);
  isBroken = false;
  await runToEnd(virtual, 1);
  expect(virtual.results().at(-1)).toMatchObject({ nest: 1, outcome: 'PASS' });
  expect(virtual.station.ledger.runs().map(({ seq }) => seq)).toEqual([3, 2, 1]);
});
