import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '../../../src/foundation/system-clock.ts';
import { SimulatedChip } from '../../../src/simulator/chip/chip.ts';
import { efusesForMac } from '../../../src/simulator/chip/efuses.ts';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import { WiredChip } from '../../../src/simulator/bench/wired-chip.ts';
import type { Level } from '../line-rig.ts';
import { KernelHeader } from './kernel-header.ts';
import { until } from './waiting.ts';

export const lampNames = ['pass', 'fail', 'busy'] as const;
const lineNames = ['gpio0', 'rst', 'button', ...lampNames] as const;
type LineName = (typeof lineNames)[number];

/** Four nests take 24 of the 28 lines of the header. */
export const nestCount = 4;
const firstBcm = 4;

const restHigh: readonly LineName[] = ['gpio0', 'rst', 'button'];
const pressLimitMs = 30_000;
const strapWatch = join(import.meta.dirname, 'strap-watch.js');

/** What a module holds and prints once it has been flashed. */
export interface Firmware {
  readonly image: Uint8Array;
  readonly banner: string;
}

/** One place for a module beside lines of a real kernel: port, socket, straps, button and lamps. */
export class HeaderNest implements Disposable {
  readonly number: number;
  /** BCM numbers. */
  readonly lines: Readonly<Record<LineName, number>>;
  readonly #header: KernelHeader;
  readonly #wired: WiredChip<SimulatedChip>;

  static async open(number: number, header: KernelHeader): Promise<HeaderNest> {
    return new HeaderNest(number, header, await WiredChip.open<SimulatedChip>({ clock: systemClock, speed: 'fast' }));
  }

  private constructor(number: number, header: KernelHeader, wired: WiredChip<SimulatedChip>) {
    this.number = number;
    this.#header = header;
    this.#wired = wired;
    const first = firstBcm + (number - 1) * lineNames.length;
    this.lines = Object.fromEntries(lineNames.map((name, index) => [name, first + index])) as Record<LineName, number>;
    for (const name of lineNames) header.world(this.lines[name], restHigh.includes(name) ? 'high' : 'low');
  }

  /** A strap has changed; told in the order in which they do. */
  strapIs(name: 'gpio0' | 'rst', level: Level): void {
    if (name === 'rst') this.#wired.setReset(level === 'low');
    else this.#wired.setGpio0(level === 'low');
  }

  get portPath(): string {
    return this.#wired.portPath!;
  }

  get chip(): SimulatedChip {
    return this.#wired.chip!;
  }

  /** Puts a blank module in, in place of the one that is there. @param speed whether its flash takes its time */
  insert(mac: string, { image, banner }: Firmware, speed: 'fast' | 'real' = 'fast'): void {
    this.#wired.remove();
    const application = { regions: [{ address: 0, data: image }], banner: `${banner}\r\n`, baud: 115_200 };
    const chip = new SimulatedChip({
      clock: systemClock,
      speed,
      application,
      flash: w25q32,
      efuses: efusesForMac(mac),
    });
    this.#wired.insert(chip);
  }

  level(name: LineName): Level {
    return this.#header.level(this.lines[name]);
  }

  /**
   * Holds the button down until the station pulls a strap low: first RST, then GPIO0 too.
   * @param onPulled is called at that moment
   */
  async press(strap: 'rst' | 'gpio0' = 'rst', onPulled: () => void = () => undefined): Promise<void> {
    const pulled = { seen: false };
    using _watch = this.#header.watch(this.lines[strap], (level) => {
      if (level === 'high' || pulled.seen) return;
      pulled.seen = true;
      onPulled();
    });
    this.#header.world(this.lines.button, 'low');
    await until(() => pulled.seen, `${strap} of nest ${this.number} falls`, pressLimitMs);
    this.#header.world(this.lines.button, 'high');
  }

  /** Lines that are not as they must be while no station runs: straps released, lamps dark. */
  unsafeLines(): readonly string[] {
    return lineNames
      .filter((name) => this.level(name) !== (restHigh.includes(name) ? 'high' : 'low'))
      .map((name) => `nest ${this.number} ${name} is ${this.level(name)}`);
  }

  /** Who holds lines of the nest. */
  holders(): readonly string[] {
    return lineNames.flatMap((name) => this.#header.holder(this.lines[name]) ?? []);
  }

  [Symbol.dispose](): void {
    this.#wired[Symbol.dispose]();
  }
}

/** A bench at the header of the virtual machine, for a station in another process. */
export class HeaderBench implements Disposable {
  readonly header: KernelHeader;
  readonly nests: readonly HeaderNest[];
  readonly #strapWatch: ChildProcess;

  static async open(): Promise<HeaderBench> {
    const header = await KernelHeader.open();
    header.forgetLines();
    const numbers = Array.from({ length: nestCount }, (_, index) => index + 1);
    const nests = await Promise.all(numbers.map((number) => HeaderNest.open(number, header)));
    return new HeaderBench(header, nests, await watchStraps(nests));
  }

  private constructor(header: KernelHeader, nests: readonly HeaderNest[], strapWatch: ChildProcess) {
    this.header = header;
    this.nests = nests;
    this.#strapWatch = strapWatch;
  }

  nest(number: number): HeaderNest {
    return this.nests[number - 1]!;
  }

  unsafeLines(): readonly string[] {
    return this.nests.flatMap((nest) => nest.unsafeLines());
  }

  holders(): readonly string[] {
    return this.nests.flatMap((nest) => nest.holders());
  }

  [Symbol.dispose](): void {
    this.#strapWatch.kill('SIGKILL');
    for (const nest of this.nests) nest[Symbol.dispose]();
  }
}

/** Starts the process that sees the straps change in time; resolves when it does. */
async function watchStraps(nests: readonly HeaderNest[]): Promise<ChildProcess> {
  const straps = nests.flatMap((nest) => (['gpio0', 'rst'] as const).map((name) => ({ nest, name })));
  const numbers = straps.map(({ nest, name }) => String(nest.lines[name]));
  const child = spawn(process.execPath, [strapWatch, ...numbers], { stdio: ['ignore', 'pipe', 'inherit'] });
  const output = createInterface({ input: child.stdout });
  await once(output, 'line');
  output.on('line', (line) => {
    const [number = '', level] = line.split(' ');
    const strap = straps[numbers.indexOf(number)];
    strap?.nest.strapIs(strap.name, level as Level);
  });
  return child;
}
