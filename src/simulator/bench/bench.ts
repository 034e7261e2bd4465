import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Clock } from '../../foundation/clock.ts';
import type { ContactSpec, LineDriver, LineSpec } from '../../gpio/line.ts';
import { benchDebounceMs } from './bench-lines.ts';
import type { BenchNestWiring } from './bench-lines.ts';
import { BenchNest } from './bench-nest.ts';
import type { LineWire } from './line-wire.ts';
import { SimulatedLines } from './simulated-lines.ts';

export interface BenchOptions extends BenchNestWiring {
  /** 1 or more. */
  readonly nests: number;
  /** real: lines and flash take the time they take; fast: none. */
  readonly speed: 'fast' | 'real';
  readonly clock: Clock;
}

/** Far beyond the lines of the nests. */
const faultLine: LineSpec = { bcm: 10_000, active: 'high', drive: 'push-pull' };
/** As a station file has it by default: a contact to ground that opens, with a resistor that then pulls up. */
const estopLine: ContactSpec = { bcm: 10_001, active: 'high', drive: 'open-drain', debounceMs: benchDebounceMs };

/** Nests without hardware: real pseudo-terminals, simulated lines, and sockets for simulated chips. */
export class SimulatedBench implements AsyncDisposable {
  readonly nests: readonly BenchNest[];
  readonly lines: LineDriver;
  /** The lamp for a fault of the station, for its configuration. */
  readonly faultLamp = faultLine;
  readonly faultWire: LineWire;
  /** The contact of the emergency stop, for the station's configuration. */
  readonly estopLine = estopLine;
  readonly #estopWire: LineWire;
  readonly #folder: string;

  /** @throws StationError S04 when the system gives no pseudo-terminal */
  static async open(options: BenchOptions): Promise<SimulatedBench> {
    const lines = new SimulatedLines();
    const folder = await mkdtemp(join(tmpdir(), 'jigd-bench-'));
    const nests: BenchNest[] = [];
    try {
      for (let number = 1; number <= options.nests; number += 1) {
        const link = join(folder, `nest-${number}`);
        nests.push(await BenchNest.open({ ...options, number, link, lines }));
      }
    } catch (error) {
      for (const nest of nests) nest[Symbol.dispose]();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    return new SimulatedBench(nests, lines, folder);
  }

  private constructor(nests: readonly BenchNest[], lines: SimulatedLines, folder: string) {
    this.nests = nests;
    this.lines = lines;
    this.faultWire = lines.wire(faultLine.bcm, 'low');
    this.#estopWire = lines.wire(estopLine.bcm, 'high');
    this.estop(false);
    this.#folder = folder;
  }

  /** @param number 1 … the number of nests @throws RangeError when there is no such nest */
  nest(number: number): BenchNest {
    const nest = this.nests[number - 1];
    if (nest === undefined) throw new RangeError(`The bench has no nest ${number}.`);
    return nest;
  }

  /** Presses the emergency stop or releases it. Only its contact is told: taking the supplies is no work of the bench. */
  estop(pressed: boolean): void {
    this.#estopWire.pull(pressed ? null : 'low');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lines[Symbol.asyncDispose]();
    for (const nest of this.nests) nest[Symbol.dispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
