import { expect, test } from 'vitest';

import { HostWriter } from '../../../src/simulator/bench/host-writer.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

/** A writer towards a client whose buffer has this much room. */
function writerTo(client: { room: number }): { clock: VirtualClock; writer: HostWriter; taken: number[] } {
  const clock = new VirtualClock();
  const taken: number[] = [];
  const writer = new HostWriter(clock, (bytes) => {
    const count = Math.min(bytes.length, client.room);
    client.room -= count;
    for (const byte of bytes.subarray(0, count)) taken.push(byte);
    return count;
  });
  return { clock, writer, taken };
}

test('many small writes reach a slow client whole and in order', () => {
  const client = { room: 5 };
  const { clock, writer, taken } = writerTo(client);
  const sent: number[] = [];
  for (let round = 0; round < 3000; round++) {
    const bytes = Uint8Array.from({ length: 1 + (round % 17) }, (_, index) => (round + index) & 0xff);
    sent.push(...bytes);
    writer.write(bytes);
    if (round % 7 === 0) {
      client.room += 11;
      clock.advance(2);
    }
  }
  expect(writer.waitingBytes).toBe(sent.length - taken.length);
  client.room = Infinity;
  clock.advance(10);
  expect(taken).toEqual(sent);
  expect(writer.waitingBytes).toBe(0);
  expect(clock.pending).toBe(0);
});

test('a client that takes nothing for five seconds loses what waits, and the next one begins afresh', () => {
  const client = { room: 0 };
  const { clock, writer, taken } = writerTo(client);
  writer.write(Uint8Array.of(1, 2, 3));
  clock.advance(4900);
  expect(writer.waitingBytes).toBe(3);
  clock.advance(200);
  expect(writer.waitingBytes).toBe(0);
  expect(clock.pending).toBe(0);
  writer.write(Uint8Array.of(4));
  expect(writer.waitingBytes).toBe(0);
  client.room = 10;
  writer.write(Uint8Array.of(5, 6));
  expect(taken).toEqual([5, 6]);
});
