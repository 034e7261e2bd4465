import { expect, test } from 'vitest';
import { silentLogger } from '../../src/foundation/logger.ts';
import type { StationEvent } from '../../src/nest/station-event.ts';
import { StuckButton } from '../../src/nest/stuck-button.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

function stuckButton() {
  const clock = new VirtualClock();
  const told: StationEvent[] = [];
  const button = new StuckButton({ number: 3, clock, log: silentLogger(), tell: (event) => told.push(event) });
  return { clock, told, button };
}

test('is told once, with an alarm that lasts as long as it does', () => {
  const { clock, told, button } = stuckButton();
  const since = clock.now();
  button.tell();
  clock.advance(1_000);
  button.tell();
  button.end();
  button.end();
  const alarm = { slug: 'button-stuck-3', nest: 3, code: 'O04', since };
  expect(told).toMatchObject([
    { kind: 'notice', notice: { kind: 'button-stuck', nest: 3, code: 'O04', at: since } },
    { kind: 'alarm', alarm: { ...alarm, active: true } },
    { kind: 'alarm', alarm: { ...alarm, active: false } },
  ]);
});

test('a result is seen for two seconds before it hides it', () => {
  const { clock, button } = stuckButton();
  expect(button.mayHideResult()).toBe(true);
  button.resultShown();
  clock.advance(1_999);
  expect(button.mayHideResult()).toBe(false);
  clock.advance(1);
  expect(button.mayHideResult()).toBe(true);
});
