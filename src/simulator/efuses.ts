/** Efuse words w0 … w3, protocol reference §4.3. */
export type Efuses = readonly [number, number, number, number];

/**
 * The words of an ESP8266EX with this MAC, in the newest of the three ways that a vendor part is stored (in w3).
 * @param mac six hexadecimal bytes with colons; protocol reference §4.4
 */
export function efusesForMac(mac: string): Efuses {
  const parts = mac.split(':').map((part) => (/^[0-9a-f]{2}$/i.test(part) ? Number.parseInt(part, 16) : NaN));
  if (parts.length !== 6 || parts.some(Number.isNaN)) throw new RangeError(`"${mac}" is no MAC address.`);
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = parts;
  return [((f << 24) | 0xa000) >>> 0, (0x02000000 | (d << 8) | e) >>> 0, 0x0000b000, (a << 16) | (b << 8) | c];
}

/** An ESP8285 with 1 MB (w0 bit 4, no size bits in w3) and this MAC. */
export function esp8285EfusesForMac(mac: string): Efuses {
  const [w0, w1, w2, w3] = efusesForMac(mac);
  return [(w0 | 0x10) >>> 0, w1, (w2 | 0x10000) >>> 0, w3];
}
