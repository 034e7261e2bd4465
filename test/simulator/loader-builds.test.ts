import { expect, test } from 'vitest';

import { le32, loaderV1, loaderV2, RawHost, SYNC } from '../support/raw-host.ts';
import type { RamLoaderFile } from '../support/raw-host.ts';

const OHAI = 'c0 4f 48 41 49 c0';

function inRom(): RawHost {
  const host = new RawHost();
  host.enterLoader();
  host.ask(SYNC);
  return host;
}

/** A build of the first generation with its data elsewhere, as in the next release of a tool. */
const otherV1: RamLoaderFile = {
  ...loaderV1,
  text: new Uint8Array(8276).fill(7),
  data: new Uint8Array(768).fill(9),
  dataStart: 0x3fffacac,
};

/** Uploads without looking at the answers. */
function uploadUnheard(host: RawHost, { text, textStart, data, dataStart, entry }: RamLoaderFile): void {
  for (const [bytes, start] of [
    [text, textStart],
    [data, dataStart],
  ] as const) {
    host.request(0x05, le32(bytes.length, Math.ceil(bytes.length / 0x1800), 0x1800, start));
    for (let at = 0; at < bytes.length; at += 0x1800) host.data(0x07, at / 0x1800, bytes.subarray(at, at + 0x1800));
  }
  host.request(0x06, le32(0, entry));
}

test.for([
  { name: 'longer', first: otherV1, second: loaderV1 },
  { name: 'shorter', first: loaderV1, second: otherV1 },
  { name: 'of the other generation', first: loaderV1, second: loaderV2() },
])('after a software reset another build can be uploaded; the first was $name', ({ first, second }) => {
  const host = inRom();
  expect(host.upload(first)).toBe(OHAI);
  host.request(0x02, le32(0, 0, 0x4000, 0));
  host.request(0x04, le32(0));
  expect(host.chip.state).toBe('rom-loader');
  host.send(SYNC);
  host.ask(SYNC);
  expect(host.upload(second)).toBe(OHAI);
});

test('a build of the second generation with a length that is not listed is taken by its addresses', () => {
  const host = inRom();
  const { text, data, ...addresses } = loaderV2();
  const build = { ...addresses, text: text.subarray(0, 11_000), data: data.subarray(0, 900), dataStart: 0x3fffae70 };
  expect(host.upload(build)).toBe(OHAI);
  expect(host.chip.state).toBe('ram-loader');
});

test('a request right behind the greeting of the first generation is answered', () => {
  const host = new RawHost({ speed: 'real' });
  host.patienceMs = 20;
  host.enterLoader();
  host.ask(SYNC);
  const sent: number[] = [];
  let asked = false;
  host.chip.onTransmit = (bytes) => {
    sent.push(...bytes);
    if (asked || !Buffer.from(sent).includes('OHAI')) return;
    asked = true;
    host.clock.after(2, () => host.send('c0 00 0a 04 00 00 00 00 00 00 10 00 40 c0'));
  };
  uploadUnheard(host, loaderV1);
  host.clock.advance(20);
  expect(Buffer.from(sent).toString('hex')).toContain('c0010a020001c1f0ff0000c0');
});
