import { expect, test } from 'vitest';
import { le32, loaderV2, statusOf, SYNC } from '../../support/raw-host.ts';
import { chipWith, loaderOn, MAGIC, READ_MAGIC } from '../support/chip-with.ts';

test('silent: not even the boot text', () => {
  const host = chipWith({ kind: 'silent' });
  expect(host.enterLoader()).toBe('');
  expect(host.ask(SYNC)).toBe('');
});

test('deaf: the boot text and nothing else', () => {
  const host = chipWith({ kind: 'deafRx' });
  expect(host.enterLoader()).toContain('boot mode:(1,7)');
  expect(host.ask(SYNC)).toBe('');
  expect(host.chip.state).toBe('rom-loader');
});

test('GPIO0 stuck high never enters the loader', () => {
  expect(chipWith({ kind: 'stuckGpio0', level: 'high' }).enterLoader()).toContain('boot mode:(3,7)');
});

test('GPIO0 stuck low never leaves it', () => {
  const host = chipWith({ kind: 'stuckGpio0', level: 'low' });
  host.enterLoader();
  expect(host.runApplication()).toContain('boot mode:(1,7)');
});

test('noise goes before the boot text', () => {
  const text = chipWith({ kind: 'noiseAtReset', bytes: 20 }).enterLoader();
  expect(text.indexOf('\n ets')).toBe(20);
});

test('a corrupted byte spoils one request', () => {
  const host = chipWith({ kind: 'corruptReceivedByte', nth: 46 * 2 + 3 });
  host.enterLoader();
  host.ask(SYNC);
  expect(host.ask(READ_MAGIC)).not.toBe(MAGIC);
  expect(host.ask(READ_MAGIC)).toBe(MAGIC);
});

test('every n-th byte corrupted spoils some of them', () => {
  const host = chipWith({ kind: 'corruptReceivedEvery', every: 50 });
  host.enterLoader();
  host.ask(SYNC);
  const replies = Array.from({ length: 10 }, () => host.ask(READ_MAGIC));
  expect(replies.filter((reply) => reply === MAGIC).length).toBeGreaterThan(3);
  expect(replies.filter((reply) => reply !== MAGIC).length).toBeGreaterThan(1);
});

test('a swallowed reply is one reply', () => {
  const host = chipWith({ kind: 'swallowAck', op: 0x0a, nth: 2 });
  host.enterLoader();
  host.ask(SYNC);
  expect([1, 2, 3].map(() => host.ask(READ_MAGIC))).toEqual([MAGIC, '', MAGIC]);
});

test('a bad block is refused once and taken when it comes again', () => {
  const host = loaderOn(chipWith({ kind: 'badBlock', nth: 2 }));
  host.request(0x02, le32(12, 1, 0x4000, 0));
  const replies = [1, 2, 2, 3].map((byte) => statusOf(host.data(0x03, 0, new Uint8Array(4).fill(byte))));
  expect(replies).toEqual(['00 00', 'c1 00', '00 00', '00 00']);
  expect([...host.chip.flash.read(0, 12)]).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
});

test('a module that is lifted off is dead until the next reset', () => {
  const host = loaderOn(chipWith({ kind: 'dieAfterDataBlocks', count: 1, once: true }));
  host.request(0x02, le32(8, 1, 0x4000, 0));
  expect(statusOf(host.data(0x03, 0, new Uint8Array(4)))).toBe('00 00');
  expect(host.data(0x03, 1, new Uint8Array(4))).toBe('');
  expect(host.ask(SYNC)).toBe('');
  host.chip.setReset(true);
  loaderOn(host);
  host.request(0x02, le32(8, 1, 0x4000, 0));
  for (const sequence of [0, 1]) expect(statusOf(host.data(0x03, sequence, new Uint8Array(4)))).toBe('00 00');
});

test('a change of rate fails above the limit only', () => {
  const host = loaderOn(chipWith({ kind: 'baudChangeFails', aboveBaud: 460_800 }));
  expect(statusOf(host.request(0x0f, le32(460_800, 115_200)))).toBe('00 00');
  host.baud = 460_800;
  expect(host.ask(READ_MAGIC)).toBe(MAGIC);
  const other = loaderOn(chipWith({ kind: 'baudChangeFails', aboveBaud: 460_800 }));
  expect(statusOf(other.request(0x0f, le32(921_600, 115_200)))).toBe('00 00');
  other.baud = 921_600;
  expect(other.ask(READ_MAGIC)).toBe('');
});

test('a loader that does not start is acknowledged', () => {
  const host = chipWith({ kind: 'loaderStartFails' });
  host.enterLoader();
  host.send(SYNC);
  host.take();
  expect(host.upload(loaderV2())).toBe('');
  expect(host.chip.state).toBe('halted');
  expect(host.chip.violations).toEqual([]);
});
