import { AddressSpace } from './address-space.ts';
import type { ChipOptions } from './chip-options.ts';
import { attachRegisters } from './chip-registers.ts';
import { ChipSoftware, type Running, type SoftwareParts, type Straps, straps } from './chip-software.ts';
import { Faults } from './faults.ts';
import { FlashMemory } from '../flash/flash-memory.ts';
import type { Machine } from './machine.ts';
import type { Misbehaviour } from './misbehaviour.ts';
import { Processor } from './processor.ts';
import { SpiController } from '../flash/spi-controller.ts';
import { Transmitter } from '../uart/transmitter.ts';
import { Uart } from '../uart/uart.ts';
import { UploadedCode } from './uploaded-code.ts';

export type { Application, ChipOptions } from './chip-options.ts';
export type { FlashPart, FlashTiming } from '../flash/flash-timing.ts';
export type { Misbehaviour } from './misbehaviour.ts';

/** reset: held in reset, or the ROM is loading from flash. halted: something ran that does not answer. */
export type ChipState = 'off' | Running;

/** The first ones tell what went wrong; a host that floods the chip makes one a frame. */
const MAX_VIOLATIONS = 1000;
const EARLY_AFTER_RATE_CHANGE = 'Bytes were sent before the change of the rate was over and are lost.';

/**
 * An ESP8266 module on the simulated bench, from the protocol reference (§13). It starts without power and with
 * both pins high; call `setPower(true)`.
 */
export class SimulatedChip {
  readonly flash: FlashMemory;
  readonly #options: ChipOptions;
  readonly #processor: Processor;
  readonly #memory = new AddressSpace();
  readonly #uart: Uart;
  readonly #spi: SpiController;
  readonly #uploaded: UploadedCode;
  readonly #faults: Faults;
  readonly #machine: Machine;
  readonly #violations: string[] = [];
  readonly #transmitter: Transmitter;
  #state: ChipState = 'off';
  #straps: Straps = straps.flash;
  #resetLow = false;
  #gpio0Low = false;
  #poweredUp = false;

