import { connectAsync } from 'mqtt';
import { describe, expect, test } from 'vitest';
import { brokerKinds } from './brokers.ts';
import { isCleared, startListener } from './listener.ts';
import type { Heard } from './listener.ts';
import { startProxy } from './proxy.ts';
import { buttonStuck, stationBench } from './station-bench.ts';

const stuckTopic = 'jigd/flash-03/alarm/button-stuck-2';

/** What a consumer hears of alarms that has just come. */
async function retainedAlarms(url: string): Promise<Heard[]> {
  // Retained too, so that it comes with the others.
  const last = 'jigd/zz';
  await retain(url, last);
  await using late = await startListener(url);
  await late.until((heard) => heard.some(({ topic }) => topic === last));
  return late.heard.filter(({ topic, retain: kept }) => kept && topic.includes('/alarm/'));
}

async function retain(url: string, topic: string): Promise<void> {
  const client = await connectAsync(url);
  await client.publishAsync(topic, '{"was":"left"}', { retain: true, qos: 1 });
  await client.endAsync();
}

for (const { name, protocol, broker: startBroker, missing } of brokerKinds) {
  describe.skipIf(missing)(name, () => {
    test('an alarm is there for whoever comes while it lasts, and gone afterwards', async () => {
      await using broker = await startBroker();
      using bench = await stationBench({ url: broker.url, protocol });
      await using listener = await startListener(broker.url);
      await using publisher = await bench.start();
      await listener.until((heard) => heard.some(({ topic }) => topic.endsWith('/job')));
      publisher.accept({ kind: 'alarm', alarm: buttonStuck });
      await listener.until((heard) => heard.some(({ topic, body }) => topic === stuckTopic && !isCleared(body)));
      expect(await retainedAlarms(broker.url)).toEqual([
        {
          topic: stuckTopic,
          retain: true,
          body: {
            schema: 'jigd.alarm/1',
            slug: 'button-stuck-2',
            station: 'flash-03',
            nest: 2,
            code: 'O04',
            code_name: 'BUTTON_STUCK',
            attribution: 'O',
            text: 'BUTTON STUCK – call technician',
            detail: 'Held for 5 s.',
            since: '2001-09-09T01:46:40.000Z',
            ts_ms: 1e12,
          },
        },
      ]);

      publisher.accept({ kind: 'alarm', alarm: { ...buttonStuck, active: false } });
      await listener.until((heard) => heard.at(-1)?.topic === stuckTopic && isCleared(heard.at(-1)?.body ?? {}));
      expect(await retainedAlarms(broker.url)).toEqual([]);
    });

    test('a birth tells the active alarms again and clears what was left behind, also by a killed station', async () => {
      await using broker = await startBroker();
      await using proxy = await startProxy(broker.port);
      using bench = await stationBench({ url: proxy.url, protocol });
      const left = ['estop', 'button-stuck-1', 'button-stuck-2'].map((slug) => `jigd/flash-03/alarm/${slug}`);
      for (const topic of [...left, 'jigd/other/alarm/estop']) await retain(broker.url, topic);
      await using listener = await startListener(broker.url);
      await using publisher = await bench.start();
      publisher.accept({ kind: 'alarm', alarm: buttonStuck });
      await listener.until((heard) => left.every((topic) => heard.some((one) => one.topic === topic && !one.retain)));
      await listener.until((heard) => heard.some(({ body }) => body['slug'] === 'button-stuck-2'));
      const topics = async () => (await retainedAlarms(broker.url)).map(({ topic }) => topic).toSorted();
      expect(await topics()).toEqual([stuckTopic, 'jigd/other/alarm/estop']);

      // While there is no connection one alarm ends and another begins.
      proxy.cut();
      publisher.accept({ kind: 'alarm', alarm: { ...buttonStuck, active: false } });
      const estop = { ...buttonStuck, slug: 'estop', nest: null, detail: 'Pressed.' } as const;
      publisher.accept({ kind: 'alarm', alarm: estop });
      await listener.until((heard) => heard.some(({ body }) => body['slug'] === 'estop'));
      await listener.until((heard) => heard.findLast(({ topic }) => topic === stuckTopic)?.body['slug'] === undefined);
      expect(await topics()).toEqual(['jigd/flash-03/alarm/estop', 'jigd/other/alarm/estop']);
    });
  });
}
