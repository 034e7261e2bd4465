import type { FlashReading } from '../../bootloader/flash-probe.ts';
import type { ChipReading } from '../../bootloader/identify.ts';
import type { CrystalReading } from '../../chips/crystal.ts';
import { flashIdText } from '../../chips/flash-id.ts';
import { flashMakerOf } from '../../chips/flash-makers.ts';
import type { FlashMaker } from '../../chips/flash-makers.ts';
import type { ModuleIdentity } from '../run/outcome.ts';

/** What a module says of itself beyond what every run records. */
export interface ModuleDetails extends ModuleIdentity {
  /** What firmware reads as its chip id. */
  readonly chipId: number;
  /** Such as Wi-Fi. */
  readonly features: readonly string[];
  /** Size of a flash inside the chip by its efuses; null when it has none or the size is unknown. */
  readonly embeddedFlashBytes: number | null;
  readonly crystal: CrystalReading;
  /** Null when the maker is not known. */
  readonly flashMaker: FlashMaker | null;
}

/** Puts together what was read from chip and flash. */
export function detailsOf(
  { mac, variant, chipId, features, embeddedFlashBytes, crystal }: ChipReading,
  { id, bytes }: FlashReading,
): ModuleDetails {
  const identity = { mac, chip: variant, flashId: flashIdText(id), flashBytes: bytes };
  return { ...identity, chipId, features, embeddedFlashBytes, crystal, flashMaker: flashMakerOf(id) };
}

/** The part that runs record. */
export function identityOf({ mac, chip, flashId, flashBytes }: ModuleDetails): ModuleIdentity {
  return { mac, chip, flashId, flashBytes };
}
