import { expect, test } from 'vitest';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import { said } from '../alarms/run-traces.ts';
import { behaviourStation, goodModule } from '../support/behaviour-station.ts';
import { run } from '../support/station-steps.ts';
import type { VirtualStation } from '../support/virtual-station.ts';

/** A module with another flash part than the others. */
const other = () => goodModule({ flash: { ...w25q32, id: 0x16_40_c8 } });

function news(at: VirtualStation): string[] {
  const alarms = at.told.flatMap(({ event }) => (event.kind === 'alarm' ? [event.alarm] : []));
  return said(alarms.filter(({ slug }) => slug === 'new-flash-id'));
}

/** A station that has met one part, and now gets the other. */
async function withOther(): Promise<VirtualStation> {
  const at = await behaviourStation();
  await run(at);
  at.insert(1, other());
  await at.elapse(200);
  return at;
}

async function restart(at: VirtualStation): Promise<void> {
  await at.stop();
  await at.start();
}

test('a part that only a golden sample had is news in production, also after a restart', async () => {
  await using at = await withOther();
  await at.station.actions.perform({ verb: 'next-run', nest: 1, mode: 'golden' }, 'eve');
  expect(await run(at)).toMatchObject({ mode: 'golden', flash_id: 'c84016' });
  await restart(at);
  expect(news(at)).toEqual([]);
  at.insert(1, other());
  await at.elapse(200);
  expect(await run(at)).toMatchObject({ mode: 'production', flash_id: 'c84016' });
  expect(news(at)).toEqual(['+new-flash-id']);
});

test('a part is news after a kill between the result of its run and the alarm, and once', async () => {
  await using at = await withOther();
  const watch = at.listen((event) => {
    if (event.kind !== 'runResult') return;
    watch[Symbol.dispose]();
    at.cutPower();
  });
  at.button(1).pull('low');
  while (at.isUp) await at.elapse(10);
  at.button(1).pull(null);
  await at.elapse(1_000);
  await at.start();
  expect(at.station.ledger.runs()[0]).toMatchObject({ outcome: 'PASS', flash_id: 'c84016' });
  expect(at.station.ledger.standing.of('alarm', 'new-flash-id')).toHaveLength(1);
  expect(await at.station.actions.perform({ verb: 'acknowledge', alarm: 'new-flash-id' }, 'eve')).toBe(
    'The alarm new-flash-id is acknowledged.',
  );
  await restart(at);
  expect(at.station.ledger.standing.of('alarm', 'new-flash-id')).toEqual([]);
});

test('a part that was accepted before is no news', async () => {
  await using at = await withOther();
  await at.station.actions.perform({ verb: 'accept-part', flashId: 'c84016' }, 'eve');
  await run(at);
  await restart(at);
  expect(news(at)).toEqual([]);
});
