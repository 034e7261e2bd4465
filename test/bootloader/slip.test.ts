import { expect, test } from 'vitest';
import fc from 'fast-check';
import { concatBytes, hex } from '../../src/foundation/bytes.ts';
import { encodeSlip, SlipDecoder } from '../../src/bootloader/slip.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const payload = fc.uint8Array({ minLength: 1, maxLength: 80 });
/** Bytes that make escapes likely. */
const nasty = fc.array(fc.constantFrom(0xc0, 0xdb, 0xdc, 0xdd, 0x00, 0x55), { minLength: 1, maxLength: 40 });

test.for([
  { name: 'plain bytes', frame: [1, 2], wire: 'c00102c0' },
  { name: 'a delimiter in the data', frame: [0xc0], wire: 'c0dbdcc0' },
  { name: 'an escape in the data', frame: [0xdb], wire: 'c0dbddc0' },
  { name: 'what looks like an escaped delimiter', frame: [0xdb, 0xdc], wire: 'c0dbdddcc0' },
])('SLIP wraps $name', ({ frame, wire }) => {
  expect(hex(encodeSlip(Uint8Array.from(frame)))).toBe(wire);
});

test('decoding gives back what was encoded, however the stream is split', () => {
  const frames = fc.array(
    fc.oneof(
      payload,
      nasty.map((values) => Uint8Array.from(values)),
    ),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (sent, cuts) => {
      const wire = concatBytes(sent.map((frame) => encodeSlip(frame)));
      const decoder = new SlipDecoder();
      const received: Uint8Array[] = [];
      for (let at = 0, turn = 0; at < wire.length; turn += 1) {
        const length = cuts[turn % cuts.length] ?? 1;
        received.push(...decoder.push(wire.subarray(at, at + length)));
        at += length;
      }
      expect(received.map(hex)).toEqual(sent.map(hex));
      expect(decoder.discardedBytes).toBe(0);
    }),
  );
});

test('boot text before the first frame is discarded and counted', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), payload, (noise, frame) => {
      const text = noise.filter((byte) => byte !== 0xc0 && byte !== 0xdb);
      const decoder = new SlipDecoder();
      expect(decoder.push(concatBytes([text, encodeSlip(frame)])).map(hex)).toEqual([hex(frame)]);
      expect(decoder.discardedBytes).toBe(text.length);
    }),
  );
});

test('no stream of bytes makes the decoder throw or return an empty frame', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 30 })), (chunks) => {
      const decoder = new SlipDecoder();
      for (const chunk of chunks) for (const frame of decoder.push(chunk)) expect(frame.length).toBeGreaterThan(0);
    }),
  );
});

test.for([
  { name: 'an empty frame', wire: [0xc0, 0xc0, 0xc0, 1, 0xc0], frames: ['01'], discarded: 0 },
  { name: 'a stray delimiter before a frame', wire: [0xc0, 0xc0, 1, 2, 0xc0], frames: ['0102'], discarded: 0 },
  {
    name: 'a missing delimiter between two frames',
    wire: [0xc0, 1, 0xc0, 2, 0xc0],
    frames: ['01', '02'],
    discarded: 0,
  },
  { name: 'a bad escape', wire: [0xc0, 1, 0xdb, 7, 9, 0xc0, 2, 0xc0], frames: ['02'], discarded: 4 },
  { name: 'an escape that meets the end', wire: [0xc0, 1, 0xdb, 0xc0, 2, 0xc0], frames: ['02'], discarded: 1 },
])('the decoder survives $name', ({ wire, frames, discarded }) => {
  const decoder = new SlipDecoder();
  expect(decoder.push(Uint8Array.from(wire)).map(hex)).toEqual(frames);
  expect(decoder.discardedBytes).toBe(discarded);
});

test('a frame without end does not grow for ever', () => {
  const decoder = new SlipDecoder();
  decoder.push(bytes(0xc0));
  expect(decoder.push(new Uint8Array(200_000).fill(1))).toEqual([]);
  expect(decoder.discardedBytes).toBe(200_000);
  expect(decoder.push(bytes(0xc0, 5, 0xc0)).map(hex)).toEqual(['05']);
});
