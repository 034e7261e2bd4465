import type { IConnackPacket, MqttClient } from 'mqtt';
import type { Clock } from '../foundation/clock.ts';
import { packetBytes } from './outbox-pump.ts';
import type { OutboxWire, Refusal } from './outbox-pump.ts';
import { topics } from './topics.ts';
import type { TopicName } from './topics.ts';

const largestWindow = 16;
const closeLimitMs = 2_000;
const cutLimitMs = 100;

/** One client of mqtt.js with what it does not do by itself: the window, the size limit, an end that always comes. */
export class BrokerLink implements OutboxWire {
  readonly #client: MqttClient;
  readonly #baseTopic: string;
  #window = largestWindow;
  /** How much of what is told may be unacknowledged at once. */
  #tellWindow = largestWindow;
  #toldOpen = 0;
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
    const receiveMaximum = connack.properties?.receiveMaximum ?? 65_535;
    this.#window = Math.min(largestWindow, receiveMaximum);
    // Results come first; a broker may cut a connection on which more than it allows is unacknowledged (0x93).
    this.#tellWindow = Math.min(largestWindow, receiveMaximum - this.#window);
    this.#packetBytesLimit = connack.properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY;
  }

  publish(topic: string, payload: string, done: (refusal: Refusal | null) => void): void {
    this.#client.publish(`${this.#baseTopic}/${topic}`, payload, { qos: 1 }, (error) => {
      done(error ? refusalOf(error) : null);
    });
  }

  /**
   * Publishes state or an event; without a connection it is dropped, since the birth tells the state again. Where too
   * much is unacknowledged already it goes out with QoS 0, so that a broker that never acknowledges fills no memory.
   * @param message null: an empty payload, with which a broker forgets what it has retained
   * @param done is called with false when it did not reach the broker
   */
  tell(
    name: TopicName,
    path: string,
    message: object | null,
    done: (reached: boolean) => void = () => undefined,
  ): void {
    const payload = message === null ? '' : JSON.stringify(message);
    if (!this.#client.connected || packetBytes(path, payload) > this.#packetBytesLimit) {
      done(false);
      return;
    }
    const { qos: wanted, retain } = topics[name];
    const qos = this.#toldOpen < this.#tellWindow ? wanted : 0;
    this.#toldOpen += qos;
    this.#client.publish(`${this.#baseTopic}/${path}`, payload, { qos, retain }, (error) => {
      this.#toldOpen -= qos;
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
    if (ended) return;
    await bounded(clock, cutLimitMs, (done) => {
      client.stream.once('close', () => done(true)).destroy();
    });
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
