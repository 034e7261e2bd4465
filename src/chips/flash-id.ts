/**
 * Size of a flash in bytes from its JEDEC id as read (maker in bits 7..0, type in 15..8, capacity in 23..16), or null
 * when the id is no answer or its capacity is unknown. Source: protocol reference §4.6, §4.7.
 */
export function flashBytesFromId(id: number): number | null {
  if (!isPlausibleFlashId(id)) return null;
  if ((id & 0xff) === ADESTO) return adestoSizes.get((id >> 8) & 0x1f) ?? null;
  const capacity = id >> 16;
  if (capacity >= 0x12 && capacity <= 0x1c) return 2 ** capacity;
  if (capacity >= 0x20 && capacity <= 0x22) return 2 ** (capacity - 0x20 + 26);
  if (capacity >= 0x32 && capacity <= 0x3a) return 2 ** (capacity - 0x32 + 18);
  return null;
}

/** False for the readings that mean "nobody answered". Source: protocol reference §4.6. */
export function isPlausibleFlashId(id: number): boolean {
  return id !== 0xffffff && id !== 0x000000 && id !== 0xffff3f;
}

/** The id in reading order, maker first: 0x1640ef -> "ef4016", as policies list it. */
export function flashIdText(id: number): string {
  return [id & 0xff, (id >> 8) & 0xff, (id >> 16) & 0xff].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

const ADESTO = 0x1f;
const adestoSizes: ReadonlyMap<number, number> = new Map([
  [0x04, 512 * 1024],
  [0x05, 1024 * 1024],
  [0x06, 2 * 1024 * 1024],
  [0x07, 4 * 1024 * 1024],
  [0x08, 8 * 1024 * 1024],
  [0x09, 16 * 1024 * 1024],
]);
