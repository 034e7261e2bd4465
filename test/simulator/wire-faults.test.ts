import { describe, expect, test } from 'vitest';
import { ByteFaults } from '../../src/simulator/uart/byte-faults.ts';
import type { ByteDamage } from '../../src/simulator/chip/misbehaviour.ts';
import { le32, RawHost, statusOf, SYNC } from '../support/raw-host.ts';
import { chipWith, loaderOn, MAGIC, READ_MAGIC } from './support/chip-with.ts';

describe('bytes on the wire', () => {
  test.for<{ what: ByteDamage; sent: string }>([
    { what: 'corrupt', sent: 'c0 01 0a 02 04 01 c1 f0 ff 00 00 c0' },
    { what: 'drop', sent: 'c0 01 0a 02 01 c1 f0 ff 00 00 c0' },
    { what: 'duplicate', sent: 'c0 01 0a 02 00 00 01 c1 f0 ff 00 00 c0' },
  ])('sent: $what, once', ({ what, sent }) => {
    const host = chipWith();
    host.enterLoader();
    host.ask(SYNC);
    host.chip.misbehave({ kind: 'byteFault', direction: 'sent', what, nth: 5 });
    expect([host.ask(READ_MAGIC), host.ask(READ_MAGIC)]).toEqual([sent, MAGIC]);
  });

  test.for<{ what: ByteDamage }>([{ what: 'corrupt' }, { what: 'drop' }, { what: 'duplicate' }])(
    'received: $what, once, and the host is not blamed for it',
    ({ what }) => {
      const host = loaderOn(chipWith());
      host.chip.misbehave({ kind: 'byteFault', direction: 'received', what, nth: 52 });
      host.request(0x02, le32(8, 1, 0x4000, 0));
      expect(statusOf(host.data(0x03, 0, new Uint8Array(4)))).toMatch(/^c[01] 00$/);
      expect(statusOf(host.data(0x03, 0, new Uint8Array(4)))).toBe('00 00');
      expect(host.chip.violations).toEqual([]);
    },
  );

  test('by chance: about the share that was asked for, of all three kinds, the same for the same seed', () => {
    const bytes = new Uint8Array(100_000).fill(0x41);
    const pass = (seed: number): Uint8Array => {
      const faults = new ByteFaults('sent');
      faults.add({ kind: 'randomByteFaults', share: 0.01, seed });
      const out = faults.apply(bytes);
      expect(faults.damaged).toBeGreaterThan(800);
      expect(faults.damaged).toBeLessThan(1_200);
      return out;
    };
    const first = pass(1);
    expect(first.filter((byte) => byte !== 0x41).length).toBeGreaterThan(200);
    expect(first.length).not.toBe(bytes.length);
    expect(pass(1)).toEqual(first);
    expect(pass(2)).not.toEqual(first);
  });

  test('one direction only', () => {
    const faults = new ByteFaults('received');
    faults.add({ kind: 'randomByteFaults', share: 1, seed: 1, direction: 'sent' });
    const bytes = new Uint8Array(10);
    expect(faults.apply(bytes)).toBe(bytes);
  });
});

describe('replies', () => {
  test('a latency holds back everything that is sent, in order', () => {
    const host = chipWith({ kind: 'replyLatency', ms: 16 });
    host.enterLoader();
    host.clock.advance(16);
    host.take();
    host.send(SYNC);
    host.send(READ_MAGIC);
    host.clock.advance(15);
    expect(host.takeText()).toBe('');
    host.clock.advance(1);
    expect(host.takeText().endsWith(MAGIC)).toBe(true);
  });

  test('a late reply keeps the chip busy until it comes', () => {
    const host = loaderOn(chipWith());
    host.chip.misbehave({ kind: 'delayReply', op: 0x0a, nth: 2, ms: 400 });
    expect(host.ask(READ_MAGIC)).toBe(MAGIC);
    expect(host.ask(READ_MAGIC)).toBe('');
    host.clock.advance(399);
    expect(host.takeText()).toBe('');
    host.clock.advance(1);
    expect(host.takeText()).toBe(MAGIC);
    expect(host.ask(READ_MAGIC)).toBe(MAGIC);
  });

  test('late copies of an answer come after their pauses', () => {
    const host = chipWith({ kind: 'lateReplies', op: 0x08, copies: 2, pauseMs: 50 });
    host.enterLoader();
    expect(host.ask(SYNC).match(/c0 01 08/g)).toHaveLength(8);
    for (const _copy of [1, 2]) {
      host.clock.advance(50);
      expect(host.takeText().match(/c0 01 08/g)).toHaveLength(1);
    }
    host.clock.advance(1_000);
    expect(host.takeText()).toBe('');
  });

  test('a reset forgets the copies that have not come yet', () => {
    const host = chipWith({ kind: 'lateReplies', op: 0x08, copies: 2, pauseMs: 50 });
    host.enterLoader();
    host.ask(SYNC);
    host.enterLoader(false);
    host.clock.advance(1_000);
    expect(host.takeText()).toBe('');
  });

  test('a delimiter before every reply, also before the header of loader v1', () => {
    const host = chipWith({ kind: 'extraDelimiter' });
    host.enterLoader();
    host.ask(SYNC);
    expect(host.ask(READ_MAGIC)).toBe(`c0 ${MAGIC}`);
    const v1 = new RawHost({ running: { generation: 1, baud: 115_200 }, misbehave: [{ kind: 'extraDelimiter' }] });
    v1.chip.setPower(true);
    expect(v1.ask(READ_MAGIC)).toBe(`c0 ${MAGIC}`);
  });
});
