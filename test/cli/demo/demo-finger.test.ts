import { expect, test } from 'vitest';
import { DemoFinger } from '../../../src/cli/demo/demo-finger.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

function bench() {
  const clock = new VirtualClock();
  const seen: string[] = [];
  const note = (what: string) => () => void seen.push(`${what} ${clock.monotonic()}`);
  const finger = new DemoFinger({ press: note('press'), release: note('release') }, clock);
  return { clock, seen, finger };
}

test('the button is held until the station has answered, however late it is', () => {
  const { clock, seen, finger } = bench();
  finger.press();
  clock.advance(500);
  finger.answered();
  clock.advance(60);
  expect(seen).toEqual(['press 0', 'release 560']);
});

test('a button that is never answered is let go', () => {
  const { clock, seen, finger } = bench();
  finger.press();
  clock.advance(2_000);
  expect(seen).toEqual(['press 0', 'release 2000']);
});

test('a press that comes while the button is down, or just up, follows it', () => {
  const { clock, seen, finger } = bench();
  finger.press();
  finger.answered();
  finger.press();
  clock.advance(60);
  finger.answered();
  clock.advance(60);
  expect(seen).toEqual(['press 0', 'release 60', 'press 120']);
});

test('nothing moves after the end', () => {
  const { clock, seen, finger } = bench();
  finger.press();
  finger[Symbol.dispose]();
  clock.advance(5_000);
  expect(seen).toEqual(['press 0']);
});
