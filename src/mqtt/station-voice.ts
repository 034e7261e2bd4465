import type { Clock } from '../foundation/clock.ts';
import type { Logger } from '../foundation/logger.ts';
import { unreachable } from '../foundation/unreachable.ts';
import type { RunResult } from '../nest/run/run-result.ts';
import { alarmSlugs, nestAlarms } from '../foundation/alarm-slugs.ts';
import type { AlarmSlug } from '../foundation/alarm-slugs.ts';
import type { Alarm, JobInfo, NestState, StationEvent } from '../nest/station-event.ts';
import type { BrokerLink } from './broker-link.ts';
import { LatestValue } from './latest-value.ts';
import { LatestValues } from './latest-values.ts';
import {
  alarmEventMessage,
  alarmMessage,
  eventMessage,
  infoMessage,
  jobMessage,
  nestStateMessage,
  runStartedMessage,
  statusMessage,
} from './station-messages.ts';
import type { StationInfo } from './station-messages.ts';
import { topicPath } from './topics.ts';

export interface StationVoiceParts {
  readonly link: Pick<BrokerLink, 'tell'>;
  readonly ledger: { readonly epoch: string; lastSeq(): number; lastResults(): RunResult[] };
  readonly clock: Clock;
  readonly log: Logger;
  readonly station: StationInfo;
  readonly job: JobInfo | null;
}

/** Four a second: enough for a display, little enough for a broker (design §8). */
const stateEveryMs = 250;

/** Everything the station tells besides the outbox: its retained state, and events as they happen. */
export class StationVoice {
  readonly #parts: StationVoiceParts;
  readonly #states: LatestValues<NestState['nest'], NestState>;
  /** Those that have ended too: their end may not have reached the broker. */
  readonly #alarms: LatestValues<AlarmSlug, Alarm>;
  readonly #active = new Set<AlarmSlug>();
  readonly #info: LatestValue<null>;
  #job: JobInfo | null;

  constructor(parts: StationVoiceParts) {
    this.#parts = parts;
    this.#job = parts.job;
    const { clock, link, station } = parts;
    this.#states = new LatestValues(clock, stateEveryMs, (state) => {
      link.tell('nestState', topicPath('nestState', state.nest), nestStateMessage(state, station.language));
    });
    this.#alarms = new LatestValues(clock, stateEveryMs, (alarm) => {
      const message = alarm.active ? alarmMessage(alarm, station) : null;
      link.tell('alarm', topicPath('alarm', alarm.slug), message);
    });
    this.#info = new LatestValue(clock, stateEveryMs, () => {
      this.#tellInfo();
    });
  }

  /** On every connect: a broker that was restarted has sent the will and may have forgotten all state. */
  birth(): void {
    const { link, station } = this.#parts;
    link.tell('status', topicPath('status'), statusMessage('online', 'connected', station.bootId));
    this.#info.tellNow(null);
    link.tell('job', topicPath('job'), jobMessage(this.#job));
    this.#states.tellAllNow();
    this.#alarms.tellAllNow();
    this.#forgetOldAlarms();
    this.#fromLedger((ledger) => {
      for (const result of ledger.lastResults()) {
        if (result.nest !== null && !station.nests.includes(result.nest)) this.#forgetNest(result.nest);
        else this.#tellLast(result);
      }
    });
  }

  tell(event: StationEvent): void {
    const { link, station } = this.#parts;
    switch (event.kind) {
      case 'nestState':
        this.#states.offer(event.state.nest, event.state);
        return;
      case 'runStarted':
        link.tell('runStarted', topicPath('runStarted'), runStartedMessage(event.opening));
        return;
      case 'runResult':
        this.#tellLast(event.result);
        this.#info.offer(null);
        return;
      case 'jobLoaded':
        this.#job = event.job;
        link.tell('job', topicPath('job'), jobMessage(event.job));
        return;
      case 'notice':
        link.tell('event', topicPath('event', event.notice.kind), eventMessage(event.notice, station));
        return;
      case 'alarm':
        this.#tellAlarm(event.alarm);
        return;
      default:
        unreachable(event);
    }
  }

  /** Sends at once what waits for its turn, and takes all timers off. */
  flush(): void {
    this.#states.flush();
    this.#alarms.flush();
    this.#info.flush();
  }

  /** What a station that was killed has left at the broker, and this one has not known active. */
  #forgetOldAlarms(): void {
    const { link, station } = this.#parts;
    for (const slug of alarmSlugs(station.nests)) {
      if (!this.#alarms.has(slug)) link.tell('alarm', topicPath('alarm', slug), null);
    }
  }

  /** A nest that the station file has no more. It may come back. */
  #forgetNest(nest: number): void {
    const { link } = this.#parts;
    link.tell('nestState', topicPath('nestState', nest), null);
    link.tell('nestLast', topicPath('nestLast', nest), null);
    for (const name of nestAlarms) link.tell('alarm', topicPath('alarm', `${name}-${nest}`), null);
  }

  /** Its words may change while it lasts; its beginning and its end are events. */
  #tellAlarm(alarm: Alarm): void {
    const { link, clock, station } = this.#parts;
    if (alarm.active !== this.#active.has(alarm.slug)) {
      if (alarm.active) this.#active.add(alarm.slug);
      else this.#active.delete(alarm.slug);
      const message = alarmEventMessage(alarm, station, clock.now());
      link.tell('event', topicPath('event', message.kind), message);
    }
    this.#alarms.offer(alarm.slug, alarm);
  }

  #tellLast(result: RunResult): void {
    if (result.nest === null) return;
    this.#parts.link.tell('nestLast', topicPath('nestLast', result.nest), result);
  }

  #tellInfo(): void {
    const { link, station } = this.#parts;
    this.#fromLedger((ledger) => {
      link.tell('info', topicPath('info'), infoMessage(station, ledger.epoch, ledger.lastSeq()));
    });
  }

  /** A ledger that cannot be read just now must not stop the rest. */
  #fromLedger(work: (ledger: StationVoiceParts['ledger']) => void): void {
    const { ledger, log } = this.#parts;
    try {
      work(ledger);
    } catch (error) {
      log.error({ event: 'ledger-unreadable', err: error });
    }
  }
}
