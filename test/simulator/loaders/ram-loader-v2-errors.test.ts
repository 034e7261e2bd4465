import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import { beginDeflated, BLOCK, MAGIC, noise, READ_MAGIC, startedV2 } from '../../support/loader-v2-host.ts';
import { le32, requestBytes, statusOf, unescaped, xor } from '../../support/raw-host.ts';

describe('errors', () => {
  const image = noise(3 * BLOCK);
  const stream = deflateSync(image, { level: 0 });
  const piece = (index: number): Uint8Array => stream.subarray(index * BLOCK, (index + 1) * BLOCK);
  const blocks = Math.ceil(stream.length / BLOCK);

  test('a wrong checksum is refused at once and the same block is taken then', () => {
    const host = startedV2();
    beginDeflated(host, image.length, blocks);
    const payload = Buffer.concat([le32(BLOCK, 0, 0, 0), piece(0)]);
    expect(statusOf(host.request(0x11, payload, xor(piece(0)) ^ 1))).toBe('c1 00');
    expect(statusOf(host.request(0x11, payload, xor(piece(0)) | 0x100))).toBe('c1 00');
    for (let index = 0; index < blocks; index++) expect(statusOf(host.data(0x11, index, piece(index)))).toBe('00 00');
    expect(statusOf(host.request(0x12, le32(1)))).toBe('00 00');
    expect(host.chip.flash.read(0, image.length)).toEqual(image);
  });

  test('a byte lost inside a block is refused at once with C0', () => {
    const host = startedV2();
    beginDeflated(host, image.length, blocks);
    const payload = Buffer.concat([le32(BLOCK, 0, 0, 0), piece(0)]);
    const frame = requestBytes(0x11, payload, xor(piece(0)));
    expect(statusOf(host.ask(Buffer.concat([frame.subarray(0, 500), frame.subarray(501)])))).toBe('c0 00');
    expect(statusOf(host.ask(frame))).toBe('00 00');
  });

  test('an error in writing is reported once, by the next command, which is not executed', () => {
    const host = startedV2();
    beginDeflated(host, image.length, blocks);
    expect(statusOf(host.data(0x11, 0, Uint8Array.of(0x78, 0xda, 0x07)))).toBe('00 00');
    expect(host.ask(READ_MAGIC)).toBe('c0 01 0a 02 00 00 00 00 00 c7 00 c0');
    expect(host.ask(READ_MAGIC)).toBe(MAGIC);
  });

  test('the first block without the number 0 is C7 on the next command', () => {
    const host = startedV2();
    beginDeflated(host, image.length, blocks);
    expect(statusOf(host.data(0x11, 1, piece(0)))).toBe('00 00');
    expect(statusOf(host.data(0x11, 2, piece(1)))).toBe('c7 00');
  });

  test('a raw block sent twice is written twice without any error', () => {
    const host = startedV2();
    host.request(0x02, le32(2 * BLOCK, 2, BLOCK, 0));
    for (const sequence of [0, 0, 1])
      expect(statusOf(host.data(0x03, sequence, image.subarray(0, BLOCK)))).toBe('00 00');
    expect(statusOf(host.request(0x04, le32(1)))).toBe('00 00');
    expect(host.chip.flash.read(BLOCK, BLOCK)).toEqual(image.subarray(0, BLOCK));
  });

  test('END before the end is C0 and the stream may go on', () => {
    const host = startedV2();
    beginDeflated(host, image.length, blocks);
    host.data(0x11, 0, piece(0));
    expect(statusOf(host.request(0x12, le32(1)))).toBe('c0 00');
    for (let index = 1; index < blocks; index++) host.data(0x11, index, piece(index));
    expect(statusOf(host.request(0x12, le32(1)))).toBe('00 00');
  });

  test('a stream longer than declared, past the erased sectors, hangs the loader', () => {
    const host = startedV2();
    beginDeflated(host, 2 * BLOCK, blocks);
    for (let index = 0; index < blocks; index++) host.data(0x11, index, piece(index));
    expect(host.ask(READ_MAGIC)).toBe('');
    expect(host.chip.violations.join()).toContain('hangs');
  });

  test('a length declared wrong inside the last sector is C0 at the end', () => {
    const host = startedV2();
    const data = noise(5000);
    const small = deflateSync(data);
    beginDeflated(host, 4900, 1);
    host.data(0x11, 0, small);
    expect(statusOf(host.request(0x12, le32(1)))).toBe('c0 00');
    expect(host.chip.flash.read(0, 5000)).toEqual(data);
  });

  test('too small a compressed size is C7 behind the block that reaches it', () => {
    const host = startedV2();
    beginDeflated(host, image.length, 1);
    expect(statusOf(host.data(0x11, 0, piece(0)))).toBe('00 00');
    expect(statusOf(host.data(0x11, 1, piece(1)))).toBe('c7 00');
  });

  test('blocks after the end are acknowledged and ignored', () => {
    const host = startedV2();
    const small = deflateSync(noise(500));
    beginDeflated(host, 500, 1);
    for (const sequence of [0, 1, 2]) expect(statusOf(host.data(0x11, sequence, small))).toBe('00 00');
  });

  test('a trailer that does not match is noticed in a stream of one block', () => {
    const host = startedV2();
    const small = Uint8Array.from(deflateSync(noise(500)));
    beginDeflated(host, 500, 1);
    host.data(0x11, 0, small.with(-1, small.at(-1)! ^ 1));
    expect(statusOf(host.request(0x12, le32(1)))).toBe('c7 00');
  });

  test.for([
    { name: 'data without BEGIN', op: 0x03, payload: [4, 0, 0, 0, 0], code: 'c6' },
    { name: 'END without BEGIN', op: 0x12, payload: [1], code: 'c6' },
    { name: 'BEGIN of three words', op: 0x10, payload: [1, 2, 3], code: 'c0' },
    { name: 'an erase of half a sector', op: 0xd1, payload: [0, 0x800], code: 'c0' },
    { name: 'SYNC of one word', op: 0x08, payload: [1], code: 'c0' },
    { name: 'GET_SECURITY_INFO', op: 0x14, payload: [], code: 'ff' },
    { name: 'a plug-in', op: 0xd5, payload: [], code: 'ff' },
    { name: 'FLASH_ENCRYPT_DATA', op: 0xd4, payload: [], code: 'c3' },
    { name: 'READ_FLASH_SLOW', op: 0x0e, payload: [0, 0, 0, 0], code: 'c3' },
  ])('$name is answered with $code', ({ op, payload, code }) => {
    const reply = startedV2().request(op, le32(...payload));
    expect(unescaped(reply)).toBe(`c0 01 ${op.toString(16).padStart(2, '0')} 02 00 00 00 00 00 ${code} 00 c0`);
  });

  test('a frame shorter than a header is C8', () => {
    expect(statusOf(startedV2().ask('c0 00 0a 04 c0'))).toBe('c8 00');
  });

  test('RUN_USER_CODE has no answer and no effect', () => {
    const host = startedV2();
    expect(host.request(0xd3, le32())).toBe('');
    expect(host.ask(READ_MAGIC)).toBe(MAGIC);
  });
});

