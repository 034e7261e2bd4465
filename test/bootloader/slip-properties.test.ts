import { expect, test } from 'vitest';
import fc from 'fast-check';
import { concatBytes, hex } from '../../src/foundation/bytes.ts';
import { encodeSlip, SlipDecoder } from '../../src/bootloader/slip.ts';
import { generation1Slip, generation2Slip, romSlip, SlipReceiver } from '../../src/simulator/uart/slip-receiver.ts';
import { framed } from '../../src/simulator/uart/wire.ts';

/** Bytes among which delimiters and escapes are frequent. */
const byte = fc.oneof(fc.constantFrom(0xc0, 0xdb, 0xdc, 0xdd, 0x00), fc.integer({ min: 0, max: 255 }));
const stream = fc.array(byte, { maxLength: 200 }).map((values) => Uint8Array.from(values));
const payload = fc.array(byte, { minLength: 1, maxLength: 120 }).map((values) => Uint8Array.from(values));
const delimiter = Uint8Array.of(0xc0);
/** What the decoder keeps of one frame at most. */
const limitBytes = 0x8000;

function decodeWhole(wire: Uint8Array): { readonly frames: string[]; readonly discarded: number } {
  const decoder = new SlipDecoder();
  return { frames: decoder.push(wire).map(hex), discarded: decoder.discardedBytes };
}

test('any stream in any pieces gives what it gives in one piece', () => {
  const cuts = fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 1 }).filter((lengths) => lengths.some(Boolean));
  fc.assert(
    fc.property(stream, cuts, (wire, lengths) => {
      const decoder = new SlipDecoder();
      const frames: string[] = [];
      for (let at = 0, turn = 0; at < wire.length; turn += 1) {
        const length = lengths[turn % lengths.length] ?? 0;
        frames.push(...decoder.push(wire.subarray(at, at + length)).map(hex));
        at += length;
      }
      expect({ frames, discarded: decoder.discardedBytes }).toEqual(decodeWhole(wire));
    }),
  );
});

test('whatever came before, the frame behind a delimiter is taken whole and alone', () => {
  fc.assert(
    fc.property(stream, payload, stream, payload, (before, first, between, second) => {
      const decoder = new SlipDecoder();
      for (const [garbage, frame] of [
        [before, first],
        [between, second],
      ] as const) {
        decoder.push(concatBytes([garbage, delimiter]));
        expect(decoder.push(encodeSlip(frame).subarray(1)).map(hex)).toEqual([hex(frame)]);
      }
    }),
  );
});

test('a frame that was given out does not change with what follows', () => {
  fc.assert(
    fc.property(payload, payload, (first, second) => {
      const decoder = new SlipDecoder();
      const wire = encodeSlip(first);
      const frames = decoder.push(wire);
      wire.fill(0);
      decoder.push(encodeSlip(second));
      expect(frames.map(hex)).toEqual([hex(first)]);
    }),
  );
});

test('on the wire the delimiter is first and last and nowhere else, and only escapes add bytes', () => {
  fc.assert(
    fc.property(payload, (frame) => {
      const wire = encodeSlip(frame);
      const special = frame.filter((value) => value === 0xc0 || value === 0xdb).length;
      expect(wire.length).toBe(frame.length + special + 2);
      expect([...wire.keys()].filter((at) => wire[at] === 0xc0)).toEqual([0, wire.length - 1]);
      expect(wire.filter((value) => value === 0xdb).length).toBe(special);
      expect(decodeWhole(wire)).toEqual({ frames: [hex(frame)], discarded: 0 });
    }),
  );
});

test.for([
  ['the ROM', romSlip],
  ['RAM loader 1', generation1Slip],
  ['RAM loader 2', generation2Slip],
] as const)('%s takes exactly the frames that were encoded', ([, rules]) => {
  fc.assert(
    fc.property(fc.array(payload, { maxLength: 4 }), (frames) => {
      const notes: string[] = [];
      const receiver = new SlipReceiver(rules, (note) => void notes.push(note));
      const wire = concatBytes(frames.map(encodeSlip));
      const taken = [...wire].flatMap((value) => receiver.push(value) ?? []);
      expect(taken.map(hex)).toEqual(frames.map(hex));
      expect(notes).toEqual([]);
      expect(receiver.inside).toBe(false);
    }),
  );
});

test('what the chip frames by its own code is read', () => {
  fc.assert(
    fc.property(payload, payload, (header, data) => {
      expect(decodeWhole(framed(header, data))).toEqual({ frames: [hex(concatBytes([header, data]))], discarded: 0 });
    }),
  );
});

test('the longest frame is kept, one byte more is discarded as a whole', () => {
  const longest = new Uint8Array(limitBytes - 1).fill(0xc0);
  expect(decodeWhole(encodeSlip(longest)).frames).toEqual([hex(longest)]);
  expect(decodeWhole(encodeSlip(new Uint8Array(limitBytes)))).toEqual({ frames: [], discarded: limitBytes });
});

test('no stream makes a frame longer than the limit, nor is the frame behind it lost', () => {
  const run = fc.record({ value: byte, count: fc.integer({ min: 1, max: 3 * limitBytes }) });
  fc.assert(
    fc.property(fc.array(run, { maxLength: 6 }), payload, (runs, frame) => {
      const decoder = new SlipDecoder();
      const frames = runs.flatMap(({ value, count }) => decoder.push(new Uint8Array(count).fill(value)));
      for (const each of frames) expect(each.length).toBeLessThan(limitBytes);
      decoder.push(delimiter);
      expect(decoder.push(encodeSlip(frame).subarray(1)).map(hex)).toEqual([hex(frame)]);
    }),
    { numRuns: 40 },
  );
});

test('noise without end costs no memory', () => {
  const decoder = new SlipDecoder();
  const noise = new Uint8Array(1 << 16).fill(0x55);
  decoder.push(delimiter);
  const before = process.memoryUsage().arrayBuffers;
  for (let mebibytes = 0; mebibytes < 16; mebibytes += 1 / 16) expect(decoder.push(noise)).toEqual([]);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 << 20);
  expect(decoder.discardedBytes).toBe(16 << 20);
});
