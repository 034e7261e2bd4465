import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DriverWish } from '../../../src/gpio/choose-driver.ts';
import { LedgerReader } from '../../../src/ledger/ledger-reader.ts';
import { bootableImage } from '../../support/bench-job.ts';
import { HeaderBench } from './header-bench.ts';
import type { Firmware, HeaderNest } from './header-bench.ts';
import { Daemon, jigd } from './jigd-process.ts';
import type { CommandEnd } from './jigd-process.ts';
import { until } from './waiting.ts';

/** Small for a slow guest, and more than one block on the way to the module. */
const imageBytes = 48 * 1024;
const banner = 'guest firmware 1.0';
const runLimitMs = 120_000;
const pressLimit = 4;
const erased = 0xff;

/** A station file, a job and a ledger of their own, beside a bench at the header of the virtual machine. */
export class GuestStation implements Disposable {
  readonly bench: HeaderBench;
  readonly firmware: Firmware = { image: bootableImage(imageBytes), banner };
  readonly #folder = mkdtempSync(join(tmpdir(), 'jigd-station-'));
  #nextModule = 1;

  static async open(driver: DriverWish = 'auto'): Promise<GuestStation> {
    return new GuestStation(await HeaderBench.open(), driver);
  }

  private constructor(bench: HeaderBench, driver: DriverWish) {
    this.bench = bench;
    // Some commands run as a user without rights, and it must be the lines that they fail at.
    chmodSync(this.#folder, 0o777);
    writeFileSync(this.#file('image.bin'), this.firmware.image);
    writeFileSync(this.#file('job.yaml'), jobText);
    writeFileSync(this.#file('jigd.yaml'), stationText(driver, bench.nests));
  }

  start(): Promise<Daemon> {
    return Daemon.start(this.#file('jigd.yaml'));
  }

  /** Runs a command on the station file. */
  command(words: readonly string[], user?: 'root' | 'nobody'): Promise<CommandEnd> {
    return jigd([...words, '--config', this.#file('jigd.yaml')], user);
  }

  /** A blank module, another one each time. @param speed real: writing it takes long enough to be cut off */
  insert(nest: number, speed?: 'fast' | 'real'): void {
    const mac = `5c:cf:7f:00:00:${(this.#nextModule++).toString(16).padStart(2, '0')}`;
    this.bench.nest(nest).insert(mac, this.firmware, speed);
  }

  /** Presses until the green lamp is lit and the module runs what it was given. */
  async pass(number: number): Promise<void> {
    const nest = this.bench.nest(number);
    await this.#pressUntil(nest, 'passes', () => nest.level('pass') === 'high');
    await until(() => this.#isFlashed(nest), `nest ${number} runs what it was given`, runLimitMs);
  }

  /** Presses, and does something when a part of the image has been written and the rest has not. */
  async runUntilWriting(number: number, act: () => void): Promise<void> {
    const nest = this.bench.nest(number);
    await this.#pressUntil(nest, 'writes', () => this.#byte(nest, 0) !== erased);
    act();
    if (this.#byte(nest, this.firmware.image.length - 1) !== erased) throw new Error('All has been written already.');
  }

  /**
   * What the ledger tells, run by run, as in "nest 2 ABORTED S05". Left out are runs without contact to the module, and
   * those whose port did not answer in time, after which the bench pressed again: the guest has one emulated processor for
   * the station and four modules, and where its host is busy, too, it stands still for seconds.
   */
  async story(): Promise<readonly string[]> {
    return (await this.#allRuns()).filter((each) => !/ (?:FAIL C\d\d|ERROR S04)$/.test(each));
  }

  [Symbol.dispose](): void {
    this.bench[Symbol.dispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /**
   * As an operator does, it presses again when the lamp is red: in a guest whose processor others use, too, a module may
   * answer too late.
   */
  async #pressUntil(nest: HeaderNest, what: string, done: () => boolean): Promise<void> {
    const isRed = (): boolean => nest.level('fail') === 'high';
    for (let count = 1; count <= pressLimit; count += 1) {
      await nest.press();
      await until(() => !isRed() && nest.level('pass') === 'low', `nest ${nest.number} begins`, runLimitMs);
      await until(() => isRed() || done(), `nest ${nest.number} ${what} or fails`, runLimitMs);
      if (!isRed()) return;
    }
    throw new Error(`Not once it happens that nest ${nest.number} ${what}: ${(await this.#allRuns()).join(', ')}`);
  }

  /** @throws Error when the numbers of the runs have a gap */
  async #allRuns(): Promise<readonly string[]> {
    const reader = await LedgerReader.open(this.#file('ledger.sqlite'));
    try {
      const runs = reader.runs().reverse();
      if (runs.some(({ seq }, index) => seq !== index + 1)) throw new Error('The numbers of the runs have a gap.');
      return runs.map(({ nest, outcome, code }) => `nest ${nest ?? '-'} ${outcome}${code === null ? '' : ` ${code}`}`);
    } finally {
      reader.close();
    }
  }

  #isFlashed({ chip }: HeaderNest): boolean {
    const { image } = this.firmware;
    return chip.state === 'application' && Buffer.compare(chip.flash.read(0, image.length), image) === 0;
  }

  #byte(nest: HeaderNest, address: number): number {
    return nest.chip.flash.read(address, 1)[0]!;
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }
}

const jobText = `name: guest
chip: esp8266
flash: { size: 4MB }
images:
  - { file: image.bin, at: 0 }
boot: { expect: '${banner}', within: 60s }
`;

function stationText(driver: DriverWish, nests: readonly HeaderNest[]): string {
  const listed = nests.map(({ number, portPath, lines }) => {
    const written = Object.entries(lines).map(([name, bcm]) => `${name}: ${bcm}`);
    return `  - { id: ${number}, serial: { path: ${portPath} }, lines: { ${written.join(', ')} } }\n`;
  });
  // A stop is to find a module half-written. What fails for a busy host is to lock neither a nest nor the station.
  return `station: { id: guest }
stopWithin: 0
alarms: { nestFails: off, stationFails: off }
ledger: { path: ledger.sqlite }
gpio: { driver: ${driver} }
jobs: .
job: job
nests:
${listed.join('')}`;
}
