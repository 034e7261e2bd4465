import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import { le32, RawHost, slip, textOf } from '../support/raw-host.ts';
import { noisyBytes } from '../support/regions.ts';

const READ_FLASH = 0xd2;
const ACCEPTED = 'c0 01 d2 02 00 00 00 00 00 00 00 c0';
const content = noisyBytes(0x4000, 3);

function running(generation: 1 | 2): RawHost {
  const host = new RawHost({ running: { generation, baud: 115_200 }, flash: { ...w25q32, content } });
  host.chip.setPower(true);
  return host;
}

function digestOf(from: number, to: number): string {
  return textOf(slip(createHash('md5').update(content.subarray(from, to)).digest()));
}

function block(from: number, to: number): string {
  return textOf(slip(content.subarray(from, to)));
}

const acknowledge = (host: RawHost, bytes: number): string => host.ask(slip(le32(bytes)));

describe.for([1, 2] as const)('READ_FLASH of loader v%i', (generation) => {
  test('sends a block for each acknowledgement, the last one short, then the digest', () => {
    const host = running(generation);
    expect(host.request(READ_FLASH, le32(0x1000, 0x2400, 0x1000, 64))).toBe(`${ACCEPTED} ${block(0x1000, 0x2000)}`);
    expect(acknowledge(host, 0x1000)).toBe(block(0x2000, 0x3000));
    expect(acknowledge(host, 0x2000)).toBe(block(0x3000, 0x3400));
    expect(acknowledge(host, 0x2400)).toBe(digestOf(0x1000, 0x3400));
    expect(host.chip.violations).toEqual([]);
    expect(host.request(0x08, new Uint8Array(36)).match(/c0 01 08/g)).toHaveLength(8);
  });

  test('an answer of another length ends it with the digest of what was sent', () => {
    const host = running(generation);
    host.request(READ_FLASH, le32(0, 0x2000, 0x1000, 64));
    expect(host.ask(slip(Uint8Array.of(0, 0x10, 0)))).toBe(digestOf(0, 0x1000));
  });

  test('no bytes are a digest of nothing', () => {
    const host = running(generation);
    expect(host.request(READ_FLASH, le32(0, 0, 0x1000, 64))).toBe(`${ACCEPTED} ${digestOf(0, 0)}`);
  });

  test('an acknowledgement of more than was sent is a violation', () => {
    const host = running(generation);
    host.request(READ_FLASH, le32(0, 0x2000, 0x1000, 64));
    acknowledge(host, 0x1001);
    expect(host.chip.violations).toEqual([
      'READ_FLASH was acknowledged with 4097 bytes, when 0 to 4096 had been sent.',
    ]);
  });

  test('takes the time that the flash needs', () => {
    const host = new RawHost({ speed: 'real', running: { generation, baud: 115_200 }, flash: { ...w25q32, content } });
    host.chip.setPower(true);
    host.clock.advance(50);
    expect(host.request(READ_FLASH, le32(0, 0x1000, 0x1000, 64))).toBe(ACCEPTED);
    host.clock.advance(3);
    expect(host.takeText()).toBe('');
    host.clock.advance(2);
    expect(host.takeText()).toBe(block(0, 0x1000));
  });
});

test('loader v2 reads from any address, one block at a time whatever the window', () => {
  const host = running(2);
  expect(host.request(READ_FLASH, le32(0x101, 0x203, 0x101, 0x4000))).toBe(`${ACCEPTED} ${block(0x101, 0x202)}`);
  expect(acknowledge(host, 0x101)).toBe(block(0x202, 0x303));
  expect(acknowledge(host, 0x202)).toBe(block(0x303, 0x304));
  expect(acknowledge(host, 0x203)).toBe(digestOf(0x101, 0x304));
});

test('the window of loader v1 counts bytes: several blocks are on their way', () => {
  const host = running(1);
  const first = [block(0, 0x1000), block(0x1000, 0x2000)].join(' ');
  expect(host.request(READ_FLASH, le32(0, 0x4000, 0x1000, 0x2000))).toBe(`${ACCEPTED} ${first}`);
  expect(acknowledge(host, 0x1000)).toBe(block(0x2000, 0x3000));
});

describe('ERASE_REGION', () => {
  test.for([
    { generation: 1, name: 'blocks while more than one is left', units: [0x1000, 0x1000, 0x10000, ...sectors(16)] },
    { generation: 2, name: 'blocks while one is left', units: [0x1000, 0x1000, 0x10000, 0x10000] },
  ] as const)('loader v$generation: sectors to the boundary, $name', ({ generation, units }) => {
    const host = running(generation);
    expect(host.request(0xd1, le32(0xe000, 0x22000))).toMatch(/^c0 01 d1 02 00 00 00 00 00 00 00 c0$/);
    expect(host.chip.flash.erased.map(({ length }) => length)).toEqual(units);
    expect(host.chip.flash.erased[0]?.address).toBe(0xe000);
  });

  test.for([
    { generation: 1, status: '01 00' },
    { generation: 2, status: 'c0 00' },
  ] as const)('loader v$generation refuses parts of sectors', ({ generation, status }) => {
    const host = running(generation);
    for (const payload of [le32(0x100, 0x1000), le32(0, 0x1800)]) {
      expect(host.request(0xd1, payload).endsWith(`${status} c0`.replaceAll('c0 00 c0', 'db dc 00 c0'))).toBe(true);
    }
    expect(host.chip.flash.erased).toEqual([]);
  });

  test('loader v2 gives up on a flash that is slower than 120 ms a sector, the other waits', () => {
    const timing = { ...w25q32.timing, sectorEraseMs: 300 };
    for (const [generation, status] of [
      [2, 'c4'],
      [1, '00'],
    ] as const) {
      const host = new RawHost({ speed: 'real', running: { generation, baud: 115_200 }, flash: { ...w25q32, timing } });
      host.chip.setPower(true);
      host.clock.advance(50);
      host.patienceMs = 400;
      expect(host.request(0xd1, le32(0, 0x1000)).endsWith(`${status} 00 c0`)).toBe(true);
    }
  });
});

function sectors(count: number): readonly number[] {
  return Array.from({ length: count }, () => 0x1000);
}
