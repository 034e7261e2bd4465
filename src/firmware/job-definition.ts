import type { FlashFrequency, FlashMode } from '../chips/chip-definition.ts';
import type { BuiltinName } from './builtin-images.ts';
import type { SymbolicAddress } from './symbolic-addresses.ts';

/** A job as it is written, its keys checked and its defaults filled in, its files not read yet. */
export interface JobDefinition {
  readonly name: string;
  readonly product: string;
  readonly release: string | null;
  /** Family of the chip, lower case. */
  readonly chip: string;
  readonly flash: {
    /**
     * Name of a size in the chip's header codes, such as `4MB-c1`; or `detect` or `keep`, which both follow the module:
     * `detect` writes its size into the header, `keep` leaves what the image says.
     */
    readonly size: string;
    readonly mode: FlashMode | 'keep';
    readonly frequency: FlashFrequency | 'keep';
  };
  readonly images: readonly ImageDefinition[];
  readonly erase: 'sectors' | 'all';
  /** same: a region whose digest on the module is right already is not written. */
  readonly skip: 'same' | 'none';
  /** `header`: only what the ROM says; `off`: no boot check. */
  readonly boot: BootDefinition | 'header' | 'off';
  readonly policy: JobPolicy;
}

/** What the station may do with a module. */
export interface JobPolicy {
  /** refuse: a module that has passed under the operation and was not written since is not flashed again (D05). */
  readonly reflash: 'refuse' | 'allow';
  /** How often a module may fail before it is refused (D09), from 1. */
  readonly attempts: number;
  /** Ids of the flash parts that are allowed, such as "ef4016" (F02); null: any. */
  readonly flashIds: readonly string[] | null;
  /** The variant that the efuses must state (D02). */
  readonly variant: 'esp8266ex' | 'esp8285' | 'any';
}

export interface ImageDefinition {
  readonly source: { readonly file: string } | { readonly builtin: BuiltinName };
  readonly at: number | SymbolicAddress;
  /** What the file's bytes must hash to, lower-case hexadecimal; null: whatever they are when the job is loaded. */
  readonly sha256: string | null;
}

/** The boot check as text; the expressions are known to compile. */
export interface BootDefinition {
  readonly baud: number;
  readonly expect: string | null;
  readonly version: string | null;
  readonly forbid: string | null;
  /** What the firmware prints when it finds the module bad (B08). */
  readonly fail: string | null;
  /** null: it follows the flash size. */
  readonly withinMs: number | null;
  readonly dialogue: readonly DialogueDefinition[];
}

export interface DialogueDefinition {
  readonly send: string;
  readonly expect: string;
  readonly fail: string | null;
  readonly withinMs: number;
}
