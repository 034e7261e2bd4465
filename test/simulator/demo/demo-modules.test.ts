import { afterEach, expect, test } from 'vitest';

import { VirtualClock } from '../../support/virtual-clock.ts';
import { buildDemoImage, demoBanner } from '../../../src/simulator/demo/demo-image.ts';
import { DemoModules } from '../../../src/simulator/demo/demo-modules.ts';
import type { DemoModule } from '../../../src/simulator/demo/demo-modules.ts';

const image = buildDemoImage();
const application = { regions: [{ address: 0, data: image }], banner: `\r\n${demoBanner()}\r\n`, baud: 115_200 };
const made: DemoModule[] = [];

afterEach(() => {
  for (const { chip } of made.splice(0)) chip.dispose();
});

function tray(
  seed: number,
  faults: number,
  count: number,
  hasLeft: (mac: string) => boolean = () => false,
): DemoModule[] {
  const modules = new DemoModules({ clock: new VirtualClock(), speed: 'fast', seed, faults, application, hasLeft });
  const taken = Array.from({ length: count }, () => modules.next());
  made.push(...taken);
  return taken;
}

const facts = ({ mac, misbehaviour, expected, chip }: DemoModule): unknown => ({
  mac,
  misbehaviour,
  expected,
  blank: chip.flash.isBlank(0, 0x1000),
});

test('the same seed gives the same modules, another seed others', () => {
  expect(tray(7, 0.5, 12).map(facts)).toEqual(tray(7, 0.5, 12).map(facts));
  expect(tray(8, 0.5, 12).map(facts)).not.toEqual(tray(7, 0.5, 12).map(facts));
});

test('a module that has left is passed over, and those behind it are what they were', () => {
  const all = tray(7, 0.5, 6);
  const gone = [0, 2, 3].map((place) => all[place]?.mac);
  const rest = tray(7, 0.5, 3, (mac) => gone.includes(mac));
  expect(rest.map(facts)).toEqual([1, 4, 5].map((place) => all[place]).map((module) => module && facts(module)));
});

test('addresses count on, and both blank and used flash occur', () => {
  const modules = tray(1, 0, 10);
  const numbers = modules.map(({ mac }) => Number.parseInt(mac.slice(9).replaceAll(':', ''), 16));
  expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
  expect(modules.every(({ mac }) => mac.startsWith('5c:cf:7f:'))).toBe(true);
  expect(new Set(modules.map(({ chip }) => chip.flash.isBlank(0, 0x1000))).size).toBe(2);
});

test('without faults every module is good, with all of them each has one', () => {
  expect(tray(3, 0, 10).every(({ misbehaviour, expected }) => misbehaviour === null && expected === 'PASS')).toBe(true);
  expect(tray(3, 1, 20).every(({ misbehaviour }) => misbehaviour !== null)).toBe(true);
});

test('a stuck bit is always one that the firmware needs', () => {
  const stuck = tray(5, 1, 120).flatMap(({ misbehaviour }) =>
    misbehaviour?.kind === 'stuckBit' ? [misbehaviour] : [],
  );
  expect(stuck.length).toBeGreaterThan(0);
  for (const { address, bit } of stuck) expect((image[address] ?? 0) & (1 << bit)).not.toBe(0);
});
