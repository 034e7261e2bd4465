import { describe, expect, test } from 'vitest';
import { MacsInContact } from '../../../src/nest/identity/macs-in-contact.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const mac = '5c:cf:7f:12:34:56';

function station(): { readonly clock: VirtualClock; readonly contacts: MacsInContact } {
  const clock = new VirtualClock();
  return { clock, contacts: new MacsInContact(clock) };
}

describe('two nests have the same module', () => {
  test('when the one that was first is heard after the other was identified', () => {
    const { clock, contacts } = station();
    contacts.meet(1, mac, false);
    clock.advance(500);
    contacts.meet(2, mac, false);
    expect(contacts.takeShared(2)).toEqual([]);
    clock.advance(20);
    contacts.hear(1);
    expect(contacts.takeShared(1)).toEqual([1, 2]);
  });

  test('at once when a sensor says that the first is still in', () => {
    const { clock, contacts } = station();
    contacts.meet(1, mac, true);
    clock.advance(60_000);
    contacts.meet(2, mac, false);
    expect(contacts.takeShared(2)).toEqual([1, 2]);
  });

  test('which is told once, and again for a third', () => {
    const { clock, contacts } = station();
    contacts.meet(1, mac, true);
    contacts.meet(2, mac, true);
    expect(contacts.takeShared(2)).toEqual([1, 2]);
    clock.advance(10);
    contacts.hear(1);
    expect([contacts.takeShared(1), contacts.takeShared(2)]).toEqual([[], []]);
    contacts.meet(3, mac, true);
    expect(contacts.takeShared(3)).toEqual([1, 2, 3]);
  });
});

describe('a module was only moved', () => {
  test('when the first nest hears nothing of it any more', () => {
    const { clock, contacts } = station();
    contacts.meet(1, mac, false);
    contacts.hear(1);
    clock.advance(2_000);
    contacts.meet(2, mac, false);
    clock.advance(50);
    contacts.hear(2);
    expect(contacts.takeShared(2)).toEqual([]);
  });

  test.for([{ how: 'it has gone' }, { how: 'another module is in' }])('when $how from the first', ({ how }) => {
    const { clock, contacts } = station();
    contacts.meet(1, mac, true);
    if (how === 'it has gone') contacts.leave(1);
    else contacts.meet(1, '5c:cf:7f:00:00:01', true);
    clock.advance(10);
    contacts.meet(2, mac, false);
    contacts.hear(1);
    expect([contacts.takeShared(1), contacts.takeShared(2)]).toEqual([[], []]);
  });
});

describe('a pass and the same MAC elsewhere', () => {
  test.for([
    { afterMs: 0, suspicious: true },
    { afterMs: 2_999, suspicious: true },
    { afterMs: 3_000, suspicious: false },
  ])('after $afterMs ms, suspicious: $suspicious', ({ afterMs, suspicious }) => {
    const { clock, contacts } = station();
    contacts.pass(1, mac);
    contacts.leave(1);
    clock.advance(afterMs);
    contacts.meet(2, mac, false);
    expect(contacts.passedElsewhere(2)).toBe(suspicious ? 1 : null);
  });

  test('is nothing on the same nest, or of another module', () => {
    const { contacts } = station();
    contacts.pass(1, mac);
    contacts.meet(1, mac, false);
    contacts.meet(2, '5c:cf:7f:00:00:01', false);
    expect([contacts.passedElsewhere(1), contacts.passedElsewhere(2), contacts.passedElsewhere(3)]).toEqual([
      null,
      null,
      null,
    ]);
  });
});
