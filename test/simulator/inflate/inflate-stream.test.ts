import { constants, deflateRawSync, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { adler32, InflateStream } from '../../../src/simulator/inflate/inflate-stream.ts';

function inflateInPieces(
  stream: Uint8Array,
  pieceBytes: number,
): { readonly data: Uint8Array; readonly state: 'finished' | 'failed' | 'running' } {
  const inflate = new InflateStream();
  const parts: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += pieceBytes) parts.push(inflate.push(stream.subarray(at, at + pieceBytes)));
  return { data: Buffer.concat(parts), state: inflate.finished ? 'finished' : inflate.failed ? 'failed' : 'running' };
}

function words(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => ((index * index) >> 7) & 0xff);
}

test.for([
  { name: 'nothing', data: new Uint8Array(0), level: 9 },
  { name: 'a stored block', data: words(70_000), level: 0 },
  { name: 'a long run', data: new Uint8Array(300_000), level: 9 },
  { name: 'structured data', data: words(200_000), level: 9 },
  { name: 'structured data, fast', data: words(200_000), level: 1 },
])('$name inflates from pieces of any size', ({ data, level }) => {
  const stream = deflateSync(data, { level });
  for (const pieceBytes of [1, 7, 0x4000]) {
    const result = inflateInPieces(stream, pieceBytes);
    expect(result.state).toBe('finished');
    expect(Buffer.compare(result.data, data)).toBe(0);
  }
});

test('any data survives any compression and any split', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.uint8Array({ maxLength: 400 }),
          fc.nat(255).map((byte) => new Uint8Array(300).fill(byte)),
        ),
      ),
      fc.constantFrom(constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_HUFFMAN_ONLY),
      fc.integer({ min: 1, max: 900 }),
      (parts, strategy, pieceBytes) => {
        const data = Buffer.concat(parts);
        const result = inflateInPieces(deflateSync(data, { level: 9, strategy }), pieceBytes);
        return result.state === 'finished' && Buffer.compare(result.data, data) === 0;
      },
    ),
    { numRuns: 200 },
  );
});

test('the trailer is the Adler-32 of the data', () => {
  const data = words(5000);
  const inflate = new InflateStream();
  inflate.push(deflateSync(data));
  expect(inflate.trailer).toBe(adler32(data));
  expect(adler32(new TextEncoder().encode('Wikipedia'))).toBe(0x11e60398);
});

test.for([
  { name: 'no zlib header', stream: deflateRawSync(words(1000)) },
  { name: 'a block of the kind that does not exist', stream: Uint8Array.of(0x78, 0xda, 0x07) },
  { name: 'a stored block whose length does not match its check', stream: Uint8Array.of(0x78, 0xda, 1, 5, 0, 5, 0) },
])('$name fails', ({ stream }) => {
  expect(inflateInPieces(stream, stream.length).state).toBe('failed');
});

test('bytes behind the end are counted and not inflated', () => {
  const inflate = new InflateStream();
  const data = inflate.push(Buffer.concat([deflateSync(words(100)), new Uint8Array(6)]));
  expect(data.length).toBe(100);
  expect(inflate.surplusBytes).toBe(6);
});

test('a stream that is cut off waits for the rest', () => {
  const stream = deflateSync(words(10_000));
  expect(inflateInPieces(stream.subarray(0, -5), 100).state).toBe('running');
});
