import type { ChipIdentity } from './chip-definition.ts';

const MB = 1024 * 1024;

/** Who an ESP8266 or ESP8285 is, from its four efuse words w0 … w3. Source: protocol reference §4.3, §4.4. */
export function identifyEsp8266(efuses: readonly number[]): ChipIdentity {
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = efuses;
  const chipId = (((w1 & 0xffffff) << 8) | (w0 >>> 24)) >>> 0;
  return { ...kindOf(w0, w2, w3), chipId, ...macOf(w0, w1, w3) };
}

const features = ['Wi-Fi', '160MHz'];

function kindOf(w0: number, w2: number, w3: number): Pick<ChipIdentity, 'variant' | 'features' | 'embeddedFlashBytes'> {
  const embedded = bit(w0, 4) || bit(w2, 16);
  if (!embedded) return { variant: 'ESP8266EX', features, embeddedFlashBytes: null };
  const sizeBits = [bit(w0, 4), bit(w3, 25), bit(w3, 27), bit(w3, 26)].map(Number).join('');
  const bytes = embeddedSizes.get(sizeBits) ?? null;
  const grade = bit(w0, 5) ? 'H' : 'N';
  const megabits = bytes === 1 * MB ? '08' : bytes === 2 * MB ? '16' : null;
  const variant = megabits === null ? 'ESP8285' : `ESP8285${grade}${megabits}`;
  return { variant, features: [...features, 'Embedded Flash'], embeddedFlashBytes: bytes };
}

/** Bits w0.4, w3.25, w3.27, w3.26 -> bytes of the flash inside. */
const embeddedSizes: ReadonlyMap<string, number> = new Map([
  ['1000', 1 * MB],
  ['1001', 2 * MB],
  ['0100', 2 * MB],
  ['0101', 4 * MB],
]);

function macOf(w0: number, w1: number, w3: number): Pick<ChipIdentity, 'mac' | 'macProblem'> {
  const vendor = vendorOf(w1, w3);
  if (vendor === null) {
    return { mac: null, macProblem: `The efuses hold the unknown vendor selector ${(w1 >> 16) & 0xff}.` };
  }
  const bytes = [...vendor, (w1 >> 8) & 0xff, w1 & 0xff, (w0 >>> 24) & 0xff];
  const mac = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  const [first = 0, second = 0, third = 0] = vendor;
  // A part whose fourth word holds only flash-size bits would give the vendor 00:00:00.
  const blank = (first | second | third) === 0;
  if (blank || bit(first, 0)) {
    return { mac: null, macProblem: `The efuses hold ${mac}, which is no address of a single device.` };
  }
  return { mac, macProblem: null };
}

/** The test is on the whole of w3, the size bits too; the vendor is in its lower 24 bits. */
function vendorOf(w1: number, w3: number): readonly number[] | null {
  if (w3 !== 0) return [(w3 >> 16) & 0xff, (w3 >> 8) & 0xff, w3 & 0xff];
  const selector = (w1 >> 16) & 0xff;
  if (selector === 0) return [0x18, 0xfe, 0x34];
  if (selector === 1) return [0xac, 0xd0, 0x74];
  return null;
}

function bit(word: number, index: number): boolean {
  return ((word >>> index) & 1) !== 0;
}
