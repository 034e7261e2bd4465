import type { Clock } from '../../foundation/clock.ts';
import type { FlashPart } from '../flash/flash-timing.ts';
import type { Misbehaviour } from './misbehaviour.ts';

/** What the module does when the ROM could start it and the flash holds what it needs. */
export interface Application {
  readonly regions: readonly { readonly address: number; readonly data: Uint8Array }[];
  readonly banner: string;
  readonly baud: number;
  /** Lines that it understands; it repeats what it hears, as an interpreter does. Left out: it does not listen. */
  readonly answers?: readonly ApplicationAnswer[];
  /** It restarts after its banner, or in place of it. */
  readonly restarts?: ApplicationRestarts;
  /** It looks at the radio's data before anything else. */
  readonly radioData?: RadioData;
  /** Before its first banner it formats a file system. */
  readonly fileSystem?: FileSystem;
}

export interface ApplicationAnswer {
  /** Without the line's end. */
  readonly line: string;
  readonly answer: string;
  /** What it does first takes so long, ms; default 0. */
  readonly afterMs?: number;
}

export interface ApplicationRestarts {
  /** 4: the hardware watchdog; 3 and 2: by itself, as after an exception (protocol reference §1.2). */
  readonly cause: 2 | 3 | 4;
  /** From its banner on, also at any speed, ms. */
  readonly afterMs: number;
  /** What it prints last, such as an exception. Default: nothing. */
  readonly lastWords?: string;
  /** How often after a reset by hardware; default: for ever. */
  readonly times?: number;
}

/**
 * The SDK wants init data whose first byte is 5, and no calibration that another SDK has left. Without them it says so at
 * the rate of the ROM and restarts for ever (protocol reference §7.6).
 */
export interface RadioData {
  readonly initData: number;
  readonly calibration: number;
}

export interface FileSystem {
  /** A file system is there when this byte is not FF. */
  readonly address: number;
  readonly formatMs: number;
}

export interface ChipOptions {
  readonly clock: Clock;
  /** fast: erasing, programming, digesting and booting take no time; real: they take what `flash.timing` says. */
  readonly speed: 'fast' | 'real';
  readonly flash: FlashPart;
  /** Efuse words w0 … w3; see `efusesForMac`. */
  readonly efuses: readonly [number, number, number, number];
  /** Default 26. */
  readonly crystalMhz?: 26 | 40;
  /** What 0x40001000 reads; default 0xfff0c101. */
  readonly detectValue?: number;
  readonly application?: Application;
  /** A RAM loader that an earlier session left running when the module gets its supply; a reset ends it. */
  readonly running?: { readonly generation: 1 | 2; readonly baud: number };
  readonly misbehave?: readonly Misbehaviour[];
}
