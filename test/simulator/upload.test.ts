import { describe, expect, test } from 'vitest';
import { le32, loaderV2, RawHost, statusOf, SYNC } from '../support/raw-host.ts';
import { OHAI } from './support/chip-with.ts';

const { text, textStart, data, dataStart, entry } = loaderV2();
const FIRST = 0x1800;

function inRom(): RawHost {
  const host = new RawHost();
  host.enterLoader();
  host.ask(SYNC);
  return host;
}

function begin(host: RawHost, address: number, bytes: number): void {
  const reply = host.request(0x05, le32(bytes, Math.ceil(bytes / FIRST), FIRST, address));
  // The second byte stays from an earlier failure.
  expect(statusOf(reply)).toMatch(/^00/);
}

function uploadData(host: RawHost): void {
  begin(host, dataStart, data.length);
  expect(statusOf(host.data(0x07, 0, data))).toMatch(/^00/);
}

function start(host: RawHost): string {
  return host.request(0x06, le32(0, entry)).slice('c0 01 06 02 00 00 00 00 00 00 00 c0 '.length);
}

describe('an upload in pieces', () => {
  test('is taken up again behind the blocks that have arrived', () => {
    const host = inRom();
    begin(host, textStart, text.length);
    host.data(0x07, 0, text.subarray(0, FIRST));
    expect(statusOf(host.request(0x07, Buffer.concat([le32(4, 1, 0, 0), Uint8Array.of(1, 2, 3, 4)]), 0))).toBe('01 07');
    begin(host, textStart + FIRST, text.length - FIRST);
    host.data(0x07, 0, text.subarray(FIRST));
    uploadData(host);
    expect(start(host)).toBe(OHAI);
  });

  test('with a hole in it does not start', () => {
    const host = inRom();
    begin(host, textStart, text.length);
    host.data(0x07, 0, text.subarray(0, FIRST));
    begin(host, textStart + FIRST + 4, text.length - FIRST - 4);
    host.data(0x07, 0, text.subarray(FIRST + 4));
    uploadData(host);
    expect(start(host)).toBe('');
    expect(host.chip.state).toBe('halted');
  });

  test('whose second piece is written over the first one does not start', () => {
    const host = inRom();
    begin(host, textStart, text.length);
    host.data(0x07, 0, text.subarray(0, FIRST));
    begin(host, textStart + FIRST - 4, text.length - FIRST + 4);
    host.data(0x07, 0, text.subarray(FIRST));
    uploadData(host);
    expect(start(host)).toBe('');
  });
});
