import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openChardevDriver } from '../../src/gpio/chardev-driver.ts';
import type { ChardevDriver } from '../../src/gpio/chardev-driver.ts';
import { requests } from '../../src/gpio/chardev-layout.ts';
import { watchDebounced } from '../../src/gpio/debounce.ts';
import type { LineSpec } from '../../src/gpio/line.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { PosingKernel } from './posing-kernel.ts';

const rst: LineSpec = { bcm: 6, active: 'low', drive: 'open-drain' };
const button: LineSpec = { bcm: 4, active: 'low', drive: 'open-drain' };

let kernel: PosingKernel;
let driver: ChardevDriver;

beforeEach(async () => {
  kernel = new PosingKernel({
    gpiochip0: { label: 'gpio-brcmstb@107d508500', lines: 32 },
    gpiochip4: { label: 'pinctrl-rp1', lines: 54 },
  });
  driver = await openChardevDriver({ folder: kernel.folder, loadCalls: () => Promise.resolve(kernel) });
});

afterEach(() => {
  kernel[Symbol.dispose]();
});

test('the description names the chip and its device, which is what differs between boards', () => {
  expect(driver.description).toBe(`chardev on pinctrl-rp1, ${kernel.folder}/gpiochip4`);
});

test('only the header chip stays open, and closes with the driver, once', async () => {
  expect(kernel.openChips.size).toBe(1);
  await driver[Symbol.asyncDispose]();
  expect(kernel.openChips.size).toBe(0);
  await driver[Symbol.asyncDispose]();
  await expect(driver.openOutput(rst, 'nest 1 rst')).rejects.toMatchObject({ code: 'S03' });
});

describe('an output', () => {
  test('is asked for by its use, and left inactive before it is given back', async () => {
    const line = await driver.openOutput(rst, 'nest 1 rst');
    line.set(true);
    line[Symbol.dispose]();
    expect(kernel.granted).toMatchObject([
      { offset: 6, consumer: 'jigd nest 1 rst', flags: 74, debounceUs: null, values: [true, false], closed: true },
    ]);
  });

  test('is left alone after it was given back', async () => {
    const line = await driver.openOutput(rst, 'nest 1 rst');
    line[Symbol.dispose]();
    line.set(true);
    line[Symbol.dispose]();
    expect(kernel.granted[0]?.values).toEqual([false]);
  });

  test('that the kernel refuses to move is S03, named by its use', async () => {
    const line = await driver.openOutput(rst, 'nest 1 rst');
    kernel.refused.set(requests.setValues.number, 'EIO');
    expect(() => line.set(true)).toThrow('S03 GPIO_ERROR: The line of nest 1 rst does not obey: EIO.');
    line[Symbol.dispose]();
    expect(kernel.granted[0]?.closed).toBe(true);
  });
});

