import type { Clock } from '../../src/foundation/clock.ts';
import type { OutputLine } from '../../src/gpio/line.ts';
import { lampNames } from '../../src/nest/lamps/lamp-patterns.ts';
import type { LampName } from '../../src/nest/lamps/lamp-patterns.ts';
import { PatternPlayer } from '../../src/nest/lamps/pattern-player.ts';
import type { LineWire } from '../../src/simulator/bench/line-wire.ts';
import type { SimulatedLines } from '../../src/simulator/bench/simulated-lines.ts';
import type { VirtualClock } from './virtual-clock.ts';

export type LampLines = Readonly<Record<LampName, OutputLine>>;

/** The lamps of one nest on simulated wires, and an eye that looks at them. */
export class LampNest {
  readonly lines: LampLines;
  /** What the players told of lines that failed. */
  readonly faults: unknown[] = [];
  readonly #clock: VirtualClock;
  readonly #wireOf: (name: LampName) => LineWire;

  static async open(wires: SimulatedLines, clock: VirtualClock, number = 1): Promise<LampNest> {
    const bcm = (name: LampName): number => number * lampNames.length + lampNames.indexOf(name);
    const open = (name: LampName): Promise<OutputLine> =>
      wires.openOutput({ bcm: bcm(name), active: 'high', drive: 'push-pull' }, `nest ${number} ${name}`);
    const lines = {
      pass: await open('pass'),
      fail: await open('fail'),
      busy: await open('busy'),
      ready: await open('ready'),
    };
    return new LampNest(lines, clock, (name) => wires.wire(bcm(name)));
  }

  private constructor(lines: LampLines, clock: VirtualClock, wireOf: (name: LampName) => LineWire) {
    this.lines = lines;
    this.#clock = clock;
    this.#wireOf = wireOf;
  }

  /** A player for those lamps; default: all. */
  player(those: Partial<LampLines> = this.lines, clock: Clock = this.#clock): PatternPlayer<LampName> {
    const named = lampNames.flatMap((name) => (those[name] === undefined ? [] : [[name, those[name]] as const]));
    return new PatternPlayer(new Map(named), clock, (error) => this.faults.push(error));
  }

  wire(name: LampName): LineWire {
    return this.#wireOf(name);
  }

  /** The lamps that are lit on the wire. */
  lit(): readonly LampName[] {
    return lampNames.filter((name) => this.#wireOf(name).level === 'high');
  }

  /** What is lit now and after each of the waits, ms. */
  film(...waits: readonly number[]): readonly string[] {
    return [this.lit().join('+'), ...waits.map((ms) => (this.#clock.advance(ms), this.lit().join('+')))];
  }
}
