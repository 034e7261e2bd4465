/**
 * Distance of the SDK's areas from the end of the flash, bytes. Source: protocol reference §7.6. `system-params` is the
 * sector that its table gives for blank.bin, not the start of the three-sector area: see
 * docs/decisions/0010-system-params-address.md.
 */
const distanceFromEnd = {
  'rf-cal': 0x5000,
  'init-data': 0x4000,
  'system-params': 0x2000,
} as const;

export type SymbolicAddress = keyof typeof distanceFromEnd;

/** The names that a job may write as an address. */
export const symbolicAddresses = Object.keys(distanceFromEnd) as readonly SymbolicAddress[];

/** The flash address for a flash of this many bytes; a numeric address is returned as it is. */
export function resolveAddress(at: number | SymbolicAddress, flashBytes: number): number {
  return typeof at === 'number' ? at : flashBytes - distanceFromEnd[at];
}
