import type { IConnackPacket, MqttClient } from 'mqtt';
import { expect, test } from 'vitest';
import { BrokerLink } from '../../src/mqtt/broker-link.ts';

interface Sent {
  readonly topic: string;
  readonly qos: number;
  readonly acknowledge: () => void;
}

/** A client whose broker acknowledges when it is told to. */
function connectedTo(properties: IConnackPacket['properties']): { readonly link: BrokerLink; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  const publish = (topic: string, _payload: string, { qos }: { qos: number }, done: () => void): void => {
    sent.push({ topic, qos, acknowledge: done });
    if (qos === 0) done();
  };
  const link = new BrokerLink({ connected: true, publish } as unknown as MqttClient, 'jigd/bench');
  link.accepted({ cmd: 'connack', sessionPresent: false, ...(properties === undefined ? {} : { properties }) });
  return { link, sent };
}

test.for([1, 2, 5, 16, 20, 65_535])(
  'results and state together never have more than the receive maximum %i unacknowledged',
  (receiveMaximum) => {
    const { link, sent } = connectedTo({ receiveMaximum });
    expect(link.window).toBeGreaterThan(0);
    for (let row = 0; row < link.window; row += 1) link.publish('run/result', '{}', () => undefined);
    for (let nest = 0; nest < 99; nest += 1) link.tell('nestLast', `nest/${nest}/last`, {});
    expect(sent).toHaveLength(link.window + 99);
    expect(sent.filter(({ qos }) => qos === 1).length).toBeLessThanOrEqual(receiveMaximum);
  },
);

test('what is told is acknowledged again when there is room', () => {
  const { link, sent } = connectedTo({ receiveMaximum: 20 });
  for (let nest = 0; nest < 9; nest += 1) link.tell('nestLast', `nest/${nest}/last`, {});
  expect(sent.at(-1)?.qos).toBe(0);
  for (const { qos, acknowledge } of sent) if (qos === 1) acknowledge();
  link.tell('nestLast', 'nest/1/last', {});
  expect(sent.at(-1)?.qos).toBe(1);
});

test('state above the packet limit of the broker is not sent: the client would repeat it for ever', () => {
  const { link, sent } = connectedTo({ maximumPacketSize: 2_048 });
  const reached: boolean[] = [];
  link.tell('nestLast', 'nest/1/last', { boot_version: 'x'.repeat(2_000) }, (ok) => void reached.push(ok));
  expect([sent, reached]).toEqual([[], [false]]);
  link.tell('info', 'info', {});
  expect(sent).toHaveLength(1);
});
