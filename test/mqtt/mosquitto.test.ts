import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { failed, passed, temporaryFolder } from '../ledger/runs.ts';
import { mosquitto, realMosquitto } from './brokers.ts';
import { startListener } from './listener.ts';
import { startProxy } from './proxy.ts';
import { noLimit, seqs, stationBench, upTo } from './station-bench.ts';

const reason = mosquitto === null ? ' (skipped: mosquitto is not installed)' : '';

/** A consumer whose session the broker keeps while it is away. */
const lasting = {
  clientId: 'collector',
  clean: false,
  protocolVersion: 5,
  properties: { sessionExpiryInterval: 600 },
} as const;

describe.skipIf(mosquitto === null)(`what only a real broker does${reason}`, () => {
  test('nothing is lost when the broker is restarted again and again while results come', async () => {
    await using broker = await realMosquitto();
    using bench = await stationBench({ url: broker.url });
    await using listener = await startListener(broker.url, lasting);
    await using publisher = await bench.start();
    for (let restart = 0; restart < 3; restart += 1) {
      for (let run = 0; run < 100; run += 1) {
        publisher.accept({ kind: 'runResult', result: bench.record() });
        if (run === 50) await broker.stop();
        if (run % 10 === 0) await systemClock.sleep(1);
      }
      await broker.start();
      await publisher.drained(noLimit);
    }
    await listener.until(() => new Set(seqs(listener)).size === 300);
    expect([...new Set(seqs(listener))].toSorted((one, other) => Number(one) - Number(other))).toEqual(upTo(300));
  });

  test('the window follows the receive maximum of the broker', async () => {
    await using broker = await realMosquitto(['max_inflight_messages 5']);
    await using proxy = await startProxy(broker.port);
    using bench = await stationBench({ url: proxy.url });
    await using listener = await startListener(broker.url);
    await using publisher = await bench.start();
    publisher.accept({ kind: 'runResult', result: bench.record() });
    await publisher.drained(noLimit);
    proxy.deafen();
    for (let run = 0; run < 10; run += 1) publisher.accept({ kind: 'runResult', result: bench.record() });
    await listener.until(() => seqs(listener).length === 6);
    await systemClock.sleep(100);
    expect(seqs(listener)).toEqual(upTo(6));
    proxy.cut();
    await publisher.drained(noLimit);
  });

  test('a result above the packet limit of the broker stays in the outbox and blocks nothing', async () => {
    await using broker = await realMosquitto(['max_packet_size 8192']);
    using bench = await stationBench({ url: broker.url });
    await using listener = await startListener(broker.url);
    bench.record();
    bench.record(passed({ bootVersion: 'x'.repeat(9_000) }));
    bench.record();
    await using publisher = await bench.start();
    await listener.until(() => seqs(listener).length === 2);
    await systemClock.sleep(100);
    expect(seqs(listener)).toEqual([1, 3]);
    expect(publisher.connected).toBe(true);
    expect(bench.ledger.pendingOutbox(0, 9).map(({ position }) => position)).toEqual([2]);
  });

  test('a result that the station may not publish is counted and stays', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.file('acl'), 'topic write jigd/flash-03/status\ntopic read #\n', { mode: 0o600 });
    await using broker = await realMosquitto([`acl_file ${folder.file('acl')}`]);
    using bench = await stationBench({ url: broker.url });
    bench.record(failed());
    await using publisher = await bench.start();
    while ((bench.ledger.pendingOutbox(0, 1)[0]?.tries ?? 0) < 2) await systemClock.sleep(20);
    expect(publisher.connected).toBe(true);
    expect(bench.ledger.pendingOutbox(0, 1)).toHaveLength(1);
  });

  test('a refused password is tried again until it is right', async () => {
    using folder = temporaryFolder();
    const passwords = folder.file('passwords');
    const setPassword = (password: string): void => {
      execFileSync('mosquitto_passwd', ['-c', '-b', passwords, 'flash-03', password], { stdio: 'ignore' });
    };
    setPassword('other');
    await using broker = await realMosquitto(['allow_anonymous false', `password_file ${passwords}`]);
    using bench = await stationBench({ url: broker.url, username: 'flash-03', password: 'secret' });
    bench.record();
    await using publisher = await bench.start();
    await systemClock.sleep(200);
    expect(publisher.connected).toBe(false);
    setPassword('secret');
    await broker.stop();
    await broker.start();
    await publisher.drained(noLimit);
    expect(bench.ledger.pendingOutbox(0, 1)).toEqual([]);
  });
});
