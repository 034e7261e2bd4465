import type { IClientOptions } from 'mqtt';

export interface BrokerOptions {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly url: string;
  /** 5 reports refusals; with 3.1.1 a message that is not allowed vanishes without a word. */
  readonly protocol: 5 | '3.1.1';
  readonly username?: string;
  readonly password?: string;
}

export interface Will {
  readonly topic: string;
  readonly payload: string;
}

/** The options of mqtt.js that were measured to be right (reliability reference §1.3). */
export function connectOptions(
  broker: BrokerOptions,
  clientId: string,
  will: Will,
  reconnectPeriod: number,
): IClientOptions {
  return {
    protocolVersion: broker.protocol === 5 ? 5 : 4,
    clientId,
    // The outbox is the session.
    clean: true,
    // A dead connection is noticed after 1.5 times this.
    keepalive: 20,
    connectTimeout: 10_000,
    reconnectPeriod,
    // Without it, one refused password ends all attempts.
    reconnectOnConnackError: true,
    // Live state that cannot be sent now is of no use later.
    queueQoSZero: false,
    will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true },
    ...(broker.username === undefined ? {} : { username: broker.username }),
    ...(broker.password === undefined ? {} : { password: broker.password }),
  };
}
