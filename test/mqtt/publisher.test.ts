import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { messages } from '../../src/mqtt/messages.ts';
import type { NestState } from '../../src/nest/station-event.ts';
import { behaviour } from '../support/behaviour.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { opening, passed, silent } from '../ledger/runs.ts';
import { brokerKinds, embedded, freePort } from './brokers.ts';
import { isCleared, startListener } from './listener.ts';
import { startProxy } from './proxy.ts';
import { buttonStuck, noLimit, seqs, stationBench, upTo } from './station-bench.ts';

const ready: NestState = { nest: 1, state: 'ready', runId: null, phase: null, progress: null, code: null };
for (const { name, protocol, broker: startBroker, missing } of brokerKinds) {
  describe.skipIf(missing)(name, () => {
    test('a life of the station: birth, state, events, results, the last word', async () => {
      await using broker = await startBroker();
      using bench = await stationBench({ url: broker.url, protocol });
      await using listener = await startListener(broker.url);
      await using publisher = await bench.start();
      publisher.accept({ kind: 'nestState', state: ready });
      await listener.until((heard) => heard.some(({ topic }) => topic.endsWith('/nest/1/state')));

      publisher.accept({ kind: 'runStarted', opening: opening('r1') });
      const notice = { kind: 'press-ignored', nest: 1, code: 'O03', detail: 'Pressed twice.', at: 1e12 } as const;
      publisher.accept({ kind: 'notice', notice });
      publisher.accept({ kind: 'notice', notice: { ...notice, kind: 'estop-pressed', nest: null } });
      publisher.accept({ kind: 'alarm', alarm: buttonStuck });
      const results = [bench.record(), bench.record(silent(), 2)];
      for (const result of results) publisher.accept({ kind: 'runResult', result });
      const job = { job: 'late', jobHash: 'sha256:1', operation: 'late:1', product: 'late', release: null };
      publisher.accept({ kind: 'jobLoaded', job });
      await publisher.drained(noLimit);
      expect(bench.ledger.pendingOutbox(0, 1)).toEqual([]);
      await publisher.close();
      await listener.until((heard) => heard.at(-1)?.body['reason'] === 'stopped');

      expect(listener.on('jigd/flash-03/run/result')).toEqual(results);
      expect(listener.on('jigd/flash-03/nest/2/last')).toEqual([results[1]]);
      expect(listener.on('jigd/flash-03/status').map(({ state }) => state)).toEqual(['online', 'offline']);
      expect(listener.on('jigd/flash-03/info').at(-1)).toMatchObject({ epoch: bench.ledger.epoch, last_seq: 2 });
      expect(listener.on('jigd/flash-03/counters').at(-1)).toMatchObject({ h24_runs: 2, last_seq: 2, lot_runs: null });
      expect(listener.on('jigd/flash-03/yield').at(-1)).toMatchObject({ fpy_def: 'first_ever', h24_fpy: 0.5 });
      expect(listener.on('jigd/flash-03/job').map(({ job_hash: hash }) => hash)).toHaveLength(2);
      expect(listener.on('jigd/flash-03/job').at(-1)).toMatchObject({ job: 'late', job_hash: 'sha256:1' });
      const shapes = {
        status: messages.status,
        info: messages.info,
        job: messages.job,
        counters: messages.counters,
        yield: messages.yield,
        'nest/1/state': messages.nestState,
        'nest/1/last': messages.nestLast,
        'nest/2/last': messages.nestLast,
        'run/started': messages.runStarted,
        'run/result': messages.runResult,
        'event/press-ignored': messages.event,
        'event/estop-pressed': messages.event,
        'event/alarm-raised': messages.event,
        'alarm/button-stuck-2': messages.alarm,
      };
      const said = listener.heard.filter(({ body }) => !isCleared(body));
      const topics = new Set(said.map(({ topic }) => topic.replace('jigd/flash-03/', '')));
      expect([...topics].toSorted()).toEqual(Object.keys(shapes).toSorted());
      for (const [topic, shape] of Object.entries(shapes)) {
        const bodies = said.filter((message) => message.topic === `jigd/flash-03/${topic}`).map(({ body }) => body);
        for (const body of bodies) expect(shape.parse(body)).toEqual(body);
      }
    });

    test('state is retained for whoever comes later, events are not', async () => {
      await using broker = await startBroker();
      using bench = await stationBench({ url: broker.url, protocol });
      await using publisher = await bench.start();
      publisher.accept({ kind: 'nestState', state: ready });
      publisher.accept({ kind: 'runResult', result: bench.record() });
      await publisher.drained(noLimit);
      await publisher.close();
      await using late = await startListener(broker.url);
      await late.until((heard) => heard.length >= 7);
      expect(late.heard.map(({ topic, retain }) => [topic.replace('jigd/flash-03/', ''), retain]).toSorted()).toEqual([
        ['counters', true],
        ['info', true],
        ['job', true],
        ['nest/1/last', true],
        ['nest/1/state', true],
        ['status', true],
        ['yield', true],
      ]);
    });

    behaviour('broker down from boot', 'blocks nothing, and it gets every result later, in order', async () => {
      await using broker = await startBroker();
      await using proxy = await startProxy(broker.port);
      await proxy.down();
      using bench = await stationBench({ url: proxy.url, protocol });
      await using publisher = await bench.start();
      const results = upTo(40).map(() => bench.record());
      for (const result of results) publisher.accept({ kind: 'runResult', result });
      expect(publisher.connected).toBe(false);
      expect(bench.ledger.pendingOutbox(0, 100)).toHaveLength(40);
      await using listener = await startListener(broker.url);
      await proxy.up();
      await publisher.drained(noLimit);
      await listener.until(() => seqs(listener).length >= 40);
      expect(listener.on('jigd/flash-03/run/result')).toEqual(results);
      // The retained last result is the present one, not each of the past.
      expect(listener.on('jigd/flash-03/nest/1/last')).toEqual([results[39]]);
    });

    test('a broken connection: the will speaks, the birth comes again, unacknowledged results are repeated', async () => {
      await using broker = await startBroker();
      await using proxy = await startProxy(broker.port);
      using bench = await stationBench({ url: proxy.url, protocol });
      await using listener = await startListener(broker.url);
      await using publisher = await bench.start();
      publisher.accept({ kind: 'nestState', state: ready });
      publisher.accept({ kind: 'runResult', result: bench.record() });
      await publisher.drained(noLimit);

      proxy.deafen();
      for (const index of upTo(20)) {
        const result = bench.record();
        if (index % 2 === 0) publisher.accept({ kind: 'runResult', result });
      }
      await listener.until(() => seqs(listener).length >= 17);
      // A full window is on the wire, and none of it counts as sent while the acknowledgements are missing.
      expect(bench.ledger.pendingOutbox(0, 100).map(({ position }) => position)).toEqual(upTo(21).slice(1));
      proxy.cut();
      await publisher.drained(noLimit);
      await listener.until(() => seqs(listener).includes(21));
      expect([...new Set(seqs(listener))]).toEqual(upTo(21));
      // One repeat of the window at the most.
      expect(seqs(listener).length).toBeLessThanOrEqual(21 + 16);
      expect(listener.on('jigd/flash-03/status').map(({ reason }) => reason)).toEqual([
        'connected',
        'lost',
        'connected',
      ]);
      expect(listener.on('jigd/flash-03/nest/1/state').length).toBeGreaterThanOrEqual(2);
    });

    test('a broker that does not answer any more delays the end by 2 s, not for ever', async () => {
      await using broker = await startBroker();
      await using proxy = await startProxy(broker.port);
      using bench = await stationBench({ url: proxy.url, protocol });
      await using listener = await startListener(broker.url);
      const publisher = await bench.start();
      await listener.until((heard) => heard.some(({ topic }) => topic.endsWith('/status')));
      proxy.deafen();
      publisher.accept({ kind: 'runResult', result: bench.record() });
      const began = systemClock.monotonic();
      await publisher.close();
      const took = systemClock.monotonic() - began;
      expect(took).toBeGreaterThan(1_900);
      expect(took).toBeLessThan(4_000);
      expect(publisher.connected).toBe(false);
      expect(bench.ledger.pendingOutbox(0, 9)).toHaveLength(1);
      proxy.cut();

      await using next = await bench.start();
      await next.drained(noLimit);
      expect(bench.ledger.pendingOutbox(0, 9)).toEqual([]);
    });

    test('the state of a nest goes out at most four times a second, the last one always', async () => {
      await using broker = await startBroker();
      using bench = await stationBench({ url: broker.url, protocol });
      await using listener = await startListener(broker.url);
      const clock = new VirtualClock();
      const publisher = await bench.start(clock);
      await listener.until((heard) => heard.some(({ topic }) => topic.endsWith('/job')));
      const running: NestState = { ...ready, state: 'running', runId: 'r1', phase: 'write' };
      for (let percent = 0; percent < 100; percent += 1) {
        publisher.accept({ kind: 'nestState', state: { ...running, progress: percent / 100 } });
        publisher.accept({ kind: 'nestState', state: { ...running, nest: 2, progress: percent / 100 } });
        clock.advance(10);
      }
      publisher.accept({ kind: 'nestState', state: { ...ready, state: 'passed', runId: 'r1' } });
      await publisher.close();
      await listener.until((heard) => heard.at(-1)?.body['reason'] === 'stopped');
      const first = listener.on('jigd/flash-03/nest/1/state');
      expect(first.map(({ progress }) => progress)).toEqual([0, 0.24, 0.49, 0.74, 0.99, null]);
      expect(first.at(-1)).toMatchObject({ state: 'passed' });
      expect(listener.on('jigd/flash-03/nest/2/state').at(-1)).toMatchObject({ progress: 0.99 });
      expect(clock.pending).toBe(0);
    });
  });
}

