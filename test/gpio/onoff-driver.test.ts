import type { BinaryValue } from 'onoff';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LineDriver, LineSpec } from '../../src/gpio/line.ts';
import { openOnoffDriver } from '../../src/gpio/onoff-driver.ts';
import type { MakePin } from '../../src/gpio/onoff-driver.ts';
import type { SysfsPin } from '../../src/gpio/onoff-lines.ts';
import { hastyClock, PosingSysfs } from './posing-sysfs.ts';

const base = 571;
const rst: LineSpec = { bcm: 6, active: 'low', drive: 'open-drain' };
const button: LineSpec = { bcm: 4, active: 'low', drive: 'open-drain' };
const lamp: LineSpec = { bcm: 17, active: 'high', drive: 'push-pull' };

type Listener = Parameters<SysfsPin['watch']>[0];

/** A pin of onoff, with what it was told. */
class RecordedPin implements SysfsPin {
  readonly done: string[] = [];
  readonly listeners = new Set<Listener>();
  level: BinaryValue = 1;
  broken = false;
  readonly #direction: 'in' | 'out';
  readonly #edge: 'none' | 'both';

  constructor(direction: 'in' | 'low' | 'high', edge: 'none' | 'both') {
    this.done.push(`${direction} ${edge}`);
    this.#direction = direction === 'in' ? 'in' : 'out';
    this.#edge = edge;
  }

  direction = (): 'in' | 'out' => this.#direction;
  edge = (): 'none' | 'both' => this.#edge;
  setDirection = (direction: string): void => this.#do(direction);
  writeSync = (value: BinaryValue): void => this.#do(String(value));
  unexport = (): void => this.#do('unexport');

  readSync(): BinaryValue {
    if (this.broken) throw new Error('EIO');
    return this.level;
  }

  watch(listener: Listener): void {
    this.listeners.add(listener);
  }

  unwatch(listener?: Listener): void {
    if (listener !== undefined) this.listeners.delete(listener);
  }

  edgeTo(level: BinaryValue): void {
    this.level = level;
    for (const listener of this.listeners) listener(null, level);
  }

  #do(what: string): void {
    if (this.broken) throw new Error('EIO');
    this.done.push(what);
  }
}

let sysfs: PosingSysfs;
let pins: Map<number, RecordedPin>;
let driver: LineDriver;

beforeEach(async () => {
  sysfs = new PosingSysfs([{ label: 'pinctrl-rp1', base, lines: 54 }]);
  for (const { bcm } of [rst, button, lamp]) sysfs.addLine(base + bcm);
  pins = new Map();
  driver = await open(RecordedPin);
});

afterEach(() => {
  sysfs[Symbol.dispose]();
});

function open(Pin: new (...args: ConstructorParameters<typeof RecordedPin>) => RecordedPin): Promise<LineDriver> {
  const MadePin: MakePin = class extends Pin {
    constructor(number: number, direction: 'in' | 'low' | 'high', edge: 'none' | 'both') {
      super(direction, edge);
      pins.set(number, this);
    }
  };
  return openOnoffDriver({ clock: hastyClock(), root: sysfs.root, loadPins: () => Promise.resolve(MadePin) });
}

function pin(spec: LineSpec): RecordedPin {
  const found = pins.get(base + spec.bcm);
  if (found === undefined) throw new Error(`GPIO${spec.bcm} was not opened.`);
  return found;
}

test('the description names the chip and its base, which is what differs between boards', () => {
  expect(driver.description).toBe('onoff on pinctrl-rp1, base 571');
});

describe('an output', () => {
  test('towards the module is an input while it is released, and is never driven high', async () => {
    const line = await driver.openOutput(rst, 'nest 1 rst');
    line.set(true);
    line.set(false);
    line.set(true);
    line[Symbol.dispose]();
    expect(pin(rst).done).toEqual(['in none', 'low', 'in', 'low', 'in', 'unexport']);
  });

  test.for([
    { active: 'high', done: ['low none', '1', '0', 'unexport'] },
    { active: 'low', done: ['high none', '0', '1', 'unexport'] },
  ] as const)('that is active $active starts and ends inactive', async ({ active, done }) => {
    const line = await driver.openOutput({ ...lamp, active }, 'nest 1 pass');
    line.set(true);
    line[Symbol.dispose]();
    expect(pin(lamp).done).toEqual(done);
  });

  test('that the kernel refuses to move is S03, named by its use', async () => {
    const line = await driver.openOutput(rst, 'nest 1 rst');
    pin(rst).broken = true;
    expect(() => line.set(true)).toThrow('S03 GPIO_ERROR: The line of nest 1 rst does not obey: EIO.');
  });

  test('is left alone after it was given back', async () => {
    const line = await driver.openOutput(lamp, 'nest 1 pass');
    line[Symbol.dispose]();
    line.set(true);
    line[Symbol.dispose]();
    expect(pin(lamp).done).toEqual(['low none', '0', 'unexport']);
  });
});

