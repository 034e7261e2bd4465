import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import { BLOCK, MAGIC, noise, OHAI, READ_MAGIC, startedV2 } from '../../support/loader-v2-host.ts';
import { le32, loaderV2, RawHost, slip, statusOf, SYNC, textOf, unescaped, xor } from '../../support/raw-host.ts';

describe('starting', () => {
  test('the session of the reference', () => {
    const host = new RawHost();
    host.enterLoader();
    expect(host.ask(SYNC)).toBe(Array(8).fill('c0 01 08 02 00 07 07 12 20 00 00 c0').join(' '));
    const { text, data } = loaderV2();
    const beginText = 'c0 00 05 10 00 00 00 00 00 db dc 2c 00 00 02 00 00 00 00 18 00 00 00 c5 10 40 c0';
    expect(host.ask(beginText)).toBe('c0 01 05 02 00 07 07 12 20 00 00 c0');
    expect([xor(text.subarray(0, 0x1800)), xor(text.subarray(0x1800)), xor(data)]).toEqual([0x1f, 0xe1, 0xff]);
    expect(statusOf(host.data(0x07, 0, text.subarray(0, 0x1800)))).toBe('00 00');
    expect(statusOf(host.data(0x07, 1, text.subarray(0x1800)))).toBe('00 00');
    const beginData = 'c0 00 05 10 00 00 00 00 00 98 03 00 00 01 00 00 00 00 18 00 00 6c ae ff 3f c0';
    expect(statusOf(host.ask(beginData))).toBe('00 00');
    expect(statusOf(host.data(0x07, 0, data))).toBe('00 00');
    const end = host.ask('c0 00 06 08 00 00 00 00 00 00 00 00 00 04 c5 10 40 c0');
    expect(end).toBe(`c0 01 06 02 00 07 07 12 20 00 00 c0 ${OHAI}`);

    const change = 'c0 00 0f 08 00 00 00 00 00 00 10 0e 00 00 c2 01 00 c0';
    expect(host.ask(change)).toBe('c0 01 0f 02 00 00 00 00 00 00 00 c0');
    expect(Math.round(host.chipBaud)).toBe(115_044);
    host.baud = 921_600;
    expect(host.ask(READ_MAGIC)).toBe(MAGIC);
    expect(Math.round(host.chipBaud)).toBe(928_571);

    const image = noise(70_000);
    const stream = deflateSync(image, { level: 0 });
    expect(stream.length).toBeGreaterThan(4 * BLOCK);
    host.request(0x10, le32(70_000, 5, BLOCK, 0, 0));
    for (let at = 0; at < stream.length; at += BLOCK) host.data(0x11, at / BLOCK, stream.subarray(at, at + BLOCK));
    expect(host.ask('c0 00 12 04 00 00 00 00 00 01 00 00 00 c0')).toBe('c0 01 12 02 00 00 00 00 00 00 00 c0');
    const digest = host.ask('c0 00 13 10 00 00 00 00 00 00 00 00 00 70 11 01 00 00 00 00 00 00 00 00 00 c0');
    const sum = textOf(slip(createHash('md5').update(image).digest()).subarray(1, -1));
    expect(digest).toBe(`c0 01 13 12 00 00 00 00 00 ${sum} 00 00 c0`);
    expect(host.chip.violations).toEqual([]);
  });

  test.for([
    { name: 'a changed byte of the text', file: { ...loaderV2(), text: loaderV2().text.with(100, 1) } },
    { name: 'a changed byte of the data', file: { ...loaderV2(), data: loaderV2().data.with(10, 1) } },
    { name: 'an entry that is none', file: { ...loaderV2(), entry: 0x4010c508 } },
  ])('$name: silence', ({ file }) => {
    const host = new RawHost();
    host.enterLoader();
    host.send(SYNC);
    expect(host.upload(file)).toBe('');
    expect(host.chip.state).toBe('halted');
    expect(host.ask(SYNC)).toBe('');
  });

  test('the data segment lies in the frame buffer of the ROM: uploaded first, it is written over', () => {
    const host = new RawHost();
    host.enterLoader();
    host.send(SYNC);
    host.take();
    expect(host.upload(loaderV2(), ['data', 'text'])).toBe('');
    expect(host.chip.state).toBe('halted');
  });

  test('without a flash there is no greeting', () => {
    const host = new RawHost({ misbehave: [{ kind: 'flashAbsent' }] });
    host.enterLoader();
    host.send(SYNC);
    expect(host.upload(loaderV2())).toBe('');
  });

  test('SYNC is answered eight times with the value 0', () => {
    expect(startedV2().ask(SYNC)).toBe(Array(8).fill('c0 01 08 02 00 00 00 00 00 00 00 c0').join(' '));
  });
});

