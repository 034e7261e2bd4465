import { addresses, AddressSpace } from './address-space.ts';
import { bootBanner, bootFromFlash, type ResetCause } from './boot-text.ts';
import { RomSink } from './byte-sinks.ts';
import type { ChipOptions } from './chip-options.ts';
import { Faults } from './faults.ts';
import { FlashMemory } from './flash-memory.ts';
import type { Exit, Machine } from './machine.ts';
import { Processor, type Program } from './processor.ts';
import { RamLoaderV1 } from './ram-loader-v1.ts';
import { RamLoaderV2 } from './ram-loader-v2.ts';
import { RomLoader } from './rom-loader.ts';
import { SpiController } from './spi-controller.ts';
import { Uart } from './uart.ts';
import { UploadedCode } from './uploaded-code.ts';

export type { Application, ChipOptions } from './chip-options.ts';
export type { FlashPart, FlashTiming } from './flash-timing.ts';
export type { Misbehaviour } from './misbehaviour.ts';

/** reset: held in reset, or the ROM is loading from flash. halted: something ran that does not answer. */
export type ChipState = 'off' | 'reset' | 'rom-loader' | 'ram-loader' | 'application' | 'halted';

/** Latched straps (GPIO15, GPIO0, GPIO2) that mean the loader and the flash; protocol reference §1.2. */
const STRAPS_LOADER = 1;
const STRAPS_FLASH = 3;
/**
 * From the ROM's last line to the application's first, estimate. It passes at any speed: a host changes its rate in
 * this pause.
 */
