import { describe, expect, test } from 'vitest';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import type { Misbehaviour } from '../../../src/simulator/chip/misbehaviour.ts';
import { bytesOf, le32, RawHost, SYNC, unescaped } from '../../support/raw-host.ts';

const [CMD, ADDR, STATUS, USR, USR1, USR2, W0] = [0x00, 0x04, 0x10, 0x1c, 0x20, 0x24, 0x40].map(
  (at) => 0x60000200 + at,
);
const PINS = [0x6000081c, 0x60000820, 0x60000824, 0x60000828, 0x6000082c, 0x60000830];

class Spi {
  readonly host: RawHost;

  constructor(flash: Partial<typeof w25q32> & { statusRegister?: number } = {}, misbehave: Misbehaviour[] = []) {
    this.host = new RawHost({ flash: { ...w25q32, ...flash }, misbehave });
    this.host.enterLoader();
    this.host.send(SYNC);
    this.host.take();
  }

  attach(): this {
    this.host.request(0x09, Buffer.concat(PINS.map((pin) => le32(pin, 0x10, 0x1b0, 0))));
    return this;
  }

  write(address: number, value: number): void {
    this.host.request(0x09, le32(address, value, 0xffffffff, 0));
  }

  read(address: number): number {
    const reply = unescaped(this.host.request(0x0a, le32(address)));
    return Buffer.from(bytesOf(reply)).readUInt32LE(5);
  }

  hardware(bit: number): void {
    this.write(CMD!, (1 << bit) >>> 0);
    expect(this.read(CMD!)).toBe(0);
  }

  /** A user-defined command; the answer is the first data word. */
  user(opcode: number, parts: { address?: number; sentBits?: number; wantedBits?: number } = {}): number {
    const { address, sentBits = 0, wantedBits = 0 } = parts;
    const flags = [true, address !== undefined, false, wantedBits > 0, sentBits > 0];
    this.write(USR!, flags.reduce((word, on, index) => (on ? word | (1 << (31 - index)) : word), 0) >>> 0);
    this.write(USR1!, ((23 << 26) | ((Math.max(1, sentBits) - 1) << 17) | ((Math.max(1, wantedBits) - 1) << 8)) >>> 0);
    this.write(USR2!, (0x70000000 | opcode) >>> 0);
    if (address !== undefined) this.write(ADDR!, (address << 8) >>> 0);
    this.hardware(18);
    return this.read(W0!);
  }
}

describe('the id', () => {
  test('before the pins are attached everything reads 1', () => {
    const spi = new Spi();
    spi.hardware(28);
    expect(spi.read(W0!)).toBe(0xffffff);
    spi.hardware(27);
    expect(spi.read(STATUS!)).toBe(0xff);
  });

  test('by the hardware command, behind the pin registers or FLASH_BEGIN', () => {
    const spi = new Spi().attach();
    spi.hardware(28);
    expect(spi.read(W0!)).toBe(0x1640ef);
    const other = new Spi();
    other.host.request(0x02, le32(0, 0, 0x400, 0));
    other.hardware(28);
    expect(other.read(W0!)).toBe(0x1640ef);
  });

  test('by the register script of the reference', () => {
    const spi = new Spi().attach();
    spi.write(USR1!, 0x00001700);
    spi.write(USR!, 0x90000000);
    spi.write(USR2!, 0x7000009f);
    spi.write(W0!, 0);
    spi.write(CMD!, 0x00040000);
    expect(spi.read(CMD!)).toBe(0);
    expect(spi.read(W0!)).toBe(0x001640ef);
  });

  test('of a flash that is not there', () => {
    const spi = new Spi({}, [{ kind: 'flashAbsent' }]).attach();
    expect(spi.user(0x9f, { wantedBits: 24 })).toBe(0xffffff);
    expect(spi.user(0x05, { wantedBits: 8 })).toBe(0xff);
  });

  test('of a flash in deep power-down, until AB wakes it', () => {
    const spi = new Spi().attach();
    spi.user(0xb9);
    expect(spi.user(0x9f, { wantedBits: 24 })).toBe(0xffffff);
    expect(spi.user(0xab, { wantedBits: 8 })).toBe(0x15);
    expect(spi.user(0x9f, { wantedBits: 24 })).toBe(0x1640ef);
  });
});

describe('commands', () => {
  test('write, read back, erase', () => {
    const spi = new Spi().attach();
    spi.user(0x06);
    expect(spi.user(0x05, { wantedBits: 8 })).toBe(2);
    spi.write(W0!, 0x44332211);
    spi.user(0x02, { address: 0x1234, sentBits: 32 });
    expect([...spi.host.chip.flash.read(0x1234, 4)]).toEqual([0x11, 0x22, 0x33, 0x44]);
    expect(spi.user(0x05, { wantedBits: 8 })).toBe(0);
    spi.write(W0!, 0);
    expect(spi.user(0x03, { address: 0x1234, wantedBits: 32 })).toBe(0x44332211);
    spi.user(0x20, { address: 0x1234 });
    expect(spi.host.chip.flash.isBlank(0x1000, 0x1000)).toBe(false);
    spi.user(0x06);
    spi.user(0x20, { address: 0x1234 });
    expect(spi.host.chip.flash.isBlank(0x1000, 0x1000)).toBe(true);
  });

  test('programming by the hardware command wraps inside its page', () => {
    const spi = new Spi().attach();
    spi.hardware(30);
    spi.write(W0!, 0x04030201);
    spi.write(ADDR!, (4 << 24) | 0x2fe);
    spi.hardware(25);
    expect([...spi.host.chip.flash.read(0x2fe, 2)]).toEqual([1, 2]);
    expect([...spi.host.chip.flash.read(0x200, 2)]).toEqual([3, 4]);
  });

  test('the status register is written by the hardware commands', () => {
    const spi = new Spi({ statusRegister: 0x1c }).attach();
    spi.hardware(27);
    expect(spi.read(STATUS!)).toBe(0x1c);
    spi.hardware(30);
    spi.write(STATUS!, 0);
    spi.hardware(26);
    spi.hardware(27);
    expect(spi.read(STATUS!)).toBe(0);
  });

  test('hardware erases: sector, block, chip', () => {
    const spi = new Spi({ content: new Uint8Array(w25q32.bytes) }).attach();
    for (const [bit, address, bytes] of [
      [24, 0x3000, 0x1000],
      [23, 0x20000, 0x10000],
      [22, 0, w25q32.bytes],
    ] as const) {
      spi.hardware(30);
      spi.write(ADDR!, address);
      spi.hardware(bit);
      expect(spi.host.chip.flash.erased.at(-1)).toEqual({ address, length: bytes });
    }
  });

  test('SFDP begins with its signature; the table says how many bits the flash has', () => {
    const spi = new Spi().attach();
    expect(spi.user(0x5a, { address: 0, wantedBits: 32 })).toBe(0x50444653);
    expect(spi.user(0x5a, { address: 0x84, wantedBits: 32 })).toBe(w25q32.bytes * 8 - 1);
  });
});
