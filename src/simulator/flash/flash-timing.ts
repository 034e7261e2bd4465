/** How long the flash takes. Typical values at 25 °C; protocol reference §6.10, §9.2. */
export interface FlashTiming {
  readonly sectorEraseMs: number;
  readonly blockEraseMs: number;
  /** For a part of 4 MB; other sizes in proportion. */
  readonly chipEraseMs: number;
  /** One program command of up to 32 bytes, which is what the ROM's write routine issues. */
  readonly program32Us: number;
  readonly statusWriteMs: number;
  /** Reading 4 KB and comparing it with FF. */
  readonly blankCheckMs: number;
  /** Reading and digesting one MiB. */
  readonly md5MsPerMib: number;
}

/** The flash soldered to the simulated module. */
export interface FlashPart {
  /** JEDEC id as RDID reads it: maker in bits 7..0, type in 15..8, capacity in 23..16. */
  readonly id: number;
  readonly bytes: number;
  readonly timing: FlashTiming;
  /** What is in it before the first run, from address 0; the rest is FF. */
  readonly content?: Uint8Array;
  /** Status register 1 before the first run; 0x1c is a locked part. Default 0. */
  readonly statusRegister?: number;
}

/** Winbond W25Q32 and the like. */
export const w25q32Timing: FlashTiming = {
  sectorEraseMs: 45,
  blockEraseMs: 150,
  chipEraseMs: 10_000,
  program32Us: 107,
  statusWriteMs: 10,
  blankCheckMs: 3.6,
  md5MsPerMib: 1270,
};

/** PUYA P25Q32H and the like: erases fast, takes 2 ms for a program command of any length. */
export const puyaTiming: FlashTiming = {
  ...w25q32Timing,
  sectorEraseMs: 8,
  blockEraseMs: 8,
  chipEraseMs: 8,
  program32Us: 2000,
};

/** A W25Q32 (4 MB) as delivered: blank and unlocked. */
export const w25q32: FlashPart = { id: 0x1640ef, bytes: 4 * 1024 * 1024, timing: w25q32Timing };

/** The same part, so many times slower in everything that it does by itself. */
export function slower(timing: FlashTiming, times: number): FlashTiming {
  return {
    ...timing,
    sectorEraseMs: timing.sectorEraseMs * times,
    blockEraseMs: timing.blockEraseMs * times,
    chipEraseMs: timing.chipEraseMs * times,
    program32Us: timing.program32Us * times,
    statusWriteMs: timing.statusWriteMs * times,
  };
}
