import { describe, expect, test } from 'vitest';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import type { Misbehaviour } from '../../../src/simulator/chip/misbehaviour.ts';
import { le32, RawHost, requestBytes, statusOf, SYNC } from '../../support/raw-host.ts';

const OK = '07 07 12 20 00 00 c0';
const SECTOR = 0x1000;

function inLoader(
  flash: Partial<typeof w25q32> & { statusRegister?: number } = {},
  misbehave: Misbehaviour[] = [],
): RawHost {
  const content = new Uint8Array(w25q32.bytes);
  const host = new RawHost({ flash: { ...w25q32, content, ...flash }, misbehave });
  host.enterLoader();
  host.send(SYNC);
  host.take();
  return host;
}

describe('erasing', () => {
  test.for([
    { offset: 0, word: 1, erased: 2 },
    { offset: 0, word: 2, erased: 4 },
    { offset: 0, word: 8, erased: 16 },
    { offset: 0, word: 9, erased: 18 },
    { offset: 0, word: 16, erased: 32 },
    { offset: 0, word: 17, erased: 33 },
    { offset: 0x1000, word: 4, erased: 8 },
    { offset: 0xf000, word: 4, erased: 5 },
    { offset: 0, word: 32, erased: 48 },
    { offset: 0, word: 256, erased: 272 },
  ])('$word sectors asked for at $offset erase $erased', ({ offset, word, erased }) => {
    const host = inLoader();
    expect(statusOf(host.request(0x02, le32(word * SECTOR, 1, 0x400, offset)))).toBe('00 00');
    expect(host.chip.flash.isBlank(offset, erased * SECTOR)).toBe(true);
    expect([...host.chip.flash.read(offset + erased * SECTOR, 1)]).toEqual([0]);
    if (offset > 0) expect([...host.chip.flash.read(offset - 1, 1)]).toEqual([0]);
  });

  test('the request of the reference for 64 KB erases exactly 64 KB, without a violation', () => {
    const host = inLoader();
    const sent = 'c0 00 02 10 00 00 00 00 00 00 80 00 00 40 00 00 00 00 04 00 00 00 00 00 00 c0';
    expect(host.ask(sent)).toBe(`c0 01 02 02 00 ${OK}`);
    expect(host.chip.flash.isBlank(0, 0x10000)).toBe(true);
    expect([...host.chip.flash.read(0x10000, 1)]).toEqual([0]);
    expect(host.chip.violations).toEqual([]);
  });

  test('a request without the detour around the bug is a violation', () => {
    const host = inLoader();
    host.request(0x02, le32(0x10000, 64, 0x400, 0));
    expect(host.chip.violations.join()).toContain('asks to erase 65536, not 32768');
  });

  test('FLASH_BEGIN of nothing erases nothing, attaches the pins and unlocks', () => {
    const host = inLoader({ statusRegister: 0x1c });
    expect(host.ask('c0 00 02 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 04 00 00 00 00 00 00 c0')).toMatch(OK);
    expect(host.chip.flash.erased).toEqual([]);
    expect(host.chip.flash.status).toBe(0);
  });

  test.for([
    { name: 'a start between sectors', payload: le32(SECTOR, 1, 0x400, 0x800), error: '01 06' },
    { name: 'an end above 4 MB', payload: le32(2 * SECTOR, 1, 0x400, 0x3ff000), error: '01 06' },
    { name: 'a block above 0x1800', payload: le32(SECTOR, 1, 0x1801, 0), error: '01 05' },
    { name: 'twenty bytes', payload: le32(SECTOR, 1, 0x400, 0, 0), error: '01 05' },
  ])('$name is refused with $error', ({ payload, error }) => {
    expect(statusOf(inLoader().request(0x02, payload))).toBe(error);
  });

  test('SPI_SET_PARAMS lifts the 4 MB ceiling', () => {
    const host = inLoader({ bytes: 8 << 20, id: 0x1740ef });
    const begin = le32(SECTOR, 4, 0x400, 0x500000);
    expect(statusOf(host.request(0x02, begin))).toBe('01 06');
    expect(statusOf(host.request(0x0b, le32(0, 8 << 20, 0x10000, 0x1000, 0x100, 0xffff)))).toBe('00 06');
    expect(statusOf(host.request(0x02, begin))).toBe('00 06');
  });

  test('with real speed it takes its time, and what overflows the queue meanwhile is lost', () => {
    const host = new RawHost({ speed: 'real', flash: { ...w25q32, content: new Uint8Array(0x10000) } });
    host.patienceMs = 20;
    host.enterLoader();
    host.ask(SYNC);
    expect(host.request(0x02, le32(8 * SECTOR, 64, 0x400, 0))).toBe('');
    const read = requestBytes(0x0a, le32(0x40001000));
    for (let sent = 0; sent < 40; sent++) host.send(read);
    host.clock.advance(16 * 45);
    expect(host.takeText().match(/c0 01 0a/g)).toHaveLength(Math.floor(384 / read.length));
    expect(host.chip.violations.join()).toContain('more than its queue holds');
    expect(host.ask(read)).toMatch(/^c0 01 0a/);
  });

  test('without a flash FLASH_BEGIN never answers', () => {
    const host = inLoader({}, [{ kind: 'flashAbsent' }]);
    expect(host.request(0x02, le32(0, 0, 0x400, 0))).toBe('');
    expect(host.ask(SYNC)).toBe('');
  });
});

