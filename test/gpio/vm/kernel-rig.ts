import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { LineDriver, LineSpec } from '../../../src/gpio/line.ts';
import { DriveRecord } from './drive-record.ts';
import { KernelHeader } from './kernel-header.ts';
import type { Ability, Driven, Level, LineRig } from '../line-rig.ts';

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
  readonly #header: KernelHeader;
  readonly #record = new DriveRecord();

  private constructor(driver: DriverUnderTest, header: KernelHeader) {
    this.abilities = new Set<Ability>(['kernel', ...driver.abilities]);
    this.levelAfterKill = driver.levelAfterKill;
    this.openDriver = driver.open;
    this.#hold = driver.hold;
    this.#header = header;
  }

  static async open(driver: DriverUnderTest): Promise<KernelRig> {
    const header = await KernelHeader.open();
    header.forgetLines();
    return new KernelRig(driver, header);
  }

  world(bcm: number, level: Level): void {
    this.#header.world(bcm, level);
  }

  level(bcm: number): Level {
    return this.#header.level(bcm);
  }

  drivenDuring(bcm: number, work: () => Promise<void>): Promise<readonly Driven[]> {
    return this.#record.during(bcm, work);
  }

  holder(bcm: number): string | null {
    return this.#header.holder(bcm);
  }

  occupy(bcm: number): Disposable & { readonly name: string } {
    return this.#header.occupy(bcm);
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
}
