import { runApplication } from './application-software.ts';
import { bootBanner, bootFromFlash, type ResetCause } from './boot-text.ts';
import { RomSink } from '../uart/byte-sinks.ts';
import type { Application, ChipOptions } from './chip-options.ts';
import { newestOf } from './known-ram-loaders.ts';
import type { Exit, Machine } from './machine.ts';
import type { Program } from './processor.ts';
import { RamLoaderV1 } from '../loaders/ram-loader-v1.ts';
import { RamLoaderV2 } from '../loaders/ram-loader-v2.ts';
import { RomLoader } from '../loaders/rom-loader.ts';
import type { SpiController } from '../flash/spi-controller.ts';

/** Latched straps (GPIO15, GPIO0, GPIO2) that mean the loader and the flash; protocol reference §1.2. */
export const straps = { loader: 1, flash: 3 } as const;
export type Straps = (typeof straps)[keyof typeof straps];

/** What runs: see `ChipState`. */
export type Running = 'reset' | 'rom-loader' | 'ram-loader' | 'application' | 'halted';

/** What the software of the chip needs of the chip. */
export interface SoftwareParts {
  readonly machine: Machine;
  readonly spi: SpiController;
  readonly application: Application | undefined;
  readonly enter: (running: Running) => void;
  /** Sends at a rate of its own. */
  readonly say: (text: string, baud: number) => void;
}

/**
 * From the ROM's last line to the application's first, estimate. It passes at any speed: a host changes its rate in
 * this pause.
 */
const LOAD_MS = 100;

/** What the chip runs from its first instruction on, by the straps latched at the last hardware reset. */
export class ChipSoftware {
  readonly #parts: SoftwareParts;
  readonly #machine: Machine;
  readonly #straps: Straps;
  /** Of the application, since the last reset by hardware. */
  #starts = 0;

  constructor(parts: SoftwareParts, latched: Straps) {
    this.#parts = parts;
    this.#machine = parts.machine;
    this.#straps = latched;
  }

  /** From the reset vector. */
  *run(cause: ResetCause): Program {
    yield* this.#goOn(yield* this.#boot(cause));
  }

  /** As an earlier session left it: in a RAM loader at some rate. */
  *resume({ generation, baud }: NonNullable<ChipOptions['running']>): Program {
    const { memory, uart } = this.#machine;
    memory.reset();
    this.#parts.spi.reset();
    uart.divider = Math.round(uart.clockHz / baud);
    yield* this.#goOn({ to: 'ram-loader', loader: newestOf(generation), greets: false });
  }

  *#goOn(first: Exit): Program {
    for (let exit = first; ;) {
      this.#machine.uart.close();
      switch (exit.to) {
        case 'software-reset':
          exit = yield* this.#boot(exit.cause ?? 2);
          break;
        case 'flash':
          exit = yield* this.#runFlash();
          break;
        case 'ram-loader': {
          this.#parts.enter('ram-loader');
          const { loader, greets = true } = exit;
          const running =
            loader.generation === 1 ? new RamLoaderV1(this.#machine) : new RamLoaderV2(this.#machine, loader);
          exit = yield* running.run(greets);
          break;
        }
        case 'nowhere':
          this.#parts.enter('halted');
          yield 'forever';
      }
    }
  }

  /** The ROM from its first instruction to the choice by the latched straps. */
  *#boot(cause: ResetCause): Program<Exit> {
    const { uart, memory, faults } = this.#machine;
    uart.reset();
    memory.reset();
    this.#parts.spi.reset();
    const noise = faults.noise();
    if (noise.length > 0) this.#machine.send(noise);
    yield* this.#print(bootBanner(cause, this.#straps));
    if (this.#straps !== straps.loader) return { to: 'flash' };
    this.#parts.enter('rom-loader');
    uart.train(new RomSink(this.#machine.note));
    return yield* new RomLoader(this.#machine).run();
  }

  *#runFlash(): Program<Exit> {
    const { application, enter, say } = this.#parts;
    enter('reset');
    const { text, boots } = bootFromFlash(this.#machine.flash);
    yield* this.#print(text);
    if (!boots) return { to: 'nowhere' };
    yield { always: LOAD_MS };
    if (application?.regions.some((region) => !this.#holds(region)) === true) return { to: 'nowhere' };
    enter('application');
    if (application !== undefined) return yield* runApplication(application, this.#machine, say, this.#starts++);
    for (;;) yield 'forever';
  }

  /** Sends text and lets the time pass that it takes. */
  *#print(text: string): Program {
    const bytes = new TextEncoder().encode(text);
    this.#machine.send(bytes);
    yield (bytes.length * 10_000) / this.#machine.uart.baud;
  }

  #holds({ address, data }: { readonly address: number; readonly data: Uint8Array }): boolean {
    return Buffer.compare(this.#machine.flash.read(address, data.length), data) === 0;
  }
}
