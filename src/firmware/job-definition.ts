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
  /** refuse: a module that has a pass under the same operation is not written again. */
  readonly reflash: 'refuse' | 'allow';
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
  readonly withinMs: number;
}