describe('the rate', () => {
  test.for([
    { word: 460_800, divider: 113 },
    { word: 457_800, divider: 113 },
    { word: 921_600, divider: 56 },
    { word: 1_465_000, divider: 35 },
    { word: 1_960_000, divider: 26 },
  ])('a change to $word sets the divider $divider', ({ word, divider }) => {
    const host = startedV2();
    host.request(0x0f, le32(word, 115_200));
    host.baud = 52e6 / divider;
    expect(host.request(0x0a, le32(0x60000014))).toBe(
      `c0 01 0a 02 00 ${divider.toString(16).padStart(2, '0')} 00 00 00 00 00 c0`,
    );
  });

  test('a second change goes by 115200 as well: unscaled it runs away', () => {
    const host = startedV2();
    host.request(0x0f, le32(460_800, 115_200));
    host.baud = 460_800;
    host.request(0x0f, le32(921_600, 460_800));
    host.baud = 921_600;
    expect(host.ask(READ_MAGIC)).toBe('');
    host.baud = 52e6 / 14;
    expect(host.ask(READ_MAGIC)).toBe(MAGIC);
  });

  test('with real speed the greeting comes 10 ms later, and what arrives within 5 ms of a change is lost', () => {
    const host = new RawHost({ speed: 'real' });
    host.patienceMs = 8;
    host.enterLoader();
    host.ask(SYNC);
    expect(host.upload(loaderV2())).toBe('');
    host.clock.advance(4);
    expect(host.takeText()).toBe(OHAI);
    host.patienceMs = 2;
    expect(host.request(0x0f, le32(921_600, 115_200))).toBe('c0 01 0f 02 00 00 00 00 00 00 00 c0');
    host.baud = 921_600;
    host.patienceMs = 20;
    expect(host.ask(READ_MAGIC)).toBe('');
    expect(host.ask(READ_MAGIC)).toBe(MAGIC);
  });
});

describe('reading and erasing', () => {
  test.for([
    { bytes: 4096, digest: '6ae59e64850377ee5470c854761551ea' },
    { bytes: 0x10000, digest: 'ecb99e6ffea7be1e5419350f725da86b' },
    { bytes: 0x100000, digest: '2fdd6851b32ae931637d4845c037b550' },
  ])('the digest of $bytes blank bytes is $digest', ({ bytes, digest }) => {
    const reply = startedV2().request(0x13, le32(0, bytes, 0, 0));
    expect(unescaped(reply).replaceAll(' ', '')).toBe(`c00113120000000000${digest}0000c0`);
  });

  test('READ_FLASH sends a block for every acknowledgement and the digest at the end', () => {
    const content = noise(0x3000);
    const host = startedV2({ flash: { ...w25q32, content } });
    const reply = host.request(0xd2, le32(0, 10_000, 0x1000, 64));
    const first = textOf(slip(content.subarray(0, 0x1000)));
    expect(reply).toBe(`c0 01 d2 02 00 00 00 00 00 00 00 c0 ${first}`);
    expect(host.ask('c0 00 10 00 00 c0')).toBe(textOf(slip(content.subarray(0x1000, 0x2000))));
    expect(host.ask(slip(le32(0x2000)))).toBe(textOf(slip(content.subarray(0x2000, 10_000))));
    const digest = createHash('md5').update(content.subarray(0, 10_000)).digest();
    expect(host.ask(slip(le32(10_000)))).toBe(textOf(slip(digest)));
    expect(host.ask(READ_MAGIC)).toBe(MAGIC);
  });

  test('READ_FLASH in blocks above 4096 is an error of the next command', () => {
    const host = startedV2();
    expect(host.request(0xd2, le32(0, 0x4000, 0x2000, 1))).toBe('c0 01 d2 02 00 00 00 00 00 00 00 c0');
    expect(statusOf(host.ask(READ_MAGIC))).toBe('c2 00');
  });

  test('ERASE_FLASH and ERASE_REGION as in the reference', () => {
    const host = startedV2({ flash: { ...w25q32, content: new Uint8Array(0x100000) } });
    expect(host.ask('c0 00 d1 08 00 00 00 00 00 00 db dc 07 00 00 40 00 00 c0')).toBe(
      'c0 01 d1 02 00 00 00 00 00 00 00 c0',
    );
    expect(host.chip.flash.erased).toEqual([0x7c, 0x7d, 0x7e, 0x7f].map((n) => ({ address: n * 4096, length: 4096 })));
    expect(host.ask('c0 00 d0 00 00 00 00 00 00 c0')).toBe('c0 01 d0 02 00 00 00 00 00 00 00 c0');
    expect(host.chip.flash.isBlank(0, w25q32.bytes)).toBe(true);
  });
});
