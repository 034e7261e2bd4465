import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { le32, loaderV1, loaderV2, RawHost, requestBytes, slip, SYNC, xor } from '../support/raw-host.ts';
import type { RamLoaderFile } from '../support/raw-host.ts';
import { READ_MAGIC } from './support/chip-with.ts';

function inRom(): RawHost {
  const host = new RawHost();
  host.enterLoader();
  host.ask(SYNC);
  return host;
}

function inRam(loader: RamLoaderFile): RawHost {
  const host = inRom();
  host.upload(loader);
  expect(host.chip.violations).toEqual([]);
  return host;
}

function dataFrame(op: number, sequence: number, data: Uint8Array): Uint8Array {
  return requestBytes(op, Buffer.concat([le32(data.length, sequence, 0, 0), data]), xor(data));
}

const nothing = new Uint8Array(0);
const word = new Uint8Array(4);
const strayDelimiter = Uint8Array.of(0xc0);

interface Forbidden {
  readonly name: string;
  readonly send: (host: RawHost) => void;
  readonly says: RegExp;
}

describe('what no host may send to the ROM', () => {
  test.for<Forbidden>([
    { name: 'FLASH_END', send: (host) => host.request(0x04, le32(1)), says: /FLASH_END was sent to the ROM/ },
    { name: 'CHANGE_BAUDRATE', send: (host) => host.request(0x0f, le32(1, 1)), says: /The ROM has no request 0xf/ },
    { name: 'SPI_ATTACH', send: (host) => host.request(0x0d, le32(0)), says: /The ROM has no request 0xd/ },
    { name: 'GET_SECURITY_INFO', send: (host) => host.request(0x14, nothing), says: /no request 0x14/ },
    { name: 'a stray delimiter', send: (host) => sendBoth(host, strayDelimiter), says: /empty frame/ },
    {
      name: 'an escape of nothing',
      send: (host) => host.send('c0 00 0a 04 00 00 00 00 00 00 10 00 db 40 c0'),
      says: /escape/,
    },
    {
      name: 'a length that is not that of the payload',
      send: (host) => host.send(slip(Buffer.concat([Uint8Array.of(0, 0x0a, 4, 0), le32(0, 0x40001000, 0)]))),
      says: /says 4 bytes follow, but 8 do/,
    },
    {
      name: 'a frame without a header',
      send: (host) => host.send(slip(Uint8Array.of(0, 8, 9, 9, 9))),
      says: /without a header/,
    },
    { name: 'a SYNC of one word', send: (host) => host.request(0x08, le32(0x20120707)), says: /a SYNC of 4 bytes/ },
    {
      name: 'a checksum of nothing',
      send: (host) => host.request(0x0a, le32(0x40001000), 7),
      says: /has a checksum, but no data/,
    },
    {
      name: 'MEM_DATA without MEM_BEGIN',
      send: (host) => host.data(0x07, 0, word),
      says: /refused request 0x7 with 0x5/,
    },
    {
      name: 'FLASH_DATA without FLASH_BEGIN',
      send: (host) => host.data(0x03, 0, word),
      says: /refused request 0x3 with 0x5/,
    },
    {
      name: 'a wrong count of blocks',
      send: (host) => host.request(0x05, le32(8, 3, 4, 0x40100000)),
      says: /announces 3 blocks/,
    },
    {
      name: 'an address between two words',
      send: (host) => host.request(0x0a, le32(0x40001002)),
      says: /Nothing is at address/,
    },
    {
      name: 'FLASH_BEGIN inside a sector',
      send: (host) => host.request(0x02, le32(0, 0, 0x400, 0x100)),
      says: /begins inside a sector/,
    },
    {
      name: 'a frame behind another one',
      send: (host) => host.send(Buffer.concat([bytes(READ_MAGIC), bytes(READ_MAGIC)])),
      says: /0xa was sent before the reply/,
    },
    {
      name: 'a start of a loader whose data were written over',
      send: (host) => void host.upload(loaderV2(), ['data', 'text']),
      says: /no intact loader/,
    },
  ])('$name', ({ send, says }) => {
    const host = inRom();
    send(host);
    expect(
      host.chip.violations.some((violation) => says.test(violation)),
      host.chip.violations.join(),
    ).toBe(true);
  });

  test('a request while the ROM is at work', () => {
    const host = new RawHost({ speed: 'real' });
    host.patienceMs = 300;
    host.enterLoader();
    host.ask(SYNC);
    host.patienceMs = 0;
    host.request(0x02, le32(0x1000, 2, 0x1000, 0));
    host.send(READ_MAGIC);
    host.clock.advance(500);
    expect(host.chip.violations).toEqual(['Request 0xa was sent before the reply to the one before.']);
  });
});

