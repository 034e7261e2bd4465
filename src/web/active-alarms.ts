import type { EventStream } from '../foundation/event-stream.ts';
import type { Alarm, StationEvent } from '../nest/station-event.ts';

/** The alarms that last now, in the order of their beginning. */
export class ActiveAlarms {
  readonly #active = new Map<Alarm['slug'], Alarm>();

  /** @param events of the whole life of the station, so that none is missed */
  constructor(events: Pick<EventStream<StationEvent>, 'subscribe'>) {
    events.subscribe((event) => {
      if (event.kind !== 'alarm') return;
      const { alarm } = event;
      if (alarm.active) this.#active.set(alarm.slug, alarm);
      else this.#active.delete(alarm.slug);
    });
  }

  all(): Alarm[] {
    return [...this.#active.values()];
  }
}
