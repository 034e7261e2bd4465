import type { ChipOnWires } from '../../../src/simulator/bench/wired-chip.ts';

/** Sends back what it hears, at its own rate, and notes what its pins see. */
export class EchoChip implements ChipOnWires {
  readonly pins: string[] = [];
  readonly heardAt = new Set<number>();
  heard = 0;
  baud: number;
  #send: (bytes: Uint8Array, baud: number) => void = () => undefined;

  constructor(baud = 115_200) {
    this.baud = baud;
  }

  set onTransmit(listener: (bytes: Uint8Array, baud: number) => void) {
    this.#send = listener;
  }

  send(bytes: Uint8Array): void {
    this.#send(bytes, this.baud);
  }

  receive(bytes: Uint8Array, hostBaud: number): void {
    this.heard += bytes.length;
    this.heardAt.add(hostBaud);
    this.send(bytes);
  }

  setReset(low: boolean): void {
    this.pins.push(low ? 'rst low' : 'rst high');
  }

  setGpio0(low: boolean): void {
    this.pins.push(low ? 'gpio0 low' : 'gpio0 high');
  }

  setPower(on: boolean): void {
    this.pins.push(on ? 'power on' : 'power off');
  }
}
