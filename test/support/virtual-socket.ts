import type { OutputLine } from '../../src/gpio/line.ts';
import { openFault } from '../../src/serial/port-faults.ts';
import type { OpenSerialLink } from '../../src/serial/serial-link.ts';
import type { ChipOnWires } from '../../src/simulator/bench/wired-chip.ts';
import { PacedLine } from '../../src/simulator/bench/paced-line.ts';
import { asHeard } from '../../src/simulator/uart/rate-mismatch.ts';
import type { VirtualClock } from './virtual-clock.ts';
import { VirtualLink } from './virtual-link.ts';

/** A line towards the module; active is low. It rests released. */
export class VirtualLine implements OutputLine {
  active = false;
  readonly #onChange: (active: boolean) => void;

  constructor(onChange: (active: boolean) => void) {
    this.#onChange = onChange;
  }

  set(active: boolean): void {
    if (active === this.active) return;
    this.active = active;
    this.#onChange(active);
  }

  [Symbol.dispose](): void {
    this.set(false);
  }
}

/** A line of the socket that changed. */
export interface LineEdge {
  readonly atMs: number;
  readonly line: 'rst' | 'gpio0' | 'power';
  readonly active: boolean;
}

/** Socket, port and lines of one nest in memory: both directions take ten bits a byte at the sender's rate. */
export class VirtualSocket<Chip extends ChipOnWires> {
  readonly portPath = '/dev/virtual';
  readonly rst = this.#line('rst', (low) => this.#setReset(low));
  readonly gpio0 = this.#line('gpio0', (low) => this.#chip?.setGpio0(low));
  /** Active feeds the chip; without a switch it is always fed. */
  readonly power = this.#line('power', (on) => this.#setPower(on));
  /** Every change of a line, in its order. */
  readonly edges: LineEdge[] = [];
  readonly #clock: VirtualClock;
  readonly #isSwitched: boolean;
  readonly #toChip: PacedLine;
  readonly #toHost: PacedLine;
  #chip: Chip | null = null;
  #link: VirtualLink | null = null;
  #present = true;
  #sentBytes = 0;
  #cutAfterBytes = Infinity;

  /** @param supply switched: the chip is fed by the line `power` */
  constructor(clock: VirtualClock, supply: 'constant' | 'switched' = 'constant') {
    this.#clock = clock;
    this.#isSwitched = supply === 'switched';
    this.#toChip = new PacedLine(clock, (bytes, baud) => this.#chip?.receive(bytes, baud));
    this.#toHost = new PacedLine(clock, (bytes, baud) => {
      const link = this.#link;
      if (link !== null) link.arrive(asHeard(bytes, baud, link.baud));
    });
  }

  get chip(): Chip | null {
    return this.#chip;
  }

  /** True while a client has the port open. */
  get isOpen(): boolean {
    return this.#link !== null;
  }

  insert(chip: Chip): void {
    if (this.#chip !== null) throw new Error('There is a chip in this socket already.');
    this.#chip = chip;
    chip.onTransmit = (bytes, baud) => this.#toHost.push(bytes.slice(), baud);
    chip.setReset(this.rst.active);
    chip.setGpio0(this.gpio0.active);
    chip.setPower(this.power.active || !this.#isSwitched);
  }

  /** Takes the chip out; what was on its way is lost. */
  remove(): void {
    const chip = this.#chip;
    this.#chip = null;
    if (chip === null) return;
    chip.onTransmit = () => undefined;
    chip.setPower(false);
    this.#toHost.clear();
  }

  /** The port vanishes for its client, and cannot be opened until it is plugged in again. */
  unplug(): void {
    this.#present = false;
    this.#cutAfterBytes = Infinity;
    this.#toChip.clear();
    this.#toHost.clear();
    const link = this.#link;
    this.#link = null;
    link?.vanish(new Error('Input/output error'));
  }

  /** The port vanishes once the client has sent so many bytes more. */
  unplugAfter(bytes: number): void {
    this.#cutAfterBytes = this.#sentBytes + bytes;
  }

  plugIn(): void {
    this.#present = true;
  }

  /** Opens the port as `nodeSerialLinks` does: exclusively. */
  readonly open: OpenSerialLink = async (path, baud, signal) => {
    signal.throwIfAborted();
    if (!this.#present || path !== this.portPath) throw openFault(path, new Error('No such file or directory'));
    if (this.#link !== null) throw openFault(path, new Error('Cannot lock port'));
    const link = new VirtualLink(path, baud, this.#clock, {
      send: (bytes, at) => this.#send(bytes, at),
      backlogMs: () => this.#toChip.backlogMs,
      closed: (closing) => {
        if (this.#link === closing) this.#link = null;
      },
    });
    this.#link = link;
    return link;
  };

  #send(bytes: Uint8Array, baud: number): void {
    this.#sentBytes += bytes.length;
    this.#toChip.push(bytes.slice(), baud);
    if (this.#sentBytes >= this.#cutAfterBytes) this.unplug();
  }

  #line(line: LineEdge['line'], act: (active: boolean) => void): VirtualLine {
    return new VirtualLine((active) => {
      this.edges.push({ atMs: this.#clock.monotonic(), line, active });
      act(active);
    });
  }

  #setPower(on: boolean): void {
    if (!this.#isSwitched) return;
    if (!on) this.#toHost.clear();
    this.#chip?.setPower(on);
  }

  #setReset(low: boolean): void {
    // A reset empties the transmitter.
    if (low) this.#toHost.clear();
    this.#chip?.setReset(low);
  }
}
