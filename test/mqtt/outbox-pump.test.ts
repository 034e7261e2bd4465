import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/foundation/logger.ts';
import type { OutboxRow } from '../../src/ledger/outbox.ts';
import { OutboxPump } from '../../src/mqtt/outbox-pump.ts';
import type { OutboxSource, OutboxWire, Refusal } from '../../src/mqtt/outbox-pump.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const notAuthorized: Refusal = { reason: 0x87, text: 'Not authorized' };

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

class MemorySource implements OutboxSource {
  readonly epoch = 'e1';
  readonly rows: (OutboxRow & { sentAt: number | null; tries: number })[] = [];
  broken = false;

  add(count: number, payload = '{}'): void {
    for (let index = 0; index < count; index += 1) {
      this.rows.push({ position: this.rows.length + 1, topic: 'run/result', payload, tries: 0, sentAt: null });
    }
  }

  lastSeq(): number {
    return this.rows.length;
  }

  pendingOutbox(afterPosition: number, limit: number): OutboxRow[] {
    if (this.broken) throw new Error('S01');
    const pending = this.rows.filter(({ position, sentAt }) => position > afterPosition && sentAt === null);
    return pending.slice(0, limit).map(({ position, topic, payload, tries }) => ({ position, topic, payload, tries }));
  }

  markSent(positions: readonly number[], at: number): void {
    if (this.broken) throw new Error('S01');
    for (const row of this.rows) if (positions.includes(row.position)) row.sentAt = at;
  }

  noteTry(position: number): void {
    this.rows[position - 1]!.tries += 1;
  }

  get sent(): number[] {
    return this.rows.filter(({ sentAt }) => sentAt !== null).map(({ position }) => position);
  }
}

function bench(rows: number, payload?: string) {
  const clock = new VirtualClock();
  const source = new MemorySource();
  source.add(rows, payload);
  const open: ((refusal: Refusal | null) => void)[] = [];
  const published: string[] = [];
  const wire: Mutable<OutboxWire> = {
    connected: true,
    window: 4,
    packetBytesLimit: Number.POSITIVE_INFINITY,
    publish(_topic: string, text: string, done: (refusal: Refusal | null) => void) {
      published.push(text);
      open.push(done);
    },
  };
  const pump = new OutboxPump({ source, wire, clock, log: silentLogger() });
  /** The broker answers the oldest `count` open messages. */
  const answer = (count: number, refusal: Refusal | null = null): void => {
    for (const done of open.splice(0, count)) done(refusal);
  };
  return { clock, source, wire, pump, open, published, answer };
}

function numbered(count: number) {
  const parts = bench(0);
  for (let index = 1; index <= count; index += 1) parts.source.add(1, `{"n":${index}}`);
  const numbers = (): number[] => parts.published.map((text) => (JSON.parse(text) as { n: number }).n);
  return { ...parts, numbers };
}

describe('the window', () => {
  test('is never exceeded, and rows go out in their order', () => {
    const { pump, open, answer, numbers } = numbered(10);
    pump.wake();
    pump.wake();
    expect(numbers()).toEqual([1, 2, 3, 4]);
    answer(2);
    expect([numbers(), open.length]).toEqual([[1, 2, 3, 4, 5, 6], 4]);
  });

  test('a row is not published again while its acknowledgement is open, also over a reconnect', () => {
    const { pump, wire, numbers, answer, clock, source } = numbered(3);
    pump.wake();
    wire.connected = false;
    pump.wake();
    wire.connected = true;
    pump.reconnected();
    expect(numbers()).toEqual([1, 2, 3]);
    answer(3);
    clock.advance(50);
    expect(source.sent).toEqual([1, 2, 3]);
  });
});

