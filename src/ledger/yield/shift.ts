/** A shift or a local day: from the one moment to before the other, wall-clock ms since 1970. */
export interface Shift {
  readonly fromMs: number;
  readonly toMs: number;
}

/** When a station works. */
export interface ShiftPlan {
  /** IANA name; null: that of the host. */
  readonly timezone: string | null;
  /** Local times at which a shift begins, `06:00`, ascending. Empty: the shift is the local day. */
  readonly shifts: readonly string[];
}

interface LocalDay {
  readonly year: number;
  /** 0 … 11. */
  readonly month: number;
  readonly day: number;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/**
 * The shift that a moment is in. Each begins when the local clock first shows its time, and lasts until the next begins:
 * on the days on which the clocks change it is an hour longer or shorter. A time that the local clock leaves out begins
 * at the change.
 */
export function shiftAt(atMs: number, { timezone, shifts }: ShiftPlan): Shift {
  const zone = new Zone(timezone);
  const begins = (shifts.length === 0 ? ['00:00'] : shifts).map(minutesOf);
  const today = zone.dayOf(atMs);
  // Two days on either side: a whole local day has been left out before (Pacific/Apia, 30 December 2011).
  const starts = [-2, -1, 0, 1, 2].flatMap((days) => begins.map((minutes) => zone.momentOf(today, days, minutes)));
  return {
    fromMs: Math.max(...starts.filter((start) => start <= atMs)),
    toMs: Math.min(...starts.filter((start) => start > atMs)),
  };
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

class Zone {
  readonly #format: Intl.DateTimeFormat;

  constructor(timezone: string | null) {
    const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric' } as const;
    this.#format = new Intl.DateTimeFormat('en-US', {
      ...fields,
      minute: 'numeric',
      second: 'numeric',
      hourCycle: 'h23',
      ...(timezone === null ? {} : { timeZone: timezone }),
    });
  }

  dayOf(atMs: number): LocalDay {
    const local = new Date(this.#localMs(atMs));
    return { year: local.getUTCFullYear(), month: local.getUTCMonth(), day: local.getUTCDate() };
  }

  /** When the local clock first shows a time of a day, or the change that leaves it out. */
  momentOf({ year, month, day }: LocalDay, addDays: number, minutes: number): number {
    const wantedMs = Date.UTC(year, month, day + addDays, 0, minutes);
    const before = this.#offsetMs(wantedMs - dayMs);
    const after = this.#offsetMs(wantedMs + dayMs);
    const early = wantedMs - before;
    if (before === after || this.#offsetMs(early) === before) return early;
    const late = wantedMs - after;
    return this.#offsetMs(late) === after ? late : this.#changeBetween(late, early, before);
  }

  /** The first moment after `fromMs` with another offset than `before`; `toMs` is behind it. To the millisecond. */
  #changeBetween(fromMs: number, toMs: number, before: number): number {
    let low = fromMs;
    let high = toMs;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#offsetMs(middle) === before) low = middle;
      else high = middle;
    }
    return high;
  }

  #offsetMs(atMs: number): number {
    return this.#localMs(atMs) - Math.floor(atMs / 1000) * 1000;
  }

  /** What the local clock shows, to the second, as if it were UTC. */
  #localMs(atMs: number): number {
    const parts = new Map(this.#format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
    const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  }
}
