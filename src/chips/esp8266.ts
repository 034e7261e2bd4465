import type { ChipDefinition, ChipIdentity } from './chip-definition.ts';

const KB = 1024;
const MB = 1024 * KB;

/** ESP8266 and ESP8285. Source: protocol reference §1.7, §3, §4.2–§4.6, §5.5, §6.9, §7.1. */
export const esp8266: ChipDefinition = {
  family: 'esp8266',
  magic: 0xfff0c101,
  registers: {
    detect: 0x40001000,
    efuses: [0x3ff00050, 0x3ff00054, 0x3ff00058, 0x3ff0005c],
    uartDivider: 0x60000014,
    spi: 0x60000200,
  },
  flashSetup: [
    ...[0x6000081c, 0x60000820, 0x60000824, 0x60000828, 0x6000082c, 0x60000830].map((address) => ({
      address,
      value: 0x10,
      mask: 0x1b0,
    })),
    { address: 0x60000208, value: 0x00288313, mask: 0xffffffff },
  ],
  rom: {
    memoryBlockBytes: 0x1800,
    flashCeilingBytes: 4 * MB,
    flashRecord: { pointer: 0x3fffc714, ramStart: 0x3ffe8000, ramEnd: 0x40000000 },
  },
  uartClockHz: (crystalMhz) => crystalMhz * 2_000_000,
  romTextBaud: 74_880,
  identify: identifyEsp8266,
  bootAddress: 0,
  header: {
    modes: { qio: 0, qout: 1, dio: 2, dout: 3 },
    sizes: {
      '256KB': { bytes: 256 * KB, code: 0x10 },
      '512KB': { bytes: 512 * KB, code: 0x00 },
      '1MB': { bytes: 1 * MB, code: 0x20 },
      '2MB': { bytes: 2 * MB, code: 0x30 },
      '2MB-c1': { bytes: 2 * MB, code: 0x50 },
      '4MB': { bytes: 4 * MB, code: 0x40 },
      '4MB-c1': { bytes: 4 * MB, code: 0x60 },
      '8MB': { bytes: 8 * MB, code: 0x80 },
      '16MB': { bytes: 16 * MB, code: 0x90 },
    },
    frequencies: { '40m': 0x0, '26m': 0x1, '20m': 0x2, '80m': 0xf },
  },
};

function identifyEsp8266(efuses: readonly number[]): ChipIdentity {
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = efuses;
  return { variant: variantOf(w0, w2, w3), ...macOf(w0, w1, w3) };
}

function variantOf(w0: number, w2: number, w3: number): string {
  const embedded = (w0 & (1 << 4)) !== 0 || (w2 & (1 << 16)) !== 0;
  if (!embedded) return 'ESP8266EX';
  const grade = (w0 & (1 << 5)) !== 0 ? 'H' : 'N';
  const size = embeddedSizes.get(`${(w0 >> 4) & 1}${(w3 >> 25) & 1}${(w3 >> 27) & 1}${(w3 >> 26) & 1}`);
  if (size === 1) return `ESP8285${grade}08`;
  if (size === 2) return `ESP8285${grade}16`;
  return 'ESP8285';
}

/** Bits w0.4, w3.25, w3.27, w3.26 -> embedded flash in MB (protocol reference §4.3). */
const embeddedSizes: ReadonlyMap<string, number> = new Map([
  ['1000', 1],
  ['1001', 2],
  ['0100', 2],
  ['0101', 4],
]);

function macOf(w0: number, w1: number, w3: number): Pick<ChipIdentity, 'mac' | 'macProblem'> {
  const vendor = vendorOf(w1, w3);
  if (vendor === null) {
    return { mac: null, macProblem: `The efuses hold the unknown vendor selector ${(w1 >> 16) & 0xff}.` };
  }
  const bytes = [...vendor, (w1 >> 8) & 0xff, w1 & 0xff, (w0 >>> 24) & 0xff];
  const mac = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  const [first = 0, second = 0, third = 0] = vendor;
  // A part whose fourth word holds only flash-size bits would give the vendor 00:00:00 (protocol reference §4.4).
  const blank = (first | second | third) === 0;
  if (blank || (first & 1) !== 0) {
    return { mac: null, macProblem: `The efuses hold ${mac}, which is no address of a single device.` };
  }
  return { mac, macProblem: null };
}

function vendorOf(w1: number, w3: number): readonly number[] | null {
  if (w3 !== 0) return [(w3 >> 16) & 0xff, (w3 >> 8) & 0xff, w3 & 0xff];
  const selector = (w1 >> 16) & 0xff;
  if (selector === 0) return [0x18, 0xfe, 0x34];
  if (selector === 1) return [0xac, 0xd0, 0x74];
  return null;
}
