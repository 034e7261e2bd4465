import { expect } from 'vitest';
import { behaviour } from '../support/behaviour.ts';
import { behaviourStation, goodModule, nextPasses } from '../support/behaviour-station.ts';
import { atMoment, lamps, refusal, run, verdicts } from '../support/station-steps.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import type { VirtualStation } from '../support/virtual-station.ts';

const hourMs = 3_600_000;
const threeYearsMs = 3 * 365 * 24 * hourMs;

/** The order of the records and the lengths of their runs do not come from the wall clock. */
function isInOrder(at: VirtualStation): void {
  const records = at.station.ledger.runs().toReversed();
  expect(records.map(({ seq }) => seq)).toEqual(records.map((_, index) => index + 1));
  for (const { ms_total: totalMs } of records) expect(totalMs).toBeLessThan(20_000);
}

/** A failure and a pass of one module, with something in between. */
async function failsThenPasses(at: VirtualStation, between: () => void): Promise<void> {
  const module = goodModule({ misbehave: [{ kind: 'dieAfterDataBlocks', count: 1 }] });
  at.insert(1, module);
  expect(await run(at)).toMatchObject({ outcome: 'FAIL', attempt: 1, mac: module.mac });
  between();
  at.insert(1, { ...module, misbehave: [] });
  expect(await run(at)).toMatchObject({ outcome: 'PASS', attempt: 2, mac: module.mac });
  expect(await lamps(at)).toBe('pass');
}

behaviour('clock at epoch', 'stops nothing: runs pass, count and keep their order', async () => {
  await using at = await behaviourStation({ clock: new VirtualClock(0) });
  expect(await run(at)).toMatchObject({
    outcome: 'PASS',
    started_at: expect.stringMatching(/^1970-01-01T00:00:/) as string,
  });
  expect(await lamps(at)).toBe('pass');
  await failsThenPasses(at, () => undefined);
  isInOrder(at);
  expect(await refusal(at)).toMatchObject({ code: 'D05' });
});

behaviour(
  'clock jumping +3 years',
  'between two attempts changes no order, no attempt and no length of a run',
  async () => {
    await using at = await behaviourStation();
    await failsThenPasses(at, () => {
      at.clock.set(at.clock.now() + threeYearsMs);
    });
    expect(await refusal(at)).toMatchObject({ code: 'D05' });
    await nextPasses(at);
    isInOrder(at);
    expect(verdicts(at)).toHaveLength(3);
  },
);

behaviour('clock jumping back an hour', 'between two attempts: the later run stays the later one', async () => {
  await using at = await behaviourStation();
  await failsThenPasses(at, () => {
    at.clock.set(at.clock.now() - hourMs);
  });
  // By the wall clock the failure is the younger one; the module has passed all the same.
  const [last, first] = at.station.ledger.runs();
  expect(Date.parse(last?.finished_at ?? '')).toBeLessThan(Date.parse(first?.finished_at ?? ''));
  expect(await refusal(at)).toMatchObject({ code: 'D05' });
  isInOrder(at);
});

behaviour(
  'clock leap to synced mid-run',
  'ends the run as ever, with its length from the monotonic clock',
  async () => {
    await using at = await behaviourStation({ clock: new VirtualClock(0) });
    atMoment(at, 'write', () => {
      at.clock.set(Date.UTC(2026, 2, 14, 8));
    });
    const result = await run(at);
    expect(result).toMatchObject({ outcome: 'PASS', seq: 1 });
    expect([result.started_at.slice(0, 4), result.finished_at.slice(0, 4)]).toEqual(['1970', '2026']);
    expect(await lamps(at)).toBe('pass');
    await nextPasses(at);
    isInOrder(at);
  },
);
