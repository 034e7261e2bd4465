import type { Clock } from '../../src/foundation/clock.ts';
import type { ChipOnWires } from '../../src/simulator/bench/wired-chip.ts';
import { noisyBytes } from './regions.ts';

type Transmit = (bytes: Uint8Array, baud: number) => void;

/** Something in the socket that talks all the time, at its own rate, whatever the lines say. */
export class ChatteringDevice implements ChipOnWires, Disposable {
  onTransmit: Transmit = () => undefined;
  readonly #clock: Clock;
  readonly #baud: number;
  #cancel: () => void = () => undefined;
  #said = 0;

  constructor(clock: Clock, baud: number) {
    this.#clock = clock;
    this.#baud = baud;
  }

  receive(): void {
    return;
  }

  setReset(): void {
    return;
  }

  setGpio0(): void {
    return;
  }

  setPower(on: boolean): void {
    this.#cancel();
    if (on) this.#talk();
  }

  [Symbol.dispose](): void {
    this.#cancel();
  }

  #talk(): void {
    this.#said += 1;
    this.onTransmit(noisyBytes(40, this.#said), this.#baud);
    this.#cancel = this.#clock.after(20, () => this.#talk());
  }
}

/** RX and TX of the socket touch each other: whatever is sent comes back. */
export class EchoingDevice implements ChipOnWires {
  onTransmit: Transmit = () => undefined;

  receive(bytes: Uint8Array, hostBaud: number): void {
    this.onTransmit(bytes, hostBaud);
  }

  setReset(): void {
    return;
  }

  setGpio0(): void {
    return;
  }

  setPower(): void {
    return;
  }
}
