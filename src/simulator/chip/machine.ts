import type { AddressSpace } from './address-space.ts';
import type { ResetCause } from './boot-text.ts';
import type { Faults } from './faults.ts';
import type { FlashMemory } from '../flash/flash-memory.ts';
import type { KnownRamLoader } from './known-ram-loaders.ts';
import type { Uart } from '../uart/uart.ts';
import type { UploadedCode } from './uploaded-code.ts';

/** The parts of the chip that its programs work with. */
export interface Machine {
  readonly memory: AddressSpace;
  readonly flash: FlashMemory;
  readonly uart: Uart;
  readonly uploaded: UploadedCode;
  readonly faults: Faults;
  /** Sends at the rate of this moment. */
  readonly send: (bytes: Uint8Array) => void;
  /** The same so much later; a reset forgets it. */
  readonly sendLater: (bytes: Uint8Array, ms: number) => void;
  /** The supply dips: the program that calls this must not go on. */
  readonly brownOut: () => void;
  /** Keeps a sentence about something the host must not do. */
  readonly note: (violation: string) => void;
}

/** Where the chip goes when a program ends. */
export type Exit =
  | { readonly to: 'flash' }
  | { readonly to: 'ram-loader'; readonly loader: KnownRamLoader; readonly greets?: boolean }
  /** As after a reset, but with the straps of the last hardware reset. */
  | { readonly to: 'software-reset'; readonly cause?: ResetCause }
  | { readonly to: 'nowhere' };

/** Jumps to uploaded code. */
export function jumpTo(machine: Machine, entry: number): Exit {
  if (entry === 0) return { to: 'flash' };
  const loader = machine.uploaded.loaderAt(entry);
  if (loader === undefined) {
    // Blocks have a checksum, but the address of an upload has none.
    if (machine.faults.uploadIsHosts) {
      machine.note(`MEM_END jumped to 0x${entry.toString(16)}, where no intact loader is.`);
    }
    return { to: 'nowhere' };
  }
  return machine.faults.loaderStartFails ? { to: 'nowhere' } : { to: 'ram-loader', loader };
}