  constructor(options: ChipOptions) {
    this.#options = options;
    this.#faults = new Faults(options.misbehave ?? []);
    this.#transmitter = new Transmitter(options.clock, this.#faults);
    this.#uart = new Uart(options.crystalMhz ?? 26, (baud, divider) => this.#faults.trained(baud, divider));
    this.#processor = new Processor(options.clock, options.speed, () => this.#uart.sink?.take());
    const nowMs = (): number => this.#processor.nowMs();
    this.flash = new FlashMemory(options.flash, nowMs, options.speed === 'real', this.#faults, (ms) => {
      this.#transmitter.later(ms, () => this.brownOut());
    });
    this.#spi = new SpiController(this.#memory, this.flash);
    this.#uploaded = new UploadedCode(this.#memory);
    this.#machine = {
      memory: this.#memory,
      flash: this.flash,
      uart: this.#uart,
      uploaded: this.#uploaded,
      faults: this.#faults,
      send: (bytes) => this.#send(bytes, this.#uart.baud),
      sendLater: (bytes, ms) => this.#sendLater(bytes, ms),
      brownOut: () => this.brownOut(),
      note: (violation) => {
        const counts = !this.#faults.hostIsExcused && this.#violations.length < MAX_VIOLATIONS;
        if (counts) this.#violations.push(violation);
      },
    };
    attachRegisters({
      memory: this.#memory,
      uart: this.#uart,
      detectValue: options.detectValue ?? 0xfff0c101,
      efuses: options.efuses,
      straps: () => this.#straps,
    });
  }

  /** Bytes leaving TX and the rate the chip really sends them at. Called synchronously. */
  set onTransmit(listener: (bytes: Uint8Array, baud: number) => void) {
    this.#transmitter.listener = listener;
  }

  get state(): ChipState {
    return this.#state;
  }

  /** What a host did that the protocol forbids, one sentence each, in order of time. */
  get violations(): readonly string[] {
    return this.#violations;
  }

  /** From now on it does this wrong as well. */
  misbehave(fault: Misbehaviour): void {
    // The board's resistor pulls a line up that nobody holds any more.
    if (fault.kind === 'resetIgnored') this.setReset(false);
    this.#faults.add(fault);
    this.flash.holdStuckBits();
  }

  /** What it did wrong in this way is over, as when a contact closes. */
  recover(kind: Misbehaviour['kind']): void {
    this.#faults.remove(kind);
  }

  /** Bytes arriving at RX, sent by the host at this rate. One call: sent without waiting for anything. */
  receive(bytes: Uint8Array, hostBaud: number): void {
    if (this.#faults.deaf) return;
    this.#uart.sink?.beginPiece();
    if (this.#uart.paused && bytes.length > 0) this.#machine.note(EARLY_AFTER_RATE_CHANGE);
    for (const byte of this.#faults.received.apply(bytes)) {
      const heard = this.#uart.hear(byte, hostBaud);
      if (heard === undefined) continue;
      this.#uart.sink?.push(heard);
      this.#processor.poke();
    }
  }

  /** The RST pin; low holds the chip in reset, the rising edge latches the straps and starts the ROM. */
  setReset(low: boolean): void {
    if (low === this.#resetLow || this.#faults.resetIgnored) return;
    this.#resetLow = low;
    if (this.#state === 'off') return;
    if (low) this.#stop('reset');
    else this.#start();
  }

  /** The GPIO0 pin. Its level matters only at the rising edge of reset or supply. */
  setGpio0(low: boolean): void {
    this.#gpio0Low = low;
  }

  /** The supply; without it nothing is sent, and RAM and straps are lost. */
  setPower(on: boolean): void {
    if (on === (this.#state !== 'off')) return;
    if (on) {
      this.#poweredUp = true;
      this.#state = 'reset';
      this.flash.startBusy(this.#faults.busyAtPowerUpMs);
      if (!this.#resetLow) this.#start(this.#options.running);
    } else {
      this.#loseSupply('off');
    }
  }

  /** The supply dips and comes back: the chip starts again by the pins of this moment, what was in work is over. */
  brownOut(): void {
    if (this.#state === 'off') return;
    this.#loseSupply('reset');
    this.#poweredUp = true;
    if (!this.#resetLow) this.#start();
  }

  /** Takes the chip's timers off. */
  dispose(): void {
    this.#stop('off');
  }

  #loseSupply(state: ChipState): void {
    this.#stop(state);
    this.#memory.losePower();
    this.#uploaded.reset();
    this.flash.losePower();
  }

  #stop(state: ChipState): void {
    this.#processor.stop();
    this.#transmitter.clear();
    this.#uart.reset();
    this.#state = state;
  }

  #start(running?: ChipOptions['running']): void {
    const cause = this.#poweredUp ? 1 : 2;
    this.#poweredUp = false;
    this.#straps = this.#faults.gpio0(this.#gpio0Low) ? straps.loader : straps.flash;
    this.#faults.reset();
    this.#uploaded.reset();
    const software = new ChipSoftware(this.#softwareParts, this.#straps);
    this.#processor.start(running === undefined ? software.run(cause) : software.resume(running));
  }

  get #softwareParts(): SoftwareParts {
    return {
      machine: this.#machine,
      spi: this.#spi,
      application: this.#options.application,
      enter: (running) => {
        this.#state = running;
      },
      say: (text, baud) => this.#send(new TextEncoder().encode(text), baud),
    };
  }

  /** Not in the middle of a reply that is being sent. */
  #sendLater(bytes: Uint8Array, ms: number): void {
    this.#transmitter.later(ms, () => {
      if (this.#uart.sink?.working === true) this.#sendLater(bytes, 1);
      else this.#send(bytes, this.#uart.baud);
    });
  }

  #send(bytes: Uint8Array, baud: number): void {
    const running = this.#state !== 'off' && !this.#resetLow;
    if (running && !this.#faults.silent && bytes.length > 0) this.#transmitter.send(bytes, baud);
  }
}
