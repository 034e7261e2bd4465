import { expect } from 'vitest';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { openForWriting } from '../../src/ledger/file/database.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { RunResult } from '../../src/nest/run/run-result.ts';
import { opening, passed, silent, temporaryFolder } from '../ledger/runs.ts';
import { embedded } from '../mqtt/brokers.ts';
import { startListener } from '../mqtt/listener.ts';
import { startProxy } from '../mqtt/proxy.ts';
import type { Proxy } from '../mqtt/proxy.ts';
import { noLimit, seqs, stationBench, upTo } from '../mqtt/station-bench.ts';
import { behaviour } from '../support/behaviour.ts';
import { plainFigures } from '../support/plain-figures.ts';
import { lit, StationBench } from '../support/station-bench.ts';
import { figuresFromRecords } from '../support/yield-from-records.ts';
import type { PublishedRun } from '../support/yield-from-records.ts';

const protocol = '3.1.1';
const topic = 'jigd/flash-03/run/result';

behaviour('broker down for a shift', 'every result of the shift arrives afterwards, once and in order', async () => {
  // 8 h at a unit a minute.
  const results = 480;
  await using broker = await embedded();
  await using listener = await startListener(broker.url);
  using bench = await stationBench({ url: broker.url, protocol });
  await using publisher = await bench.start();
  publisher.accept({ kind: 'runResult', result: bench.record() });
  await publisher.drained(noLimit);
  await broker.stop();
  for (let run = 1; run < results; run += 1) publisher.accept({ kind: 'runResult', result: bench.record() });
  expect(bench.ledger.pendingOutbox(0, -1)).toHaveLength(results - 1);
  await broker.start();
  // Subscribes again before the station has connected: its first wait is 0.5 s.
  await publisher.drained(noLimit);
  await listener.until(() => seqs(listener).includes(results));
  expect(bench.ledger.pendingOutbox(0, 1)).toEqual([]);
  const heard = [...new Set(seqs(listener))];
  expect(heard).toEqual(upTo(results));
});

behaviour(
  'broker flapping every 5 s',
  'delays results and loses none, and no run waits for it',
  async () => {
    await using broker = await embedded();
    await using proxy = await startProxy(broker.port);
    await using listener = await startListener(broker.url);
    using bench = await stationBench({ url: proxy.url, protocol });
    await using publisher = await bench.start();
    const flapMs = 5_000;
    const endMs = systemClock.monotonic() + 3.5 * flapMs;
    let nextCutMs = systemClock.monotonic() + flapMs;
    while (systemClock.monotonic() < endMs) {
      publisher.accept({ kind: 'runResult', result: bench.record() });
      await systemClock.sleep(40);
      if (systemClock.monotonic() < nextCutMs) continue;
      proxy.cut();
      nextCutMs += flapMs;
    }
    await publisher.drained(noLimit);
    const results = bench.ledger.lastSeq();
    await listener.until(() => new Set(seqs(listener)).size === results);
    expect(results).toBeGreaterThan(50);
    expect([...new Set(seqs(listener))].toSorted((one, other) => Number(one) - Number(other))).toEqual(upTo(results));
    const said = listener.on('jigd/flash-03/status').map(({ reason }) => reason);
    expect(said.filter((reason) => reason === 'connected')).toHaveLength(4);
  },
  { timeout: 60_000 },
);

behaviour(
  'broker accepts but never acknowledges',
  'runs go on and nothing counts as sent; a new connection brings it',
  async () => {
    let proxy: Proxy | null = null;
    await using bench = await StationBench.open({
      through: async ({ port }) => {
        proxy = await startProxy(port);
        return proxy.url;
      },
    });
    await using between = proxy as unknown as Proxy;
    between.deafen();
    const results: RunResult[] = [];
    for (let run = 0; run < 3; run += 1) {
      bench.insert();
      results.push(await bench.run());
      expect(lit(bench.nest())).toEqual(['pass']);
    }
    expect(await bench.received(3)).toEqual(results);
    expect(bench.station.ledger.pendingOutbox(0, 9)).toHaveLength(3);
    between.cut();
    await bench.station.publisher?.drained(noLimit);
    expect(bench.station.ledger.pendingOutbox(0, 9)).toEqual([]);
  },
);

