import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { ChipOptions } from '../../../src/simulator/chip/chip.ts';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import { le32, loaderV1, RawHost, slip, statusOf, SYNC, textOf, unescaped } from '../../support/raw-host.ts';

const READ_MAGIC = 'c0 00 0a 04 00 00 00 00 00 00 10 00 40 c0';
const MAGIC = 'c0 01 0a 02 00 01 c1 f0 ff 00 00 c0';
const BLOCK = 0x4000;

function started(options: Partial<ChipOptions> = {}): RawHost {
  const host = new RawHost(options);
  host.enterLoader();
  host.send(SYNC);
  host.take();
  expect(host.upload(loaderV1)).toBe('c0 4f 48 41 49 c0');
  return host;
}

function words(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => ((index * index) >> 5) & 0xff);
}

function md5(data: Uint8Array): string {
  return textOf(createHash('md5').update(data).digest());
}

test('any build of the first generation is taken by its addresses', () => {
  const host = started();
  expect(host.chip.state).toBe('ram-loader');
  expect(host.ask(SYNC)).toBe(Array(8).fill('c0 01 08 02 00 00 00 00 00 00 00 c0').join(' '));
  expect(host.ask(READ_MAGIC)).toBe(MAGIC);
});

test('the header of a reply leaves before the work is done', () => {
  const host = new RawHost({ speed: 'real' });
  host.patienceMs = 20;
  host.enterLoader();
  host.ask(SYNC);
  expect(host.upload(loaderV1)).toBe('c0 4f 48 41 49 c0');
  const wait = (ms: number): string => {
    host.clock.advance(ms);
    return host.takeText();
  };
  host.send('c0 00 d0 00 00 00 00 00 00 c0');
  expect(wait(9_000)).toBe('c0 01 d0 02 00 00 00 00 00');
  expect(wait(1_100)).toBe('00 00 c0');
});

describe('writing', () => {
  test('a deflated region verifies; every erase stays inside its sectors', () => {
    const host = started({ flash: { ...w25q32, content: new Uint8Array(w25q32.bytes) } });
    const data = words(100_000);
    const stream = deflateSync(data);
    const blocks = Math.ceil(stream.length / BLOCK);
    expect(statusOf(host.request(0x10, le32(data.length, blocks, BLOCK, 0x8000)))).toBe('00 00');
    for (let index = 0; index < blocks; index++) {
      expect(statusOf(host.data(0x11, index, stream.subarray(index * BLOCK, (index + 1) * BLOCK)))).toBe('00 00');
    }
    expect(statusOf(host.request(0x12, le32(1)))).toBe('00 00');
    expect(host.chip.flash.read(0x8000, data.length)).toEqual(data);
    expect([...host.chip.flash.read(0x21000, 1)]).toEqual([0]);
    expect(unescaped(host.request(0x13, le32(0x8000, data.length, 0, 0)))).toContain(md5(data));
    expect(host.chip.violations).toEqual([]);
  });

  test('a locked part is unlocked by FLASH_BEGIN', () => {
    const host = started({ flash: { ...w25q32, statusRegister: 0x1c } });
    host.request(0x02, le32(4, 1, BLOCK, 0));
    expect(statusOf(host.data(0x03, 0, Uint8Array.of(1, 2, 3, 4)))).toBe('00 00');
    expect([...host.chip.flash.read(0, 4)]).toEqual([1, 2, 3, 4]);
  });

  test('there is no 4 MB ceiling', () => {
    const host = started({ flash: { ...w25q32, bytes: 8 << 20, id: 0x1740ef } });
    host.request(0x02, le32(4, 1, BLOCK, 0x700000));
    host.data(0x03, 0, Uint8Array.of(1, 2, 3, 4));
    expect(statusOf(host.request(0x04, le32(1)))).toBe('00 00');
    expect([...host.chip.flash.read(0x700000, 4)]).toEqual([1, 2, 3, 4]);
  });

  test('an inflate error is answered to every frame until the next BEGIN', () => {
    const host = started();
    host.request(0x10, le32(1000, 1, BLOCK, 0));
    expect(statusOf(host.data(0x11, 0, Uint8Array.of(0x78, 0xda, 7)))).toBe('00 00');
    expect(statusOf(host.data(0x11, 1, Uint8Array.of(1)))).toBe('c7 00');
    expect(host.ask(READ_MAGIC)).toBe(MAGIC);
    expect(statusOf(host.data(0x11, 2, Uint8Array.of(1)))).toBe('c7 00');
    host.request(0x10, le32(1000, 1, BLOCK, 0));
    expect(statusOf(host.data(0x11, 0, deflateSync(words(1000))))).toBe('00 00');
  });

  test('what an aborted stream has left is written first by the next one', () => {
    const host = started();
    const cut = deflateSync(words(2000)).subarray(0, -20);
    host.request(0x10, le32(2000, 1, BLOCK, 0));
    host.data(0x11, 0, cut);
    host.request(0x10, le32(500, 1, BLOCK, 0x10000));
    host.data(0x11, 0, deflateSync(new Uint8Array(500)));
    expect(host.chip.flash.read(0x10000, 500)).toEqual(words(500));
  });

  test('FLASH_END with the flag 0 resets into the loader of the ROM, at the old straps', () => {
    const host = started();
    host.request(0x02, le32(0, 0, BLOCK, 0));
    expect(Buffer.from(host.request(0x04, le32(0)).replaceAll(' ', ''), 'hex').toString('latin1')).toContain(
      'boot mode:(1,7)',
    );
    expect(host.chip.state).toBe('rom-loader');
  });

  test('RUN_USER_CODE starts what is in flash, without a reply', () => {
    const host = started();
    expect(Buffer.from(host.request(0xd3, le32()).replaceAll(' ', ''), 'hex').toString()).toContain('flash read err');
    expect(host.chip.state).toBe('halted');
  });
});

