import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commands, encodeFrame } from '../../../src/bootloader/commands.ts';
import { headBytes } from '../../../src/nest/evidence/frame-ring.ts';
import { KeptText, textEndBytes } from '../../../src/nest/evidence/kept-text.ts';
import { changesAtMost, framesEachWay, LinkTrace, textsAtMost } from '../../../src/nest/evidence/link-trace.ts';
import type { TracedFrame } from '../../../src/nest/evidence/run-evidence.ts';
import { noisyBytes } from '../../support/regions.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const clock = new VirtualClock();
const request = encodeFrame(commands.readReg, { address: 0x4000_1000 });
const reply = Uint8Array.of(0xc0, 1, 0x0a, 2, 0, 1, 0xdb, 0xdc, 0xf0, 0xff, 0, 0, 0xc0);
const byte = fc.oneof(fc.constantFrom(0xc0, 0xdb, 0x01), fc.integer({ min: 0, max: 255 }));
const pieces = fc.array(fc.array(byte, { maxLength: 90 }), { maxLength: 30 });

function traceOf(heard: readonly (readonly number[] | Uint8Array)[]): LinkTrace {
  const trace = new LinkTrace(clock, clock.monotonic());
  trace.sent(request);
  for (const piece of heard) trace.heard(Uint8Array.from(piece));
  return trace;
}

function heardBy(trace: LinkTrace): readonly TracedFrame[] {
  return trace.record().frames.filter(({ direction }) => direction === 'heard');
}

describe('what was heard is cut into frames', () => {
  test.for<{ name: string; heard: readonly (readonly number[] | Uint8Array)[]; frames: readonly object[] }>([
    {
      name: 'an answer',
      heard: [reply],
      frames: [{ command: 'READ_REG', status: '0000', bytes: 13, head: 'c0010a020001dbdcf0ff0000c0' }],
    },
    {
      name: 'an answer in three pieces',
      heard: [reply.subarray(0, 1), reply.subarray(1, 7), reply.subarray(7)],
      frames: [{ command: 'READ_REG', status: '0000', bytes: 13 }],
    },
    {
      name: 'two answers in one piece',
      heard: [[...reply, ...reply]],
      frames: [
        { command: 'READ_REG', bytes: 13 },
        { command: 'READ_REG', bytes: 13 },
      ],
    },
    {
      name: 'a refusal',
      heard: [[0xc0, 1, 0x11, 2, 0, 0, 0, 0, 0, 0xc1, 0, 0xc0]],
      frames: [{ command: 'FLASH_DEFL_DATA', status: 'c100' }],
    },
    {
      name: 'noise before an answer',
      heard: [[0x45, 0x46, ...reply]],
      frames: [
        { command: null, status: null, bytes: 2, head: '4546' },
        { command: 'READ_REG', status: '0000', bytes: 13 },
      ],
    },
    {
      name: 'half an answer',
      heard: [reply.subarray(0, 6)],
      frames: [{ command: 'READ_REG', status: null, bytes: 6 }],
    },
    {
      name: 'an echo of a request',
      heard: [request],
      frames: [{ command: null, status: null, bytes: request.length }],
    },
    { name: 'nothing but delimiters', heard: [[0xc0, 0xc0, 0xc0]], frames: [{ command: null, bytes: 1, head: 'c0' }] },
  ])('$name', ({ heard, frames }) => {
    expect(heardBy(traceOf(heard))).toMatchObject(frames);
  });

  test('in the same way, in whatever pieces it comes', () => {
    fc.assert(
      fc.property(pieces, (heard) => {
        expect(traceOf(heard).record()).toEqual(traceOf([heard.flat()]).record());
      }),
    );
  });
});

test('a frame that was cut off is not carried on behind the next request', () => {
  const trace = traceOf([reply.subarray(0, 6)]);
  trace.sent(request);
  trace.heard(reply);
  const names = trace.record().frames.map(({ direction, command, bytes }) => `${direction} ${command} ${bytes}`);
  expect(names).toEqual(['sent READ_REG 14', 'heard READ_REG 6', 'sent READ_REG 14', 'heard READ_REG 13']);
});

test('what comes behind a change of rate is text, until the station has spoken', () => {
  const trace = new LinkTrace(clock, clock.monotonic() - 250);
  trace.rate(74_880);
  trace.heard(Buffer.from(' ets Jan'));
  trace.heard(Buffer.from('  8 2013'));
  trace.rate(921_600);
  trace.sent(request);
  trace.heard(reply);
  trace.rate(115_200);
  trace.heard(Buffer.from('ready\r\n'));
  const { texts, frames, changes } = trace.record();
  expect(texts).toEqual([
    { atMs: 250, baud: 74_880, bytes: 16, start: ' ets Jan  8 2013', end: '' },
    { atMs: 250, baud: 115_200, bytes: 7, start: 'ready\r\n', end: '' },
  ]);
  expect(frames).toHaveLength(2);
  expect(changes.map((change) => change.kind === 'rate' && change.baud)).toEqual([74_880, 921_600, 115_200]);
});

test('a line is noted when it changes', () => {
  const trace = new LinkTrace(clock, clock.monotonic());
  for (const active of [false, true, true, false, false]) trace.line('rst', active);
  expect(trace.record().changes.map((change) => change.kind === 'line' && change.active)).toEqual([true, false]);
});

test('a module that babbles fills no memory and takes nothing from what the station sent', () => {
  const noise = noisyBytes(60_000, 3);
  const trace = new LinkTrace(clock, clock.monotonic());
  for (let turn = 0; turn < 200; turn += 1) {
    trace.rate(74_880);
    trace.heard(noise);
    trace.line('rst', true);
    trace.line('rst', false);
    trace.sent(request);
    trace.heard(noise);
  }
  const { sentBytes, heardBytes, texts, frames, changes } = trace.record();
  expect({ sentBytes, heardBytes }).toEqual({ sentBytes: 200 * request.length, heardBytes: 400 * noise.length });
  expect(texts).toHaveLength(textsAtMost);
  expect(texts.every(({ start, end }) => start.length + end.length === 2 * textEndBytes)).toBe(true);
  expect(frames.filter(({ direction }) => direction === 'sent')).toHaveLength(framesEachWay);
  expect(frames.filter(({ direction }) => direction === 'heard')).toHaveLength(framesEachWay);
  expect(frames.every(({ head }) => head.length <= 2 * headBytes)).toBe(true);
  expect(changes).toHaveLength(changesAtMost);
});

test('of a long text the start and the end are kept, in whatever pieces it comes', () => {
  const lengths = fc.array(fc.integer({ min: 0, max: 4 * textEndBytes }), { maxLength: 6 });
  fc.assert(
    fc.property(lengths, (sizes) => {
      const text = new KeptText();
      const all = noisyBytes(
        sizes.reduce((sum, size) => sum + size, 0),
        7,
      );
      let at = 0;
      for (const size of sizes) text.add(all.subarray(at, (at += size)));
      const whole = Buffer.from(all).toString('latin1');
      expect(text.bytes).toBe(all.length);
      expect(text.start).toBe(whole.slice(0, textEndBytes));
      expect(text.end).toBe(whole.slice(textEndBytes).slice(-textEndBytes));
    }),
  );
});
