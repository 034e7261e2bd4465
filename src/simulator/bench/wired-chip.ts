import type { Clock } from '../../foundation/clock.ts';
import { HostWriter } from './host-writer.ts';
import { PacedLine } from './paced-line.ts';
import { openPseudoTerminal } from './pseudo-terminal.ts';
import type { PseudoTerminal } from './pseudo-terminal.ts';
import { asHeard } from '../uart/rate-mismatch.ts';

/** What the wires of a nest need of the chip on them; `SimulatedChip` has it. */
export interface ChipOnWires {
  set onTransmit(listener: (bytes: Uint8Array, baud: number) => void);
  receive(bytes: Uint8Array, hostBaud: number): void;
  setReset(low: boolean): void;
  setGpio0(low: boolean): void;
  setPower(on: boolean): void;
}

export interface WiredChipOptions {
  readonly clock: Clock;
  /** real: both directions take ten bits a byte at the sender's rate; fast: they take no time. */
  readonly speed: 'fast' | 'real';
  /** A symbolic link to the port. */
  readonly link?: string;
}

/** How far a paced port reads ahead of the line: enough to keep it busy over a late timer. */
const READ_AHEAD_MS = 24;
const PACED_CHUNK_BYTES = 512;
const FAST_CHUNK_BYTES = 4096;

/**
 * A socket for one chip behind one pseudo-terminal. An empty socket is silent. Bytes towards the host are garbled when
 * the rates differ by more than 3.5 %; the other direction is the chip's own affair.
 */
export class WiredChip<Chip extends ChipOnWires = ChipOnWires> implements Disposable {
  readonly #options: WiredChipOptions;
  readonly #writer: HostWriter;
  readonly #toChip: PacedLine;
  readonly #toHost: PacedLine;
  #terminal: PseudoTerminal | null = null;
  #chip: Chip | null = null;
  #resetLow = false;
  #gpio0Low = false;
  #isFed = true;
  #readingPaused = false;

  /** @throws StationError S04 when the system gives no pseudo-terminal */
  static async open<Chip extends ChipOnWires>(options: WiredChipOptions): Promise<WiredChip<Chip>> {
    const wired = new WiredChip<Chip>(options);
    await wired.plugIn();
    return wired;
  }

  private constructor(options: WiredChipOptions) {
    this.#options = options;
    this.#writer = new HostWriter(options.clock, (bytes) => this.#terminal?.write(bytes) ?? bytes.length);
    this.#toChip = new PacedLine(options.clock, (bytes, baud) => {
      this.#chip?.receive(bytes, baud);
      if (this.#readingPaused && this.#toChip.backlogMs < READ_AHEAD_MS) {
        this.#readingPaused = false;
        this.#terminal?.resume();
      }
    });
    this.#toHost = new PacedLine(options.clock, (bytes, baud) => {
      this.#arriveAtHost(bytes, baud);
    });
  }

  /** The device that clients open; null while the port is unplugged. */
  get portPath(): string | null {
    return this.#terminal?.path ?? null;
  }

  get chip(): Chip | null {
    return this.#chip;
  }

  /** Puts a chip on the contacts, and gives it power while the socket has any; it sees the levels of the lines as they are now. */
  insert(chip: Chip): void {
    if (this.#chip !== null) throw new Error('There is a chip in this socket already.');
    this.#chip = chip;
    chip.onTransmit = (bytes, baud) => {
      if (this.#options.speed === 'fast') this.#arriveAtHost(bytes, baud);
      else this.#toHost.push(bytes.slice(), baud);
    };
    chip.setReset(this.#resetLow);
    chip.setGpio0(this.#gpio0Low);
    if (this.#isFed) chip.setPower(true);
  }

  /** Takes the chip off the contacts; what was on its way is lost. Nothing happens when the socket is empty. */
  remove(): void {
    const chip = this.#chip;
    this.#chip = null;
    if (chip === null) return;
    chip.onTransmit = () => undefined;
    chip.setPower(false);
    this.#forgetUnsent();
  }

  setReset(low: boolean): void {
    this.#resetLow = low;
    // A reset empties the transmitter: what it had not sent yet never comes.
    if (low) this.#forgetUnsent();
    this.#chip?.setReset(low);
  }

  setGpio0(low: boolean): void {
    this.#gpio0Low = low;
    this.#chip?.setGpio0(low);
  }

  /** The supply of the socket, on from the beginning. When it goes, what was on its way to the host is lost. */
  setPower(on: boolean): void {
    if (on === this.#isFed) return;
    this.#isFed = on;
    if (!on) this.#forgetUnsent();
    this.#chip?.setPower(on);
  }

  /** A new port, under the same link; nothing happens while there is one. @throws StationError S04 */
  async plugIn(): Promise<void> {
    if (this.#terminal !== null) return;
    const { speed, link } = this.#options;
    this.#readingPaused = false;
    this.#terminal = await openPseudoTerminal({
      chunkBytes: speed === 'real' ? PACED_CHUNK_BYTES : FAST_CHUNK_BYTES,
      onBytes: (bytes) => this.#takeFromHost(bytes),
      ...(link === undefined ? {} : { link }),
    });
  }

  /** The port vanishes for its clients; the chip stays in the socket and keeps its power. */
  unplug(): void {
    const terminal = this.#terminal;
    this.#terminal = null;
    this.#toChip.clear();
    this.#toHost.clear();
    this.#writer.clear();
    terminal?.close();
  }

  [Symbol.dispose](): void {
    this.remove();
    this.unplug();
  }

  /** What has not reached the client's input buffer. Without pacing it waits in the writer. */
  #forgetUnsent(): void {
    this.#toHost.clear();
    this.#writer.clear();
  }

  /** @returns whether the port may read on */
  #takeFromHost(bytes: Uint8Array): boolean {
    const baud = this.#terminal?.hostBaud() ?? 0;
    if (this.#options.speed === 'fast') {
      this.#chip?.receive(bytes.slice(), baud);
      return true;
    }
    this.#toChip.push(bytes.slice(), baud);
    this.#readingPaused = this.#toChip.backlogMs >= READ_AHEAD_MS;
    return !this.#readingPaused;
  }

  #arriveAtHost(bytes: Uint8Array, baud: number): void {
    if (this.#terminal !== null) this.#writer.write(asHeard(bytes, baud, this.#terminal.hostBaud()));
  }
}
