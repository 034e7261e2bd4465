import { hexNumber } from '../../foundation/bytes.ts';
import type { ModuleDetails } from '../../nest/module/module-details.ts';
import type { ModuleIdentity } from '../../nest/run/outcome.ts';

/** Who a module is as one stable JSON object; null where it does not say or nobody knows. */
export function identityRecord(module: ModuleDetails): object {
  return {
    mac: module.mac,
    chip: module.chip,
    chip_id: hexNumber(module.chipId, 8),
    features: module.features,
    crystal_mhz: module.crystal.mhz,
    crystal_measured_mhz: rounded(module.crystal.measuredMhz),
    flash_id: module.flashId,
    flash_maker: module.flashMaker?.name ?? null,
    flash_bytes: module.flashBytes,
    embedded_flash_bytes: module.embeddedFlashBytes,
  };
}

/** Who a module is for people: a fact a line, then what to know of its flash. */
export function identityList(module: ModuleDetails): string {
  const { flashMaker, embeddedFlashBytes } = module;
  const facts: (readonly [string, string])[] = [
    ['chip', `${module.chip} (${module.features.join(', ')})`],
    ['MAC', module.mac],
    ['chip id', hexNumber(module.chipId, 8)],
    ['crystal', `${module.crystal.mhz} MHz`],
    ['flash id', module.flashId],
    ['maker', flashMaker?.name ?? `unknown (0x${module.flashId.slice(0, 2)})`],
    ['size', kilobytes(module.flashBytes)],
  ];
  if (embeddedFlashBytes !== null) facts.push(['embedded', kilobytes(embeddedFlashBytes)]);
  const lines = facts.map(([name, value]) => `${name.padEnd(8)}  ${value}\n`);
  const remark = flashMaker?.remark ?? null;
  return lines.join('') + (remark === null ? '' : `${remark}\n`);
}

/** Who a module is in one line. */
export function identityText({ mac, chip, flashId, flashBytes }: ModuleIdentity): string {
  return `${chip}, MAC ${mac}, flash ${flashId} with ${kilobytes(flashBytes)}`;
}

/** A plain sentence when the crystal does not measure as it should, else null. */
export function crystalWarning({ crystal }: ModuleDetails): string | null {
  if (crystal.agrees) return null;
  const { mhz, measuredMhz } = crystal;
  return `The crystal measures ${rounded(measuredMhz)} MHz, more than 1 MHz off the ${mhz} MHz that it is taken for.`;
}

function rounded(mhz: number): number {
  return Math.round(mhz * 100) / 100;
}

function kilobytes(bytes: number): string {
  return `${bytes / 1024} KB`;
}
