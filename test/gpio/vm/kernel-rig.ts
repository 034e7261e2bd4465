import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  lineFlags,
  lineInfoQuery,
  lineRequest,
  grantedFd,
  readHolder,
  requests,
} from '../../../src/gpio/chardev-layout.ts';
import { loadKernelCalls } from '../../../src/gpio/kernel-calls.ts';
import type { KernelCalls } from '../../../src/gpio/kernel-calls.ts';
import type { LineDriver, LineSpec } from '../../../src/gpio/line.ts';
import { DriveRecord } from './drive-record.ts';
import type { Ability, Driven, Level, LineRig } from '../line-rig.ts';

const sysfs = '/sys/class/gpio';
const otherName = 'somebody else';
const headerLines = 28;

/** What the virtual machine tells about its header chip (rig/gpio-vm). */
const header = {
  levels: process.env['GPIO_SIM'] ?? '',
  chip: join('/dev', process.env['GPIO_CHIP'] ?? ''),
};

export interface DriverUnderTest {
  readonly abilities: readonly Ability[];
  readonly open: () => Promise<LineDriver>;
  /** Arguments of this program that open an output, make it active and wait. */
  readonly hold: (spec: LineSpec, use: string) => readonly string[];
  readonly levelAfterKill: Level;
}

/** A rig on lines of a real kernel, whose simulated chip shows every wire. */
export class KernelRig implements LineRig {
  readonly abilities: ReadonlySet<Ability>;
  readonly levelAfterKill: Level;
  readonly openDriver: () => Promise<LineDriver>;
  readonly #hold: DriverUnderTest['hold'];
  readonly #calls: KernelCalls;
  readonly #chip: number;
  readonly #record = new DriveRecord();

  private constructor(driver: DriverUnderTest, calls: KernelCalls) {
    this.abilities = new Set<Ability>(['kernel', ...driver.abilities]);
    this.levelAfterKill = driver.levelAfterKill;
    this.openDriver = driver.open;
    this.#hold = driver.hold;
    this.#calls = calls;
    this.#chip = calls.open(header.chip);
  }

  static async open(driver: DriverUnderTest): Promise<KernelRig> {
    const rig = new KernelRig(driver, await loadKernelCalls());
    rig.#forgetLines();
    return rig;
  }

  world(bcm: number, level: Level): void {
    writeFileSync(this.#file(bcm, 'pull'), level === 'high' ? 'pull-up' : 'pull-down');
  }

  level(bcm: number): Level {
    return readFileSync(this.#file(bcm, 'value'), 'utf8').trim() === '1' ? 'high' : 'low';
  }

  drivenDuring(bcm: number, work: () => Promise<void>): Promise<readonly Driven[]> {
    return this.#record.during(bcm, work);
  }

  holder(bcm: number): string | null {
    const info = lineInfoQuery(bcm);
    this.#calls.ioctl(this.#chip, requests.lineInfo.number, info);
    return readHolder(info);
  }

  occupy(bcm: number): Disposable & { readonly name: string } {
    const fd = this.#request(bcm);
    return { name: otherName, [Symbol.dispose]: () => this.#calls.close(fd) };
  }

  async leaveByKill(spec: LineSpec, use: string): Promise<void> {
    const child = spawn(process.execPath, [...this.#hold(spec, use)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    await Promise.race([
      once(child.stdout, 'data'),
      ended.then(() => Promise.reject(new Error('The program that holds the line ended.'))),
    ]);
    if (this.level(spec.bcm) !== spec.active)
      throw new Error('The program that holds the line did not make it active.');
    child.kill('SIGKILL');
    await ended;
  }

  /** Every line as it is after a start: an input that nobody holds. */
  #forgetLines(): void {
    for (const name of existsSync(sysfs) ? readdirSync(sysfs) : []) {
      if (/^gpio\d+$/.test(name)) writeFileSync(join(sysfs, 'unexport'), name.slice('gpio'.length));
    }
    for (let bcm = 0; bcm < headerLines; bcm += 1) {
      this.#calls.close(this.#request(bcm));
      this.world(bcm, 'low');
    }
  }

  #request(bcm: number): number {
    const request = lineRequest({ offset: bcm, consumer: otherName, flags: lineFlags.input });
    this.#calls.ioctl(this.#chip, requests.getLine.number, request);
    return grantedFd(request);
  }

  #file(bcm: number, name: string): string {
    return join(header.levels, `sim_gpio${bcm}`, name);
  }
}