describe('errors', () => {
  test.for([
    { name: 'an unknown opcode', op: 0x14, payload: [], status: 'ff 00' },
    { name: 'data without BEGIN', op: 0x03, payload: [4, 0, 0, 0, 0], status: 'c6 00' },
    { name: 'END without BEGIN', op: 0x04, payload: [1], status: 'c6 00' },
    { name: 'a block above 0x4000', op: 0x02, payload: [1, 1, 0x4001, 0], status: 'c2 00' },
    { name: 'an erase of half a sector', op: 0xd1, payload: [0, 0x800], status: '01 00' },
    { name: 'MEM_BEGIN of one word', op: 0x05, payload: [1], status: '01 00' },
    { name: 'a digest of five bytes', op: 0x13, payload: [0, 5, 0, 0], status: '01 00' },
    { name: 'SYNC of one word', op: 0x08, payload: [1], status: 'c0 00' },
  ])('$name is answered with $status', ({ op, payload, status }) => {
    expect(statusOf(started().request(op, le32(...payload)))).toBe(status);
  });

  test('a failed digest announces 18 bytes and sends two', () => {
    expect(started().request(0x13, le32(0, 5, 0, 0))).toBe('c0 01 13 12 00 00 00 00 00 01 00 c0');
  });

  test('an empty frame runs the request that the buffer still holds', () => {
    const host = started();
    host.ask(READ_MAGIC);
    host.ask('c0 00 0a 04 00 00 00 00 00 14 00 00 60 c0');
    expect(host.ask('c0 c0')).toBe(MAGIC);
  });

  test('a stray delimiter turns the phase', () => {
    const host = started();
    host.ask(READ_MAGIC);
    host.send('c0');
    expect(host.ask('c0 00 0a 04 00 00 00 00 00 14 00 00 60 c0')).not.toContain('c4 01');
  });
});

test('the rate goes by the old word', () => {
  const host = started();
  host.request(0x0f, le32(460_800, 115_200));
  host.baud = 460_800;
  host.request(0x0f, le32(921_600, 460_800));
  host.baud = 921_600;
  expect(host.ask(READ_MAGIC)).toBe(MAGIC);
});

test('READ_FLASH has as many bytes on the way as the request allows', () => {
  const content = words(0x3000);
  const host = started({ flash: { ...w25q32, content } });
  const blocks = [0, 1, 2].map((index) => textOf(slip(content.subarray(index * 0x1000, (index + 1) * 0x1000))));
  expect(host.request(0xd2, le32(0, 0x3000, 0x1000, 0x2000))).toBe(
    ['c0 01 d2 02 00 00 00 00 00 00 00 c0', blocks[0], blocks[1]].join(' '),
  );
  expect(host.ask(slip(le32(0x1000)))).toBe(blocks[2]);
  expect(host.ask(Buffer.concat([slip(le32(0x2000)), slip(le32(0x3000))]))).toBe(
    textOf(slip(createHash('md5').update(content).digest())),
  );
});