describe('writing', () => {
  const block = Uint8Array.from({ length: 0x400 }, (_, index) => index & 0xff);

  test('blocks arrive in their order at the address', () => {
    const host = inLoader();
    host.request(0x02, le32(SECTOR, 2, 0x400, 0x2000));
    expect(statusOf(host.data(0x03, 0, block))).toBe('00 00');
    expect(statusOf(host.data(0x03, 1, block.toReversed()))).toBe('00 00');
    expect(host.chip.flash.read(0x2000, 0x400)).toEqual(block);
    expect(host.chip.flash.read(0x2400, 0x400)).toEqual(block.toReversed());
    expect(host.chip.flash.programmed).toEqual([{ address: 0x2000, length: 0x800 }]);
  });

  test.for([
    { name: 'no BEGIN before it', begin: false, sequence: 0, bytes: 4, checksum: 0xef, error: '01 05' },
    { name: 'the wrong number', begin: true, sequence: 1, bytes: 4, checksum: 0xef, error: '01 05' },
    { name: 'half a word', begin: true, sequence: 0, bytes: 6, checksum: 0xef, error: '01 05' },
    { name: 'a wrong checksum', begin: true, sequence: 0, bytes: 4, checksum: 0xee, error: '01 07' },
  ])('a block with $name is refused with $error', ({ begin, sequence, bytes, checksum, error }) => {
    const host = inLoader();
    if (begin) host.request(0x02, le32(SECTOR, 2, 0x400, 0));
    const payload = Buffer.concat([le32(bytes, sequence, 0, 0), new Uint8Array(bytes)]);
    expect(statusOf(host.request(0x03, payload, checksum))).toBe(error);
  });

  test('a bit that stays 0 is found by the read-back', () => {
    const host = inLoader({}, [{ kind: 'stuckBit', address: 0x10, bit: 3 }]);
    host.request(0x02, le32(SECTOR, 1, 0x400, 0));
    expect(statusOf(host.data(0x03, 0, new Uint8Array(0x400).fill(0xff)))).toBe('01 08');
  });

  test('a write above 4 MB is acknowledged and does nothing', () => {
    const host = inLoader({ bytes: 8 << 20, content: new Uint8Array(8 << 20).fill(0xff) });
    host.request(0x02, le32(0, 2, 0x400, 0x3ffc00 - 0xc00));
    for (let sequence = 0; sequence < 5; sequence++) {
      expect(statusOf(host.data(0x03, sequence, block))).toBe('00 00');
    }
    expect(host.chip.flash.read(0x3ffc00, 0x400)).toEqual(block);
    expect(host.chip.flash.isBlank(0x400000, 0x400)).toBe(true);
  });
});

describe('FLASH_END', () => {
  test('leaves the loader also when it fails', () => {
    const host = inLoader();
    host.request(0x02, le32(SECTOR, 1, 0x400, 0));
    const reply = host.request(0x04, le32(1));
    expect(reply.startsWith('c0 01 04 02 00 07 07 12 20 01 06 c0')).toBe(true);
    expect(host.chip.state).not.toBe('rom-loader');
    expect(host.ask(SYNC)).toBe('');
  });

  test('behind a FLASH_BEGIN of nothing succeeds and locks the flash', () => {
    const host = inLoader();
    host.request(0x02, le32(0, 0, 0x400, 0));
    expect(host.request(0x04, le32(0)).startsWith(`c0 01 04 02 00 ${OK}`)).toBe(true);
    expect(host.chip.flash.status).toBe(0x1c);
    expect(host.chip.violations.join()).toContain('FLASH_END');
  });
});
