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

/** Packages with the flash inside, as the efuse bits tell them apart. */
export type Esp8285Package = keyof typeof packages;

/** Bits of w0 and w3, protocol reference §4.3. */
const packages = {
  ESP8285N08: { w0: 0x10, w3: 0 },
  ESP8285H08: { w0: 0x30, w3: 0 },
  ESP8285N16: { w0: 0x10, w3: 1 << 26 },
  ESP8285H16: { w0: 0x30, w3: 1 << 26 },
  /** The older way to say 2 MB, and the one to say 4 MB: only w2 names the family. */
  'ESP8285 with 2 MB': { w0: 0, w3: 1 << 25 },
  'ESP8285 with 4 MB': { w0: 0, w3: (1 << 25) | (1 << 26) },
} as const;

/** @param name by default the part with 1 MB */
export function esp8285EfusesForMac(mac: string, name: Esp8285Package = 'ESP8285N08'): Efuses {
  const [w0, w1, w2, w3] = efusesForMac(mac);
  const bits = packages[name];
  return [(w0 | bits.w0) >>> 0, w1, (w2 | 0x10000) >>> 0, (w3 | bits.w3) >>> 0];
}
