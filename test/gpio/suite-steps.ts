import { deepEqual, ok } from 'node:assert/strict';
import { systemClock } from '../../src/foundation/system-clock.ts';
import type { LineSpec } from '../../src/gpio/line.ts';
import type { Driven, LineRig } from './line-rig.ts';

const limitMs = 5_000;

export function openDrain(bcm: number): LineSpec {
  return { bcm, active: 'low', drive: 'open-drain' };
}

export function pushPull(bcm: number, active: 'low' | 'high'): LineSpec {
  return { bcm, active, drive: 'push-pull' };
}

export function button(bcm: number): LineSpec {
  return { bcm, active: 'low', drive: 'open-drain' };
}

/** Every different state that the line was in until it was open. */
export async function statesWhileOpening(rig: LineRig, spec: LineSpec): Promise<readonly Driven[]> {
  await using driver = await rig.openDriver();
  const states = await rig.drivenDuring(spec.bcm, async () => {
    await driver.openOutput(spec, 'nest 1 line');
  });
  return [...new Set(states)];
}

/** @param up a line with a resistor to the supply @param down a line with one to ground */
export async function drivesBothWays(rig: LineRig, up: LineSpec, down: LineSpec): Promise<void> {
  rig.world(up.bcm, 'high');
  rig.world(down.bcm, 'low');
  await using driver = await rig.openDriver();
  const lines = [await driver.openOutput(up, 'nest 1 pass'), await driver.openOutput(down, 'nest 1 fail')];
  const inactive = up.active === 'low' ? 'high' : 'low';
  for (const active of [true, false, true]) {
    for (const line of lines) line.set(active);
    const level = active ? up.active : inactive;
    deepEqual([rig.level(up.bcm), rig.level(down.bcm)], [level, level]);
  }
}

export async function until(done: () => boolean, what: string): Promise<void> {
  const limit = systemClock.monotonic() + limitMs;
  while (!done()) {
    ok(systemClock.monotonic() < limit, `${what} within ${limitMs} ms`);
    await systemClock.sleep(1);
  }
}
