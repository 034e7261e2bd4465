import type { IConnackPacket, MqttClient } from 'mqtt';
import type { Clock } from '../foundation/clock.ts';
import type { OutboxWire, Refusal } from './outbox-pump.ts';
import { topics } from './topics.ts';
import type { TopicName } from './topics.ts';

const largestWindow = 16;
const closeLimitMs = 2_000;

/** One client of mqtt.js with what it does not do by itself: the window, the size limit, an end that always comes. */
export class BrokerLink implements OutboxWire {
  readonly #client: MqttClient;
  readonly #baseTopic: string;
  #window = largestWindow;
  #packetBytesLimit = Number.POSITIVE_INFINITY;

  constructor(client: MqttClient, baseTopic: string) {
    this.#client = client;
    this.#baseTopic = baseTopic;
  }

  get connected(): boolean {
    return this.#client.connected;
  }

  get window(): number {
    return this.#window;
  }

  get packetBytesLimit(): number {
    return this.#packetBytesLimit;
  }

  /** Takes over what the broker allows; mqtt.js minds neither limit (reliability reference §1.3). */
  accepted(connack: IConnackPacket): void {
    this.#window = Math.min(largestWindow, connack.properties?.receiveMaximum ?? largestWindow);
    this.#packetBytesLimit = connack.properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY;
  }

  publish(topic: string, payload: string, done: (refusal: Refusal | null) => void): void {
    this.#client.publish(`${this.#baseTopic}/${topic}`, payload, { qos: 1 }, (error) => {
      done(error ? refusalOf(error) : null);
    });
  }

  /**
   * Publishes state or an event; without a connection it is dropped, since the birth tells the state again.
   * @param done is called with false when it did not reach the broker
   */
  tell(name: TopicName, path: string, message: object, done: (reached: boolean) => void = () => undefined): void {
    if (!this.#client.connected) {
      done(false);
      return;
    }
    const { qos, retain } = topics[name];
    this.#client.publish(`${this.#baseTopic}/${path}`, JSON.stringify(message), { qos, retain }, (error) => {
      done(!error);
    });
  }

  /** Says the last word, then disconnects; after 2 s the connection is cut, and the will speaks. */
  async close(path: string, lastWord: object, clock: Clock): Promise<void> {
    const client = this.#client;
    const until = clock.monotonic() + closeLimitMs;
    const said = await bounded(clock, closeLimitMs, (done) => {
      this.tell('status', path, lastWord, done);
    });
    // A graceful end waits for each open acknowledgement, for ever if need be, and cannot be turned into a forced one.
    const ended = await bounded(clock, Math.max(0, until - clock.monotonic()), (done) => {
      client.end(!said, () => {
        done(true);
      });
    });
    if (!ended) client.stream.destroy();
  }
}

function refusalOf(error: Error): Refusal {
  const code = 'code' in error && typeof error.code === 'number' ? error.code : 0;
  return { reason: code >= 0x80 ? code : null, text: error.message };
}

/** What `work` reports, or false after `ms` ms. */
function bounded(clock: Clock, ms: number, work: (done: (value: boolean) => void) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => {
      resolve(false);
    });
    work((value) => {
      cancel();
      resolve(value);
    });
  });
}
