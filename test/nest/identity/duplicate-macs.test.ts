import { describe, expect, test } from 'vitest';
import { StationError } from '../../../src/foundation/faults.ts';
import { releaseModule } from '../../../src/nest/identity/standing-modules.ts';
import type { StationEvent } from '../../../src/nest/station-event.ts';
import { rememberedDuplicates } from '../../support/duplicates.ts';
import { MemoryStanding } from '../../support/memory-standing.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const mac = '5c:cf:7f:12:34:56';
const other = '5c:cf:7f:00:00:01';

function station(standing = new MemoryStanding()) {
  const clock = new VirtualClock();
  const told: string[] = [];
  const tell = (event: StationEvent): void => {
    if (event.kind === 'notice') told.push(`${event.notice.kind} nest ${event.notice.nest ?? '-'}`);
    if (event.kind === 'alarm') told.push(`${event.alarm.slug} ${event.alarm.active ? event.alarm.detail : 'ended'}`);
  };
  const duplicates = rememberedDuplicates(clock, tell, standing);
  const disowned: string[] = [];
  for (const nest of [1, 2, 3]) duplicates.join(nest, ({ code }) => disowned.push(`${nest} ${code}`));
  const released: StationEvent = {
    kind: 'notice',
    notice: { kind: 'action', nest: null, code: null, detail: 'Released.', at: 0 },
  };
  return { clock, standing, told, duplicates, disowned, released };
}

test('two nests with one MAC are both disowned, the MAC is held, and notice and alarm say so once', () => {
  const { clock, standing, told, duplicates, disowned } = station();
  duplicates.met(1, mac, false);
  clock.advance(10);
  duplicates.met(2, mac, false);
  clock.advance(30);
  for (let blocks = 0; blocks < 3; blocks += 1) {
    duplicates.heard(1, mac);
    duplicates.heard(2, mac);
  }
  expect(disowned).toEqual(['1 D04', '2 D04']);
  expect(told).toEqual(['duplicate-mac nest 1', `duplicate-mac A MAC is on hold: ${mac}.`]);
  const detail = `The MAC ${mac} answers on nest 1 and on nest 2 at the same moment. No earlier run has it.`;
  expect(standing.of('hold')).toMatchObject([{ key: mac, value: 'D04', detail, who: 'station' }]);
});

test('after a restart the alarm is as old as the hold', () => {
  const standing = new MemoryStanding();
  standing.set({ kind: 'hold', key: mac, value: 'D04', detail: null, who: 'station' });
  const begun: unknown[] = [];
  const tell = (event: StationEvent): void => void begun.push(event.kind === 'alarm' ? event.alarm.since : event.kind);
  rememberedDuplicates(new VirtualClock(), tell, standing).refresh();
  expect(begun).toEqual([Date.parse(standing.rows[0]?.at ?? '')]);
});

test('a module that was moved from a nest that heard it no more is no duplicate', () => {
  const { clock, standing, told, duplicates, disowned } = station();
  duplicates.met(1, mac, false);
  clock.advance(1_000);
  duplicates.met(2, mac, false);
  duplicates.heard(2, mac);
  duplicates.left(1);
  duplicates.heard(2, mac);
  expect([disowned, told, standing.rows]).toEqual([[], [], []]);
});

test('a pass and the same MAC elsewhere at once is only told', () => {
  const { clock, standing, told, duplicates, disowned } = station();
  duplicates.met(1, mac, false);
  duplicates.passed(1, mac);
  duplicates.left(1);
  clock.advance(1_000);
  duplicates.met(2, mac, false);
  expect([told, disowned, standing.rows]).toEqual([['duplicate-mac nest 2'], [], []]);
});

describe('the alarm', () => {
  test('is told of what stands from before the start, follows further holds, and ends with the last release', () => {
    const standing = new MemoryStanding();
    standing.set({ kind: 'hold', key: mac, value: 'D04', detail: 'Seen twice.', who: 'station' });
    const { told, duplicates, released } = station(standing);
    duplicates.refresh();
    duplicates.refresh();
    duplicates.hold(other, 2, 'Seen.');
    releaseModule(standing, mac, 'anna');
    duplicates.accept(released);
    releaseModule(standing, other, 'anna');
    duplicates.accept(released);
    duplicates.accept(released);
    expect(told).toEqual([
      `duplicate-mac A MAC is on hold: ${mac}.`,
      'duplicate-mac nest 2',
      `duplicate-mac 2 MACs are on hold: ${mac}, ${other}.`,
      `duplicate-mac A MAC is on hold: ${other}.`,
      'duplicate-mac ended',
    ]);
  });

  test('names a few of many', () => {
    const { standing, told, duplicates } = station();
    for (const nest of '1234567') {
      standing.set({ kind: 'hold', key: `5c:cf:7f:00:00:0${nest}`, value: 'D04', detail: null, who: 'station' });
    }
    duplicates.refresh();
    expect(told[0]).toMatch(/^duplicate-mac 7 MACs are on hold: .*:05 and 2 more\.$/);
  });

  test('a record that cannot be read or written keeps nobody from being disowned', () => {
    class Broken extends MemoryStanding {
      override of(): never {
        throw new StationError('S01');
      }
      override set(): never {
        throw new StationError('S01');
      }
    }
    const { told, duplicates, disowned } = station(new Broken());
    duplicates.met(1, mac, true);
    duplicates.met(2, mac, true);
    expect([disowned, told]).toEqual([['1 D04', '2 D04'], ['duplicate-mac nest 2']]);
  });
});
