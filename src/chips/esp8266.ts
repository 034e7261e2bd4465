import type { ChipDefinition } from './chip-definition.ts';
import { identifyEsp8266 } from './esp8266-identity.ts';

const KB = 1024;
const MB = 1024 * KB;

/** ESP8266 and ESP8285. Source: protocol reference §1.7, §3, §4.2, §4.5, §4.6, §5.5, §6.9, §7.1. */
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
  crystals: [
    { mhz: 48, aboveMhz: 45 },
    { mhz: 40, aboveMhz: 33 },
  ],
  usualCrystalMhz: 26,
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