describe('an input', () => {
  test('is read by its active level', async () => {
    const line = await driver.openInput(button, 'nest 1 button');
    expect(line.read()).toBe(false);
    kernel.active.set(4, true);
    expect(line.read()).toBe(true);
  });

  test('that has been given back, or that the kernel refuses to read, is S03', async () => {
    const line = await driver.openInput(button, 'nest 1 button');
    kernel.refused.set(requests.getValues.number, 'ENODEV');
    expect(() => line.read()).toThrow('S03 GPIO_ERROR: The line of nest 1 button does not obey: ENODEV.');
    line[Symbol.dispose]();
    expect(() => line.read()).toThrow('S03 GPIO_ERROR: The line of nest 1 button has been closed.');
    expect(() => line.watch(() => undefined)).toThrow('has been closed');
  });

  test('tells every listener of every edge, with the time of the kernel, until the last watch ends', async () => {
    const line = await driver.openInput(button, 'nest 1 button');
    const seen: unknown[] = [];
    const listener = (active: boolean, edge: { readonly atNs: bigint }): void => void seen.push([active, edge.atNs]);
    const first = line.watch(listener);
    const second = line.watch(listener);
    kernel.queue(4, [
      { rising: true, atNs: 10n },
      { rising: false, atNs: 11n },
    ]);
    kernel.wake(4);
    expect(seen).toEqual([
      [true, 10n],
      [true, 10n],
      [false, 11n],
      [false, 11n],
    ]);
    first[Symbol.dispose]();
    expect(kernel.wake(4)).toBe(true);
    second[Symbol.dispose]();
    expect(kernel.wake(4)).toBe(false);
  });

  test('forgets the edges of the time when nobody watched', async () => {
    const line = await driver.openInput(button, 'nest 1 button');
    kernel.queue(4, [{ rising: true, atNs: 10n }]);
    const seen: boolean[] = [];
    using _watch = line.watch((active) => seen.push(active));
    kernel.wake(4);
    expect(seen).toEqual([]);
  });

  test('is silent once a listener has given it back, also for the edges that were read with that one', async () => {
    const line = await driver.openInput(button, 'nest 1 button');
    const seen: boolean[] = [];
    line.watch((active) => {
      seen.push(active);
      line[Symbol.dispose]();
    });
    kernel.queue(4, [
      { rising: true, atNs: 10n },
      { rising: false, atNs: 11n },
    ]);
    kernel.wake(4);
    expect(seen).toEqual([true]);
    expect(kernel.granted[0]?.closed).toBe(true);
    expect(kernel.wake(4)).toBe(false);
  });

  test('says so once and stops asking when its chip has gone, instead of being told so for ever', async () => {
    const line = await driver.openInput(button, 'nest 1 button', { debounceMs: 20 });
    const faults: unknown[] = [];
    using _watch = watchDebounced(
      line,
      new VirtualClock(),
      20,
      () => undefined,
      (error) => faults.push(error),
    );
    kernel.read = () => {
      throw Object.assign(new Error('ENODEV'), { code: 'ENODEV' });
    };
    expect(kernel.wake(4)).toBe(true);
    expect(kernel.wake(4)).toBe(false);
    expect(faults).toMatchObject([{ code: 'S03' }]);
  });

  test('is debounced by the kernel when that is asked for', async () => {
    await driver.openInput({ ...button, pull: 'up' }, 'nest 1 button', { debounceMs: 20 });
    expect(kernel.granted[0]).toMatchObject({ flags: 4 + 16 + 32 + 2 + 256, debounceUs: 20_000 });
  });
});

describe('one plain sentence says', () => {
  test.for([
    { holder: 'gpiomon', says: 'is in use by "gpiomon"; stop that program or kernel driver, or take another line.' },
    { holder: '', says: 'is in use by somebody who gave no name.' },
    {
      holder: 'sysfs',
      says:
        'is in use through sysfs, by another program or one that was killed; ' +
        'write its number to /sys/class/gpio/unexport, or restart the machine.',
    },
  ])('who holds a line: "$holder"', async ({ holder, says }) => {
    kernel.holders.set(6, holder);
    await expect(driver.openOutput(rst, 'nest 1 rst')).rejects.toMatchObject({
      code: 'S03',
      detail: `GPIO6 for nest 1 rst ${says}`,
    });
  });

  test('that a line is in use although the kernel does not say by whom', async () => {
    kernel.holders.set(6, 'gpiomon');
    kernel.refused.set(requests.lineInfo.number, 'EINVAL');
    await expect(driver.openOutput(rst, 'nest 1 rst')).rejects.toMatchObject({
      detail: 'GPIO6 for nest 1 rst is in use by somebody whom the kernel does not name.',
    });
  });

  test('that the header has no such line', async () => {
    await expect(driver.openInput({ ...button, bcm: 28 }, 'nest 1 button')).rejects.toMatchObject({
      code: 'S03',
      detail: 'GPIO28 for nest 1 button does not exist: the header has GPIO0 to GPIO27.',
    });
  });

  test.for([
    ['EINVAL', 'is refused (EINVAL): the kernel is older than 5.10 or cannot do what is asked of the line.'],
    ['ENOTTY', 'is refused (ENOTTY): the kernel is older than 5.10 or cannot do what is asked of the line.'],
    ['EPERM', 'may not be taken: add the user to the group gpio.'],
    ['ENODEV', 'cannot be had: ENODEV.'],
  ])('why the kernel refuses a line: %s', async ([code, says]) => {
    kernel.refused.set(requests.getLine.number, code!);
    await expect(driver.openOutput(rst, 'nest 1 rst')).rejects.toMatchObject({
      code: 'S03',
      detail: `GPIO6 for nest 1 rst ${says!}`,
    });
  });
});

test('promise 7: a line that fails does not keep RST from being released when all lines are given back', async () => {
  const lamp = await driver.openOutput({ bcm: 17, active: 'high', drive: 'push-pull' }, 'nest 1 pass');
  lamp.set = () => {
    throw new Error('EIO');
  };
  const line = await driver.openOutput(rst, 'nest 1 rst');
  line.set(true);
  await driver[Symbol.asyncDispose]();
  expect(kernel.granted.map(({ closed }) => closed)).toEqual([true, true]);
  expect(kernel.granted[1]?.values).toEqual([true, false]);
});