behaviour(
  'same client id twice',
  'two stations push each other off the broker, and neither loses a result',
  async () => {
    const results = 40;
    await using broker = await embedded();
    await using listener = await startListener(broker.url);
    using one = await stationBench({ url: broker.url, protocol, clientId: 'jigd' });
    using other = await stationBench({ url: broker.url, protocol, clientId: 'jigd' });
    await using first = await one.start();
    await using second = await other.start();
    for (let run = 0; run < results; run += 1) {
      for (const [bench, publisher] of [
        [one, first],
        [other, second],
      ] as const) {
        publisher.accept({ kind: 'runResult', result: bench.record() });
      }
      await systemClock.sleep(50);
    }
    await Promise.all([first.drained(noLimit), second.drained(noLimit)]);
    const heard = (epoch: string): unknown[] => listener.on(topic).filter((body) => body['epoch'] === epoch);
    for (const { ledger } of [one, other]) {
      await listener.until(() => new Set(heard(ledger.epoch).map((body) => (body as RunResult).seq)).size === results);
    }
  },
);

behaviour(
  'duplicate delivery to a consumer',
  'is the same record again: who keys on run_id counts as the station does',
  async () => {
    await using broker = await embedded();
    await using proxy = await startProxy(broker.port);
    await using listener = await startListener(broker.url);
    using bench = await stationBench({ url: proxy.url, protocol });
    await using publisher = await bench.start();
    publisher.accept({ kind: 'runResult', result: bench.record() });
    await publisher.drained(noLimit);
    proxy.deafen();
    for (const report of [silent(), passed(), passed({ marginal: true, retries: 1 })]) {
      publisher.accept({ kind: 'runResult', result: bench.record(report) });
    }
    await listener.until(() => seqs(listener).length === 4);
    proxy.cut();
    await publisher.drained(noLimit);
    await listener.until(() => seqs(listener).length === 7);
    expect(seqs(listener)).toEqual([1, 2, 3, 4, 2, 3, 4]);
    const heard = listener.on(topic) as unknown as PublishedRun[];
    expect(heard.slice(4)).toEqual(heard.slice(1, 4));
    expect(figuresFromRecords(heard)).toEqual(plainFigures(bench.ledger.figures));
  },
);

behaviour(
  '10,000-row outbox drain while running',
  'slows no run down: it passes, is green and recorded, and everything is delivered in order',
  async () => {
    const rows = 10_000;
    using folder = temporaryFolder();
    await fillOutbox(folder.file('ledger.sqlite'), rows);
    await using bench = await StationBench.open({ folder: folder.path });
    const { ledger, publisher } = bench.station;
    bench.insert();
    const waiting = ledger.pendingOutbox(0, -1).length;
    const result = await bench.run();
    expect(result).toMatchObject({ outcome: 'PASS', seq: rows + 1 });
    expect(lit(bench.nest())).toEqual(['pass']);
    expect(waiting).toBeGreaterThan(rows / 2);
    await publisher?.drained(noLimit);
    expect(ledger.pendingOutbox(0, 1)).toEqual([]);
    const arrived = await bench.received(rows + 1);
    expect(arrived.map(({ seq }) => seq)).toEqual(upTo(rows + 1));
    expect(result.ms_total).toBeLessThan(10_000);
  },
  { timeout: 120_000 },
);

/** A ledger of a station whose broker was down for days: one run, and the same again with other numbers. */
async function fillOutbox(path: string, rows: number): Promise<void> {
  const ledger = await Ledger.open(path, { clock: systemClock });
  ledger.openRun(opening('r1'));
  ledger.closeRun('r1', passed(), { finishedAt: systemClock.now() });
  ledger.close();
  const connection = await openForWriting(path);
  const copy = (table: string, changes: Readonly<Record<string, string>>): void => {
    const columns = (connection.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
    connection.exec(`
      WITH RECURSIVE n (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < ${rows})
      INSERT INTO ${table} (${columns.join(', ')})
      SELECT ${columns.map((column) => changes[column] ?? column).join(', ')} FROM ${table}, n WHERE position = 1`);
  };
  connection.exec('BEGIN');
  copy('runs', { run_id: "'r' || n", seq: 'n', position: 'n' });
  const payload = `replace(replace(payload, '"run_id":"r1"', '"run_id":"r' || n || '"'), '"seq":1,', '"seq":' || n || ',')`;
  copy('outbox', { run_id: "'r' || n", position: 'n', payload });
  connection.exec('COMMIT');
  connection.close();
}
