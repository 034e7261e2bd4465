import { expect, test } from 'vitest';
import { EventStream } from '../../src/foundation/event-stream.ts';
import type { Alarm, StationEvent } from '../../src/nest/station-event.ts';
import { ActiveAlarms } from '../../src/web/active-alarms.ts';

test('alarms are there from their beginning to their end, with the words of last', () => {
  const events = new EventStream<StationEvent>((error) => {
    throw error;
  });
  const alarms = new ActiveAlarms(events);
  const alarm: Alarm = { slug: 'job', active: true, nest: null, code: 'J02', detail: 'No file.', since: 5 };
  const other: Alarm = { ...alarm, slug: 'nest-locked-2', nest: 2, code: 'S07' };
  for (const each of [alarm, other, { ...alarm, detail: 'Still no file.' }])
    events.publish({ kind: 'alarm', alarm: each });
  expect(alarms.all()).toEqual([{ ...alarm, detail: 'Still no file.' }, other]);
  events.publish({ kind: 'alarm', alarm: { ...alarm, active: false } });
  expect(alarms.all()).toEqual([other]);
});
