import type { Clock } from '../foundation/clock.ts';
import { EventStream } from '../foundation/event-stream.ts';
import type { Logger } from '../foundation/logger.ts';
import type { ShiftPlan } from '../ledger/yield/shift.ts';
import type { RunResult } from '../nest/run/run-result.ts';
import type { JobInfo, StationEvent } from '../nest/station-event.ts';
import { BrokerLink } from './broker-link.ts';
import { connectOptions } from './connect-options.ts';
import type { BrokerOptions } from './connect-options.ts';
import type { FigureSource } from './figure-messages.ts';
import { FiguresVoice } from './figures-voice.ts';
import { OutboxPump } from './outbox-pump.ts';
import type { OutboxSource } from './outbox-pump.ts';
import { ReconnectDelay } from './reconnect-delay.ts';
import { StationVoice } from './station-voice.ts';
import { statusMessage } from './station-messages.ts';
import type { StationInfo } from './station-messages.ts';
import { topicPath } from './topics.ts';

export interface PublisherOptions extends BrokerOptions {
  /** In front of every topic, without a slash at its ends: `jigd/flash-03`. */
  readonly baseTopic: string;
  /** Fixed and unique; default: `jigd-` and the station's id. */
  readonly clientId?: string;
  readonly station: StationInfo;
  /** The job at the start; a later one comes as an event. */
  readonly job: JobInfo | null;
  /** For the figures of the shift and of the lot; default: local days of the host, and no lot. */
  readonly shifts?: ShiftPlan;
  readonly lot?: string | null;
}

export interface PublisherParts {
  readonly ledger: OutboxSource & FigureSource & { lastResults(): RunResult[] };
  readonly clock: Clock;
  readonly log: Logger;
  readonly options: PublisherOptions;
  /** 0 … 1, for the jitter of the reconnects; default: Math.random. */
  readonly random?: () => number;
}

export type LinkChange = { readonly kind: 'connected' } | { readonly kind: 'disconnected' };

/** What the station tells a broker. A broker that is down neither blocks nor loses anything: the outbox waits. */
export interface Publisher extends AsyncDisposable {
  readonly connected: boolean;
  readonly links: Pick<EventStream<LinkChange>, 'subscribe'>;
  /** Takes what happened at the station. Results are sent from the outbox, where they are already. Never throws. */
  accept(event: StationEvent): void;
  /** Resolves when the outbox is empty. @throws the signal's reason when it aborts first */
  drained(signal: AbortSignal): Promise<void>;
  /** Says that the station stops and disconnects, within 2 s. What is in the outbox stays there. */
  close(): Promise<void>;
}

/** Starts to connect, for as long as it takes, and returns at once. */
export async function startPublisher(parts: PublisherParts): Promise<Publisher> {
  const { ledger, clock, log, options } = parts;
  const { connect } = await import('mqtt');
  const { bootId } = options.station;
  const delay = new ReconnectDelay(parts.random ?? Math.random);
  const statusPath = topicPath('status');
  const will = {
    topic: `${options.baseTopic}/${statusPath}`,
    payload: JSON.stringify(statusMessage('offline', 'lost', bootId)),
  };
  const clientId = options.clientId ?? `jigd-${options.station.station ?? 'station'}`;
  const client = connect(options.url, connectOptions(options, clientId, will, delay.next()));
  const link = new BrokerLink(client, options.baseTopic);
  const pump = new OutboxPump({ source: ledger, wire: link, clock, log });
  const voice = new StationVoice({ link, ledger, clock, log, station: options.station, job: options.job });
  const { station: stationId, line } = options.station;
  const plan = { ...(options.shifts ?? hostDays), station: stationId, line, lot: options.lot ?? null };
  const figures = new FiguresVoice({ link, ledger, clock, log, plan });
  const links = new EventStream<LinkChange>((error) => {
    log.error({ event: 'listener-failed', err: error });
  });
  let stood = false;
  let lastFailure = '';
  let closing: Promise<void> | null = null;

  client.on('connect', (connack) => {
    stood = true;
    lastFailure = '';
    delay.reset();
    client.options.reconnectPeriod = delay.next();
    link.accepted(connack);
    log.info({ event: 'broker-connected', url: withoutSecrets(options.url) });
    voice.birth();
    figures.birth();
    pump.reconnected();
    links.publish({ kind: 'connected' });
  });
  client.on('close', () => {
    // mqtt.js has set its timer already: this is the wait before the attempt after the next.
    client.options.reconnectPeriod = delay.next();
    if (!stood) return;
    stood = false;
    log.warn({ event: 'broker-lost' });
    links.publish({ kind: 'disconnected' });
  });
  client.on('error', (error) => {
    if (error.message === lastFailure) return;
    lastFailure = error.message;
    log.warn({ event: 'broker-unreachable', url: withoutSecrets(options.url), reason: error.message });
  });

  const close = (): Promise<void> => {
    closing ??= (async () => {
      pump.stop();
      voice.flush();
      figures.stop();
      await link.close(statusPath, statusMessage('offline', 'stopped', bootId), clock);
      pump.flush();
    })();
    return closing;
  };

  return {
    get connected() {
      return client.connected;
    },
    links,
    accept(event) {
      if (closing !== null) return;
      voice.tell(event);
      if (event.kind !== 'runResult') return;
      pump.wake();
      figures.recorded();
    },
    drained: (signal) => pump.drained(signal),
    close,
    [Symbol.asyncDispose]: close,
  };
}

const hostDays: ShiftPlan = { timezone: null, shifts: [] };

/** A URL may carry a password, which belongs in no log. */
function withoutSecrets(url: string): string {
  if (!URL.canParse(url)) return 'the broker';
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