const LOAD_MS = 100;
/** The first ones tell what went wrong; a host that floods the chip makes one a frame. */
const MAX_VIOLATIONS = 1000;

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
  #listener: (bytes: Uint8Array, baud: number) => void = () => undefined;
  #state: ChipState = 'off';
  #straps = STRAPS_FLASH;
  #resetLow = false;
  #gpio0Low = false;
  #poweredUp = false;

  constructor(options: ChipOptions) {
    this.#options = options;
    this.#faults = new Faults(options.misbehave ?? []);
    this.#uart = new Uart(options.crystalMhz ?? 26);
    this.#processor = new Processor(options.clock, options.speed, () => this.#uart.sink?.take());
    const nowMs = (): number => this.#processor.nowMs();
    this.flash = new FlashMemory(options.flash, nowMs, options.speed === 'real', this.#faults);
    this.#spi = new SpiController(this.#memory, this.flash);
    this.#uploaded = new UploadedCode(this.#memory);
    this.#machine = {
      memory: this.#memory,
      flash: this.flash,
      uart: this.#uart,
      uploaded: this.#uploaded,
      faults: this.#faults,
      send: (bytes) => this.#send(bytes, this.#uart.baud),
      note: (violation) => {
        if (this.#violations.length < MAX_VIOLATIONS) this.#violations.push(violation);
      },
    };
    this.#attachRegisters();
  }

  /** Bytes leaving TX and the rate the chip really sends them at. Called synchronously. */
  set onTransmit(listener: (bytes: Uint8Array, baud: number) => void) {
    this.#listener = listener;
  }

  get state(): ChipState {
    return this.#state;
  }

  /** What a host did that the protocol forbids, one sentence each, in order of time. */
  get violations(): readonly string[] {
    return this.#violations;
  }

  /** Bytes arriving at RX, sent by the host at this rate. One call: sent without waiting for anything. */
  receive(bytes: Uint8Array, hostBaud: number): void {
    if (this.#faults.deaf) return;
    this.#uart.sink?.beginPiece();
    for (const byte of bytes) {
      const heard = this.#uart.hear(this.#faults.hear(byte), hostBaud);
      if (heard === undefined) continue;
      this.#uart.sink?.push(heard);
      this.#processor.poke();
    }
  }

  /** The RST pin; low holds the chip in reset, the rising edge latches the straps and starts the ROM. */
  setReset(low: boolean): void {
    if (low === this.#resetLow) return;
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
      if (!this.#resetLow) this.#start();
    } else {
      this.#stop('off');
      this.#memory.losePower();
      this.#uploaded.reset();
      this.flash.losePower();
    }
  }

  /** Takes the chip's timers off. */
  dispose(): void {
    this.#stop('off');
  }

  #stop(state: ChipState): void {
    this.#processor.stop();
    this.#uart.reset();
    this.#state = state;
  }

  #start(): void {
    const cause = this.#poweredUp ? 1 : 2;
    this.#poweredUp = false;
    this.#straps = this.#faults.gpio0(this.#gpio0Low) ? STRAPS_LOADER : STRAPS_FLASH;
    this.#faults.reset();
    this.#uploaded.reset();
    this.#processor.start(this.#main(cause));
  }

  *#main(cause: ResetCause): Program {
    let exit = yield* this.#boot(cause);
    for (;;) {
      this.#uart.close();
      switch (exit.to) {
        case 'software-reset':
          exit = yield* this.#boot(2);
          break;
        case 'flash':
          exit = yield* this.#runFlash();
          break;
        case 'ram-loader': {
          this.#state = 'ram-loader';
          const { generation } = exit.loader;
          const loader =
            generation === 1 ? new RamLoaderV1(this.#machine) : new RamLoaderV2(this.#machine, exit.loader);
          exit = yield* loader.run();
          break;
        }
        case 'nowhere':
          this.#state = 'halted';
          yield 'forever';
      }
    }
  }

  /** The ROM from its first instruction to the choice by the latched straps. */
  *#boot(cause: ResetCause): Program<Exit> {
    this.#uart.reset();
    this.#memory.reset();
    this.#spi.reset();
    const noise = this.#faults.noise();
    if (noise.length > 0) this.#machine.send(noise);
    yield* this.#print(bootBanner(cause, this.#straps));
    if (this.#straps !== STRAPS_LOADER) return { to: 'flash' };
    this.#state = 'rom-loader';
    this.#uart.train(new RomSink(this.#machine.note));
    return yield* new RomLoader(this.#machine).run();
  }

  *#runFlash(): Program<Exit> {
    this.#state = 'reset';
    const { text, boots } = bootFromFlash(this.flash);
    yield* this.#print(text);
    if (!boots) return { to: 'nowhere' };
    yield { always: LOAD_MS };
    const { application } = this.#options;
    if (application?.regions.some((region) => !this.#holds(region)) === true) return { to: 'nowhere' };
    this.#state = 'application';
    if (application !== undefined) this.#send(new TextEncoder().encode(application.banner), application.baud);
    for (;;) yield 'forever';
  }

  /** Sends text and lets the time pass that it takes. */
  *#print(text: string): Program {
    const bytes = new TextEncoder().encode(text);
    this.#machine.send(bytes);
    yield (bytes.length * 10_000) / this.#uart.baud;
  }

  #holds({ address, data }: { readonly address: number; readonly data: Uint8Array }): boolean {
    return Buffer.compare(this.flash.read(address, data.length), data) === 0;
  }

  #send(bytes: Uint8Array, baud: number): void {
    const running = this.#state !== 'off' && !this.#resetLow;
    if (running && !this.#faults.silent && bytes.length > 0) this.#listener(bytes, baud);
  }

  #attachRegisters(): void {
    const uart = this.#uart;
    this.#memory.attach(addresses.uartDivider, {
      read: () => uart.divider,
      write: (value) => {
        uart.divider = value;
      },
    });
    this.#memory.attach(addresses.detect, { read: () => this.#options.detectValue ?? 0xfff0c101 });
    this.#memory.attach(addresses.gpioIn, { read: () => ((7 << 29) | (this.#straps << 16)) >>> 0 });
    this.#options.efuses.forEach((value, index) => {
      this.#memory.attach(addresses.efuses + index * 4, { read: () => value });
    });
  }
}
