import { StationError } from '../../foundation/faults.ts';
import type { InputLine, LineDriver, LineSpec, OutputLine } from '../../gpio/line.ts';
import { LineWire } from './line-wire.ts';
import type { Level } from './line-wire.ts';

/** The line driver of the simulated bench. Edges and levels arrive at once, in the same call that causes them. */
export class SimulatedLines implements LineDriver {
  readonly description = 'simulated lines';
  readonly #wires = new Map<number, LineWire>();
  readonly #open = new Set<Disposable>();

  /**
   * The wire at a line, made at the first call.
   * @param rest its level while nobody drives it; counts at the first call only
   */
  wire(bcm: number, rest: Level = 'high'): LineWire {
    const known = this.#wires.get(bcm);
    if (known !== undefined) return known;
    const wire = new LineWire(bcm, rest);
    this.#wires.set(bcm, wire);
    return wire;
  }

  async openOutput(spec: LineSpec, use: string): Promise<OutputLine> {
    const wire = this.#claim(spec, use);
    const drive = (active: boolean): void => {
      const level = active ? spec.active : opposite(spec.active);
      wire.drive(level === 'high' && spec.drive === 'open-drain' ? null : level);
    };
    const line = this.#holdOpen(wire);
    drive(false);
    return Promise.resolve({
      set: (active) => {
        line.mustBeOpen();
        drive(active);
      },
      [Symbol.dispose]: line.close,
    });
  }

  async openInput(spec: LineSpec, use: string): Promise<InputLine> {
    const wire = this.#claim(spec, use);
    const line = this.#holdOpen(wire);
    const watches = new Set<Disposable>();
    return Promise.resolve({
      read: () => {
        line.mustBeOpen();
        return wire.level === spec.active;
      },
      watch: (listener) => {
        line.mustBeOpen();
        const watch = wire.onChange((level) => {
          listener(level === spec.active);
        });
        watches.add(watch);
        return watch;
      },
      [Symbol.dispose]: () => {
        for (const watch of watches) watch[Symbol.dispose]();
        line.close();
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const line of [...this.#open]) line[Symbol.dispose]();
    return Promise.resolve();
  }

  #claim(spec: LineSpec, use: string): LineWire {
    const wire = this.wire(spec.bcm, opposite(spec.active));
    if (wire.openedBy !== null) {
      throw new StationError('S03', `GPIO${spec.bcm} for ${use} is in use as ${wire.openedBy}.`);
    }
    wire.open(use, spec.pull === 'up' ? 'high' : spec.pull === 'down' ? 'low' : null);
    return wire;
  }

  #holdOpen(wire: LineWire): { readonly mustBeOpen: () => void; readonly close: () => void } {
    const close = (): void => {
      if (this.#open.delete(holder)) wire.close();
    };
    const holder: Disposable = { [Symbol.dispose]: close };
    this.#open.add(holder);
    const mustBeOpen = (): void => {
      if (!this.#open.has(holder)) throw new StationError('S03', `GPIO${wire.bcm} has been closed.`);
    };
    return { mustBeOpen, close };
  }
}

function opposite(level: Level): Level {
  return level === 'low' ? 'high' : 'low';
}
