import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import { beginDeflated, BLOCK, noise, startedV2, writeDeflated } from '../../support/loader-v2-host.ts';
import { le32, requestBytes, statusOf, textOf, unescaped } from '../../support/raw-host.ts';

function md5(data: Uint8Array): string {
  return textOf(createHash('md5').update(data).digest());
}

describe('writing', () => {
  test('two regions, deflated and raw, verify', () => {
    const host = startedV2({ flash: { ...w25q32, content: new Uint8Array(w25q32.bytes) } });
    const image = noise(100_000);
    writeDeflated(host, image, 0x1000);
    expect(host.chip.flash.read(0x1000, image.length)).toEqual(image);
    expect([...host.chip.flash.read(0xfff, 1)]).toEqual([0]);
    // The rest of the last sector is erased, what follows is not.
    expect(host.chip.flash.isBlank(0x1000 + 100_000, 0x1a000 - 0x1000 - 100_000)).toBe(true);
    expect([...host.chip.flash.read(0x1a000, 1)]).toEqual([0]);

    host.request(0x02, le32(20_000, 2, BLOCK, 0x200000));
    const padded = new Uint8Array(2 * BLOCK).fill(0xff);
    padded.set(image.subarray(0, 20_000));
    for (const sequence of [0, 1]) {
      expect(statusOf(host.data(0x03, sequence, padded.subarray(sequence * BLOCK, (sequence + 1) * BLOCK)))).toBe(
        '00 00',
      );
    }
    expect(statusOf(host.request(0x04, le32(1)))).toBe('00 00');
    expect(unescaped(host.request(0x13, le32(0x200000, 20_000, 0, 0)))).toContain(md5(image.subarray(0, 20_000)));
    expect(host.chip.violations).toEqual([]);
  });

  test('a blank part is not erased; a used one in blocks where they fit', () => {
    const blank = startedV2();
    writeDeflated(blank, noise(70_000), 0);
    expect(blank.chip.flash.erased).toEqual([]);
    const used = startedV2({ flash: { ...w25q32, content: new Uint8Array(0x100000) } });
    writeDeflated(used, noise(0x25000), 0xf000);
    expect(used.chip.flash.erased.map(({ length }) => length)).toEqual([
      0x1000, 0x10000, 0x10000, 0x1000, 0x1000, 0x1000, 0x1000,
    ]);
  });

  test('with real speed a block is acknowledged at once and takes its time before the next one is', () => {
    const host = startedV2({ speed: 'real', flash: { ...w25q32, content: new Uint8Array(0x100000) } });
    const zeros = deflateSync(new Uint8Array(0x40000));
    expect(beginDeflated(host, 0x40000, 1)).toBe('00 00');
    expect(statusOf(host.data(0x11, 0, zeros))).toBe('00 00');
    const startMs = host.clock.monotonic();
    host.send(requestBytes(0x12, le32(1)));
    host.patienceMs = 1;
    let reply = '';
    while (reply === '' && host.clock.monotonic() < 5000) reply = host.ask(new Uint8Array(0));
    expect(statusOf(reply)).toBe('00 00');
    // Four blocks of 150 ms and 8192 programs of 0.107 ms.
    const expectedMs = 4 * 150 + 8192 * 0.107;
    const tookMs = host.clock.monotonic() - startMs;
    expect(tookMs).toBeGreaterThan(expectedMs * 0.95);
    expect(tookMs).toBeLessThan(expectedMs * 1.1);
  });

  test('a locked part acknowledges everything and stays as it was; three register writes unlock it', () => {
    const host = startedV2({ flash: { ...w25q32, statusRegister: 0x1c } });
    const image = noise(5000);
    writeDeflated(host, image, 0);
    expect(host.chip.flash.isBlank(0, 0x2000)).toBe(true);
    host.request(0x09, le32(0x60000200, 0x40000000, 0xffffffff, 0));
    host.request(0x09, le32(0x60000210, 0, 0xffffffff, 0));
    host.request(0x09, le32(0x60000200, 0x04000000, 0xffffffff, 0));
    writeDeflated(host, image, 0);
    expect(host.chip.flash.read(0, 5000)).toEqual(image);
  });

  test('above 4 MB only ERASE_REGION works', () => {
    const host = startedV2({ flash: { ...w25q32, bytes: 8 << 20, content: new Uint8Array(8 << 20) } });
    host.request(0x0b, le32(0, 8 << 20, 0x10000, 0x1000, 0x100, 0xffff));
    expect(beginDeflated(host, 100, 1, 0x500000)).toBe('c4 00');
    expect(statusOf(host.request(0x13, le32(0x500000, 4096, 0, 0)))).toBe('c4 00');
    expect(statusOf(host.request(0xd1, le32(0x500000, 0x1000)))).toBe('00 00');
    expect(host.chip.flash.isBlank(0x500000, 0x1000)).toBe(true);
  });

  test('SPI_SET_PARAMS to the ROM before the upload lifts the ceiling', () => {
    const flash = { ...w25q32, bytes: 8 << 20, id: 0x1740ef };
    const host = startedV2({ flash }, (rom) => {
      rom.request(0x0b, le32(0, 8 << 20, 0x10000, 0x1000, 0x100, 0xffff));
    });
    const image = noise(5000);
    writeDeflated(host, image, 0x500000);
    expect(host.chip.flash.read(0x500000, 5000)).toEqual(image);
  });

  test('changing the record of the ROM by WRITE_REG lifts the ceiling as well', () => {
    const host = startedV2({ flash: { ...w25q32, bytes: 8 << 20, id: 0x1740ef } });
    const pointer = host.request(0x0a, le32(0x3fffc714)).split(' ').slice(5, 9).toReversed().join('');
    host.request(0x09, le32(Number.parseInt(pointer, 16) + 4, 8 << 20, 0xffffffff, 0));
    expect(beginDeflated(host, 100, 1, 0x500000)).toBe('00 00');
  });
});