describe('an input', () => {
  test('is active at its active level, now and at each edge, until the watch is taken off', async () => {
    const line = await driver.openInput(button, 'nest 1 button');
    const seen: boolean[] = [];
    const watch = line.watch((active) => seen.push(active));
    pin(button).edgeTo(0);
    expect(line.read()).toBe(true);
    pin(button).edgeTo(1);
    expect(line.read()).toBe(false);
    watch[Symbol.dispose]();
    pin(button).edgeTo(0);
    expect(seen).toEqual([true, false]);
    expect(pin(button).done).toEqual(['in both']);
  });

  test('is silent once it was given back, even for an edge that was under way', async () => {
    const line = await driver.openInput(button, 'nest 1 button');
    const seen: boolean[] = [];
    const watch = line.watch((active) => seen.push(active));
    line[Symbol.dispose]();
    watch[Symbol.dispose]();
    pin(button).edgeTo(0);
    expect(seen).toEqual([]);
  });

  test('tells of an edge that could not be read', async () => {
    const line = await driver.openInput(button, 'nest 1 button');
    const faults: unknown[] = [];
    line.watch(
      () => expect.unreachable(),
      (error) => faults.push(error),
    );
    for (const listener of pin(button).listeners) listener(new Error('EIO'), 0);
    expect(faults).toEqual([new Error('EIO')]);
  });

  test('that cannot be read is S03', async () => {
    const line = await driver.openInput(button, 'nest 1 button');
    pin(button).broken = true;
    expect(() => line.read()).toThrow('S03 GPIO_ERROR: The line of nest 1 button does not obey: EIO.');
  });
});

describe('a line is refused', () => {
  test('while it is used for something else, and can be had again afterwards', async () => {
    const line = await driver.openOutput(lamp, 'nest 1 pass');
    await expect(driver.openInput({ ...button, bcm: 17 }, 'nest 2 button')).rejects.toMatchObject({
      code: 'S03',
      detail: 'GPIO17 for nest 2 button is already used for nest 1 pass.',
    });
    line[Symbol.dispose]();
    await driver.openInput({ ...button, bcm: 17 }, 'nest 2 button');
  });

  test('to the second of two who ask for it at once', async () => {
    const both = [driver.openOutput(lamp, 'nest 1 pass'), driver.openOutput(lamp, 'nest 1 fail')];
    expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  test('when it asks for a pull', async () => {
    await expect(driver.openInput({ ...button, pull: 'up' }, 'nest 1 button')).rejects.toMatchObject({
      detail: 'GPIO4 for nest 1 button asks for a pull, which sysfs cannot set.',
    });
  });

  test('when the header has no such line', async () => {
    await expect(driver.openOutput({ ...rst, bcm: 28 }, 'nest 1 rst')).rejects.toMatchObject({ code: 'S03' });
  });

  test('when it does not become an output although the package says nothing', async () => {
    class Stuck extends RecordedPin {
      override direction = (): 'in' => 'in';
    }
    const stuck = await open(Stuck);
    await expect(stuck.openOutput(lamp, 'nest 1 pass')).rejects.toMatchObject({
      code: 'S03',
      detail: 'The line of nest 1 pass does not become an output.',
    });
    expect(pin(lamp).done.at(-1)).toBe('unexport');
  });

  test('when it reports no edges although the package says nothing', async () => {
    class Deaf extends RecordedPin {
      override edge = (): 'none' => 'none';
    }
    const deaf = await open(Deaf);
    await expect(deaf.openInput(button, 'nest 1 button')).rejects.toMatchObject({
      code: 'S03',
      detail: 'The line of nest 1 button does not report edges.',
    });
    expect(pin(button).done.at(-1)).toBe('unexport');
  });
});

test('promise 7: a lamp that fails does not keep RST from being released when all lines are given back', async () => {
  await driver.openOutput(lamp, 'nest 1 pass');
  const line = await driver.openOutput(rst, 'nest 1 rst');
  line.set(true);
  pin(lamp).broken = true;
  await driver[Symbol.asyncDispose]();
  expect(pin(rst).done).toEqual(['in none', 'low', 'in', 'unexport']);
});