test('an old result is sent as a replay, a live one is not', async () => {
  await using broker = await embedded();
  using bench = await stationBench({ url: broker.url, protocol: '3.1.1' });
  await using listener = await startListener(broker.url);
  bench.ledger.openRun(opening('old'));
  bench.ledger.closeRun('old', passed(), { finishedAt: systemClock.now() - 61_000 });
  bench.record();
  await using publisher = await bench.start();
  await publisher.drained(noLimit);
  await listener.until(() => seqs(listener).length === 2);
  expect(listener.on('jigd/flash-03/run/result').map(({ replay }) => replay)).toEqual([1, 0]);
});

test('a publisher without any broker can be closed at once, twice', async () => {
  using bench = await stationBench({ url: `mqtt://127.0.0.1:${await freePort()}`, protocol: 5 });
  const publisher = await bench.start();
  publisher.accept({ kind: 'nestState', state: ready });
  await Promise.all([publisher.close(), publisher.close()]);
  await expect(publisher.drained(noLimit)).resolves.toBeUndefined();
});

test('the end of a connection is told to those who want to know', async () => {
  await using broker = await embedded();
  using bench = await stationBench({ url: broker.url, protocol: '3.1.1' });
  await using publisher = await bench.start();
  const changes: string[] = [];
  let ended: () => void = () => undefined;
  const end = new Promise<void>((resolve) => (ended = resolve));
  using subscription = publisher.links.subscribe(({ kind }) => {
    changes.push(kind);
    if (kind === 'connected') void broker.stop();
    else ended();
  });
  await end;
  subscription[Symbol.dispose]();
  expect(changes).toEqual(['connected', 'disconnected']);
});
