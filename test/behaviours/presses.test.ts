import { expect } from 'vitest';
import { behaviour } from '../support/behaviour.ts';
import { behaviourStation, goodModule, nextPasses } from '../support/behaviour-station.ts';
import { lamps, notices, press, run, started, untilIdle, verdicts } from '../support/station-steps.ts';
import { holdsJob } from '../support/virtual-bench.ts';
import { behaviourJob } from '../support/behaviour-job.ts';

behaviour('press twice in 200 ms', 'is one run, and the second press is told as ignored', async () => {
  await using at = await behaviourStation();
  await press(at, 1, { heldMs: 60 });
  at.button(1).pull('low');
  await at.elapse(40);
  at.button(1).pull(null);
  await untilIdle(at);
  expect([started(at), verdicts(at)]).toEqual([1, ['PASS']]);
  expect(notices(at, 'press-ignored')).toMatchObject([{ code: 'O03', nest: 1 }]);
  expect(await lamps(at)).toBe('pass');
  await nextPasses(at);
});

behaviour('press while running', 'is answered by three flashes, told each time and never queued', async () => {
  await using at = await behaviourStation();
  await press(at);
  for (const heldMs of [30, 400, 30]) await press(at, 1, { heldMs });
  expect(at.station.nests[0]?.state.name).toBe('running');
  await untilIdle(at);
  await at.elapse(30_000);
  expect([started(at), verdicts(at)]).toEqual([1, ['PASS']]);
  expect(notices(at, 'press-ignored').map(({ code }) => code)).toEqual(['O03', 'O03', 'O03']);
  expect(await lamps(at)).toBe('pass');
  await nextPasses(at);
});

behaviour('press held 10 s', 'is one run; held longer than 5 s it hides the green until somebody lets go', async () => {
  await using at = await behaviourStation();
  at.button(1).pull('low');
  await at.elapse(10_000);
  expect([started(at), verdicts(at)]).toEqual([1, ['PASS']]);
  expect(notices(at, 'button-stuck')).toMatchObject([{ code: 'O04', nest: 1 }]);
  expect(await lamps(at)).toBe('no-verdict');
  at.button(1).pull(null);
  expect(await lamps(at)).toBe('ready');
  expect(started(at)).toBe(1);
  await nextPasses(at);
});

behaviour('press held at power-up', 'blocks its nest alone and starts nothing, also when it is let go', async () => {
  await using at = await behaviourStation({ nests: 2, beforeStart: (station) => station.button(1).pull('low') });
  expect(await lamps(at, 1)).toBe('no-verdict');
  expect(at.station.nests[0]?.state).toMatchObject({ name: 'blocked', fault: { code: 'O04' } });
  expect(await run(at, 2)).toMatchObject({ outcome: 'PASS', seq: 1 });
  at.button(1).pull(null);
  expect(await lamps(at, 1)).toBe('ready');
  expect(started(at)).toBe(1);
  expect(await run(at, 1)).toMatchObject({ outcome: 'PASS', seq: 2 });
});

behaviour('all nests pressed within 1 s', 'every nest flashes its own module', async () => {
  const nests = 8;
  await using at = await behaviourStation({ nests });
  const numbers = Array.from({ length: nests }, (_, index) => index + 1);
  const chips = numbers.map((nest) => at.insert(nest, goodModule()));
  const startMs = at.clock.monotonic();
  for (const nest of numbers) {
    at.button(nest).pull('low');
    await at.elapse(60);
    at.button(nest).pull(null);
    await at.elapse(60);
  }
  expect(at.clock.monotonic() - startMs).toBeLessThan(1_000);
  expect(at.station.nests.map(({ state }) => state.name)).toEqual(numbers.map(() => 'running'));
  await untilIdle(at);
  for (const nest of numbers) expect(await lamps(at, nest)).toBe('pass');
  expect(chips.map((chip) => [holdsJob(chip, behaviourJob), chip.state])).toEqual(
    numbers.map(() => [true, 'application']),
  );
  const records = at.station.ledger.runs();
  expect(records.map(({ nest }) => nest).toSorted()).toEqual(numbers);
  expect(new Set(records.map(({ mac }) => mac)).size).toBe(nests);
  expect(records.map(({ seq }) => seq)).toEqual(numbers.toReversed());
});