describe.for([
  { generation: 1, loader: loaderV1 },
  { generation: 2, loader: loaderV2() },
])('what no host may send to loader v$generation', ({ generation, loader }) => {
  const stream = new Uint8Array(deflateSync(new Uint8Array(0x1000)));

  test.for<Forbidden>([
    { name: 'a stray delimiter', send: (host) => sendBoth(host, strayDelimiter), says: /empty frame/ },
    { name: 'data without BEGIN', send: (host) => host.data(0x03, 0, word), says: /refused request 0x3 with 0xc6/ },
    {
      name: 'SPI_ATTACH of three words',
      send: (host) => host.request(0x0d, le32(0, 0, 0)),
      says: /refused request 0xd/,
    },
    {
      name: 'ERASE_REGION of half a sector',
      send: (host) => host.request(0xd1, le32(0, 0x800)),
      says: /refused request 0xd1/,
    },
    {
      name: 'FLASH_BEGIN inside a sector',
      send: (host) => host.request(0x02, le32(4, 1, 0x4000, 0x100)),
      says: /inside a sector/,
    },
    { name: 'too many blocks', send: (host) => host.request(0x02, le32(4, 2, 0x4000, 0)), says: /announces 2 blocks/ },
    { name: 'encryption', send: (host) => host.request(0x02, le32(4, 1, 0x4000, 0, 1)), says: /encryption/ },
    {
      name: 'a stream that does not begin with block 0',
      send: (host) => {
        host.request(0x10, le32(0x1000, 1, 0x4000, 0));
        host.data(0x11, 1, stream);
      },
      says: /Block 1 was sent where 0 was due/,
    },
    {
      name: 'a block that had been taken',
      send: (host) => {
        host.request(0x02, le32(8, 1, 0x4000, 0));
        for (const _time of [1, 2]) host.data(0x03, 0, word);
      },
      says: /Block 0 was sent again although it had been taken/,
    },
    {
      name: 'READ_FLASH in blocks above 4096',
      send: (host) => host.request(0xd2, le32(0, 0x2000, 0x2000, 64)),
      says: /READ_FLASH/,
    },
    {
      name: 'an acknowledgement that nobody waits for',
      send: (host) => host.send(slip(le32(7))),
      says: /acknowledgement that nobody waits for/,
    },
  ])('$name', ({ send, says }) => {
    const host = inRam(loader);
    send(host);
    expect(
      host.chip.violations.some((violation) => says.test(violation)),
      host.chip.violations.join(),
    ).toBe(true);
  });

  test('a request right behind the answer to CHANGE_BAUDRATE', () => {
    const host = new RawHost({ speed: 'real', running: { generation: generation === 1 ? 1 : 2, baud: 115_200 } });
    host.chip.setPower(true);
    host.clock.advance(50);
    host.patienceMs = 1;
    host.request(0x0f, le32(460_800, 115_200));
    host.baud = 460_800;
    host.send(READ_MAGIC);
    host.clock.advance(20);
    expect(host.chip.violations).toEqual(['Bytes were sent before the change of the rate was over and are lost.']);
    expect(host.ask(READ_MAGIC)).toContain('c1 f0 ff');
  });

  test('a block that is sent again because it was refused is none', () => {
    const host = inRam(loader);
    host.request(0x02, le32(4, 1, 0x4000, 0));
    host.send(requestBytes(0x03, Buffer.concat([le32(4, 0, 0, 0), word]), 1));
    host.send(dataFrame(0x03, 0, word));
    expect(host.chip.violations).toEqual([`Loader v${generation} refused request 0x3 with 0xc1.`]);
  });

  test('DB 00 between two requests is none', () => {
    const host = inRam(loader);
    host.send('db 00');
    host.send(READ_MAGIC);
    expect(host.chip.violations).toEqual([]);
  });
});

test('RUN_USER_CODE means nothing to loader v2', () => {
  const host = inRam(loaderV2());
  host.request(0xd3, nothing);
  expect(host.chip.violations).toEqual(['RUN_USER_CODE was sent to loader v2, which does nothing.']);
});

test('READ_FLASH of parts of words hangs loader v1', () => {
  const host = inRam(loaderV1);
  host.request(0xd2, le32(2, 16, 16, 64));
  expect(host.ask(SYNC)).toBe('');
  expect(host.chip.violations[0]).toMatch(/^READ_FLASH asks loader v1/);
});

function sendBoth(host: RawHost, before: Uint8Array): void {
  host.send(Buffer.concat([before, bytes(READ_MAGIC)]));
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}
