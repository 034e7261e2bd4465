import type { Clock } from '../foundation/clock.ts';
import type { FlashPart } from './flash-timing.ts';
import type { Misbehaviour } from './misbehaviour.ts';

/** What the module prints when the ROM could start it and the flash holds what it needs. */
export interface Application {
  readonly regions: readonly { readonly address: number; readonly data: Uint8Array }[];
  readonly banner: string;
  readonly baud: number;
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