describe('framing', () => {
  test('a stray delimiter turns the phase; DB 00 puts it right', () => {
    const host = startedV2();
    host.send('c0');
    expect(host.ask(READ_MAGIC)).toBe('');
    expect(host.ask(READ_MAGIC)).toBe('');
    host.send('db 00');
    expect(host.ask(READ_MAGIC)).toBe(MAGIC);
    host.send('db 00');
    expect(host.ask(READ_MAGIC)).toBe(MAGIC);
  });

  test('a bad escape drops the frame, whose end opens a phantom frame', () => {
    const host = startedV2();
    expect(host.ask('c0 00 0a 04 db 11 00 00 c0')).toBe('');
    expect(host.ask(READ_MAGIC)).toBe('');
    host.send('db 00');
    expect(host.ask(READ_MAGIC)).toBe(MAGIC);
  });

  test('a lost end: the resend completes the first copy and turns the phase', () => {
    const host = startedV2();
    const data = noise(100);
    host.request(0x02, le32(200, 1, BLOCK, 0));
    const frame = requestBytes(0x03, Buffer.concat([le32(100, 0, 0, 0), data]), xor(data));
    expect(host.ask(frame.subarray(0, -1))).toBe('');
    expect(statusOf(host.ask(frame))).toBe('00 00');
    expect(host.ask(READ_MAGIC)).toBe('');
    host.send('db 00');
    expect(host.ask(READ_MAGIC)).toBe(MAGIC);
  });

  test('a frame directly behind another one is lost', () => {
    const host = startedV2();
    const both = Buffer.concat([requestBytes(0x0a, le32(0x40001000)), requestBytes(0x0a, le32(0x40001000))]);
    expect(host.ask(both)).toBe(MAGIC);
    expect(host.chip.violations.join()).toContain('is lost');
    expect(host.ask(READ_MAGIC)).toBe(MAGIC);
  });

  test('one frame may arrive while the one before is being written, the next is lost', () => {
    const host = startedV2({ speed: 'real', flash: { ...w25q32, content: new Uint8Array(0x100000) } });
    host.request(0x02, le32(0x40000, 16, BLOCK, 0));
    expect(statusOf(host.data(0x03, 0, noise(BLOCK)))).toBe('00 00');
    expect(host.ask(READ_MAGIC)).toBe('');
    expect(host.ask(READ_MAGIC)).toBe('');
    host.clock.advance(1000);
    expect(host.takeText()).toBe(MAGIC);
    expect(host.chip.violations.join()).toContain('is lost');
  });

  test('a frame that is too long is dropped', () => {
    const host = startedV2();
    expect(host.ask(requestBytes(0x03, new Uint8Array(0x4100)))).toBe('');
    host.send('db 00');
    expect(host.ask(READ_MAGIC)).toBe(MAGIC);
  });
});