describe('marking', () => {
  test('happens only after the acknowledgement, together, within 50 ms', () => {
    const { pump, answer, clock, source } = numbered(3);
    pump.wake();
    clock.advance(1_000);
    expect(source.sent).toEqual([]);
    answer(2);
    clock.advance(49);
    expect(source.sent).toEqual([]);
    clock.advance(1);
    expect(source.sent).toEqual([1, 2]);
  });

  test('is tried again when the ledger refuses, without sending the rows again', () => {
    const { pump, answer, clock, source, published } = numbered(2);
    pump.wake();
    source.broken = true;
    answer(2);
    clock.advance(5_000);
    expect(source.sent).toEqual([]);
    source.broken = false;
    clock.advance(1_000);
    expect([source.sent, published.length, clock.pending]).toEqual([[1, 2], 2, 0]);
  });

  test('a ledger that cannot be read is asked again after a second', () => {
    const { pump, source, clock, published } = numbered(1);
    source.broken = true;
    pump.wake();
    source.broken = false;
    clock.advance(999);
    expect(published).toHaveLength(0);
    clock.advance(1);
    expect(published).toHaveLength(1);
  });
});

describe('a refused row', () => {
  test('is repeated first and holds back the others, longer each time', () => {
    const { pump, answer, clock, numbers, wire, source } = numbered(3);
    wire.window = 1;
    pump.wake();
    answer(1, notAuthorized);
    clock.advance(999);
    expect(numbers()).toEqual([1]);
    clock.advance(1);
    expect(numbers()).toEqual([1, 1]);
    answer(1, notAuthorized);
    clock.advance(1_999);
    expect(numbers()).toEqual([1, 1]);
    clock.advance(1);
    expect([numbers(), source.rows[0]?.tries]).toEqual([[1, 1, 1], 2]);
  });

  test('lets the others pass after five refusals, and comes again with the next connection', () => {
    const { pump, answer, clock, numbers, wire, source } = numbered(2);
    wire.window = 1;
    pump.wake();
    for (let refusals = 0; refusals < 5; refusals += 1) {
      answer(1, notAuthorized);
      clock.advance(60_000);
    }
    expect(numbers()).toEqual([1, 1, 1, 1, 1, 2]);
    answer(1);
    clock.advance(50);
    expect(source.sent).toEqual([2]);
    pump.reconnected();
    expect(numbers().at(-1)).toBe(1);
    answer(1);
    clock.advance(50);
    expect(source.sent).toEqual([1, 2]);
  });

  test('that the client itself could not send counts no try', () => {
    const { pump, answer, clock, numbers, source } = numbered(1);
    pump.wake();
    answer(1, { reason: null, text: 'client disconnecting' });
    clock.advance(1_000);
    expect([numbers(), source.rows[0]?.tries]).toEqual([[1, 1], 0]);
  });
});

test('a row above the limit of the broker is left out and the others go on', () => {
  const { pump, wire, source, numbers, answer, clock } = numbered(1);
  source.add(1, `{"n":2,"long":"${'x'.repeat(5_000)}"}`);
  source.add(1, '{"n":3}');
  wire.packetBytesLimit = 4_096;
  pump.wake();
  expect(numbers()).toEqual([1, 3]);
  answer(2);
  clock.advance(50);
  wire.packetBytesLimit = 1e6;
  pump.reconnected();
  expect(numbers()).toEqual([1, 3, 2]);
});

test('after a stop nothing is sent, and acknowledgements that still come are marked', () => {
  const { pump, answer, source, published, clock } = bench(6, '{}');
  pump.wake();
  pump.stop();
  answer(4);
  pump.flush();
  expect([source.sent, published.length, clock.pending]).toEqual([[1, 2, 3, 4], 4, 0]);
});

describe('drained', () => {
  test('resolves once every row is marked', async () => {
    const { pump, answer, clock } = numbered(2);
    pump.wake();
    let drained = false;
    const waiting = pump.drained(new AbortController().signal).then(() => (drained = true));
    answer(2);
    await Promise.resolve();
    expect(drained).toBe(false);
    clock.advance(50);
    await waiting;
    await pump.drained(new AbortController().signal);
  });

  test('rejects with the reason of the signal, also when it was given before', async () => {
    const { pump } = numbered(1);
    const limit = new AbortController();
    const waiting = pump.drained(limit.signal);
    limit.abort(new Error('5 s are over'));
    await expect(waiting).rejects.toThrow('5 s are over');
    await expect(pump.drained(limit.signal)).rejects.toThrow('5 s are over');
  });
});
