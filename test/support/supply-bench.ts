import type { WiredReset } from '../../src/bootloader/reset-steps.ts';
import { StationError } from '../../src/foundation/faults.ts';
import type { LineSpec, OutputLine } from '../../src/gpio/line.ts';
import { wireModule } from '../../src/nest/supply/module-wiring.ts';
import type { ModuleWiring } from '../../src/nest/supply/module-wiring.ts';
import { PowerTurns } from '../../src/nest/supply/power-turns.ts';
import type { Level } from '../../src/simulator/bench/line-wire.ts';
import { SimulatedLines } from '../../src/simulator/bench/simulated-lines.ts';
import { powerDownMs, powerSettleMs } from '../../src/nest/supply/switched-supply.ts';
import { CountingClock } from './counting-clock.ts';
import { VirtualClock } from './virtual-clock.ts';

const strapSpec = { active: 'low', drive: 'open-drain' } as const;
const powerSpec = { active: 'high', drive: 'push-pull' } as const;
const roles = ['rst', 'gpio0', 'power'] as const;
type Role = (typeof roles)[number];

/** A signal that never aborts. */
export const never = new AbortController().signal;

/** A wire that changed its level. */
export interface WireEdge {
  readonly nest: number;
  readonly atMs: number;
  readonly line: Role;
  readonly level: Level;
}

/** One nest of the bench: what a session gets, and its lines. */
export interface SuppliedNest extends ModuleWiring {
  readonly lines: Readonly<Record<Role, OutputLine>>;
}

/** The straps and the supply of some nests on simulated lines, in virtual time, without modules. */
export class SupplyBench {
  readonly clock = new VirtualClock();
  readonly edges: WireEdge[] = [];
  /** What was told of lines that do not obey. */
  readonly failures: unknown[] = [];
  /** The lines that refuse from now on, as in "1 power". */
  readonly refusing = new Set<string>();
  readonly nests: readonly SuppliedNest[];
  readonly #wires = new SimulatedLines();
  readonly #counting: CountingClock;

  static async open(nests = 1, supply: 'constant' | 'switched' = 'switched'): Promise<SupplyBench> {
    const bench = new SupplyBench([]);
    const opened: SuppliedNest[] = [];
    const turns = new PowerTurns(bench.#counting);
    for (let nest = 1; nest <= nests; nest += 1) opened.push(await bench.#open(nest, supply, turns));
    return Object.assign(bench, { nests: opened });
  }

  private constructor(nests: readonly SuppliedNest[]) {
    this.nests = nests;
    this.#counting = new CountingClock(this.clock);
  }

  /** Timers and sleeps that are left. */
  get timers(): number {
    return this.#counting.pending;
  }

  nest(number = 1): SuppliedNest {
    const nest = this.nests[number - 1];
    if (nest === undefined) throw new RangeError(`The bench has no nest ${number}.`);
    return nest;
  }

  level(line: Role, nest = 1): Level {
    return this.#wires.wire(bcmOf(nest, line)).level;
  }

  /** Every change of a wire as a word: "power high" with the nest left out. */
  story(nest = 1): readonly string[] {
    return this.edges.filter((edge) => edge.nest === nest).map(({ line, level }) => `${line} ${level}`);
  }

  async #open(nest: number, supply: 'constant' | 'switched', turns: PowerTurns): Promise<SuppliedNest> {
    const lines = {
      rst: await this.#line(nest, 'rst', strapSpec),
      gpio0: await this.#line(nest, 'gpio0', strapSpec),
      power: await this.#line(nest, 'power', powerSpec),
    };
    const { power, ...straps } = lines;
    const failed = (error: unknown): unknown => this.failures.push(error);
    const parts = { clock: this.#counting, turns, failed };
    return { ...wireModule({ straps, power: supply === 'switched' ? power : null }, parts), lines };
  }

  async #line(nest: number, line: Role, electrical: Omit<LineSpec, 'bcm'>): Promise<OutputLine> {
    const bcm = bcmOf(nest, line);
    const wire = this.#wires.wire(bcm, electrical.active === 'low' ? 'high' : 'low');
    wire.onChange((level) => this.edges.push({ nest, atMs: this.clock.monotonic(), line, level }));
    const output = await this.#wires.openOutput({ bcm, ...electrical }, `nest ${nest} ${line}`);
    return {
      set: (active) => {
        if (this.refusing.has(`${nest} ${line}`)) throw new StationError('S03', `The ${line} line does not obey.`);
        output.set(active);
      },
      [Symbol.dispose]: () => output[Symbol.dispose](),
    };
  }
}

function bcmOf(nest: number, line: Role): number {
  return nest * roles.length + roles.indexOf(line);
}

/** A bench of one nest whose module is fed. */
export async function fedBench(): Promise<SupplyBench> {
  const bench = await SupplyBench.open();
  const on = bench.nest().supply.on(never);
  await bench.clock.elapse(powerDownMs + powerSettleMs);
  await on;
  return bench;
}

/** The straps as a session has them. @throws Error when DTR and RTS reset the module */
export function strapsOf(reset: ModuleWiring['reset']): WiredReset {
  if (reset.kind !== 'lines') throw new Error('These modules are reset by lines.');
  return reset;
}
