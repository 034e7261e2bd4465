import type { ChipDefinition, FlashFrequency, FlashMode } from '../chips/chip-definition.ts';
import type { JobPolicy } from './job-definition.ts';

/** A job as loaded: resolved, checked, hashed, its bytes held in memory. Those bytes are what is flashed. */
export interface Job {
  readonly name: string;
  readonly product: string;
  readonly release: string | null;
  readonly chip: ChipDefinition;
  /** Canonical JSON of the resolved job, with the hashes of its files. */
  readonly text: string;
  /** `sha256:…` of `text`: what a person approves. */
  readonly hash: string;
  /** `product:sha256…`: what counts as "the same work". */
  readonly operation: string;
  readonly flash: {
    /** Bytes that the module must have at least; `detect`: none, the layout follows the module (also with `keep`). */
    readonly size: number | 'detect';
    readonly mode: FlashMode | 'keep';
    readonly frequency: FlashFrequency | 'keep';
  };
  readonly erase: 'sectors' | 'all';
  /** same: a region whose digest on the module is right already is not written. */
  readonly skip: 'same' | 'none';
  readonly boot: BootCheck | 'header' | 'off';
  readonly policy: JobPolicy;
  /**
   * The regions for a module with this much flash, ascending, symbolic addresses resolved, header patched; the same
   * array at each call with the same size.
   * @throws StationError J05 when a region does not fit
   */
  regionsFor(flashBytes: number): readonly Region[];
  /** Each start compares the files of the job with what was loaded. @throws StationError J02, J03 */
  assertUnchanged(): void;
}

/** One contiguous range of flash and what has to be in it. */
export interface Region {
  /** What it is, for people: the file name or the builtin's name. */
  readonly label: string;
  /** Flash address in bytes, a multiple of 4096. */
  readonly address: number;
  /** The bytes after padding to a multiple of 4 with 0xFF and after the header patch. */
  readonly data: Uint8Array;
  /** MD5 of `data`, lower-case hexadecimal. */
  readonly md5: string;
}

/** What must be seen after the module has been reset into its application. */
export interface BootCheck {
  /** Rate of the application's text, baud. */
  readonly baud: number;
  /** The text that proves the start; its first group, else the match, is the version. */
  readonly expect: RegExp | null;
  readonly version: string | null;
  readonly forbid: RegExp | null;
  /** The firmware itself says that the module is bad (B08). */
  readonly fail: RegExp | null;
  /** Limit from the release of RST, ms; null: it follows the flash size. */
  readonly withinMs: number | null;
  /** What is said to the firmware after `expect`, and what it has to answer. */
  readonly dialogue: readonly DialogueStep[];
}

export interface DialogueStep {
  /** Sent as bytes of UTF-8. */
  readonly send: string;
  readonly expect: RegExp;
  /** The firmware says that the module is bad (B08). */
  readonly fail: RegExp | null;
  /** Limit from the end of sending, ms. */
  readonly withinMs: number;
}
