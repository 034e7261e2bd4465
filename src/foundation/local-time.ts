/** A moment as a clock on the wall shows it; the month is 1 to 12. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const dayMs = 86_400_000;

/** The clock on the wall in a time zone. */
export class LocalTime {
  /** IANA name. */
  readonly zone: string;
  readonly #format: Intl.DateTimeFormat;

  /** @param zone IANA name; null: that of the host @throws RangeError for a name that is none */
  constructor(zone: string | null) {
    this.#format = new Intl.DateTimeFormat('en-GB', {
      ...(zone === null ? {} : { timeZone: zone }),
      ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
      ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
    });
    // An alias stays as it was written: the host calls Asia/Ho_Chi_Minh by an older name.
    this.zone = zone ?? this.#format.resolvedOptions().timeZone;
  }

  /** @param ms since 1970 */
  at(ms: number): WallTime {
    const parts = new Map(this.#format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    return {
      year: part('year'),
      month: part('month'),
      day: part('day'),
      hour: part('hour'),
      minute: part('minute'),
      second: part('second'),
    };
  }

  /**
   * The moment at which the clock shows this, ms since 1970. A day or an hour too large is carried over. Of two such
   * moments, when the clock is put back, the first; where it is put forward past the time, as if it had not been.
   */
  moment({ year, month, day, hour, minute, second }: WallTime): number {
    const shown = Date.UTC(year, month - 1, day, hour, minute, second);
    const [before, after] = [shown - dayMs, shown + dayMs].map((near) => shown - this.#offset(near));
    const meant = [before, after].filter((ms) => ms !== undefined && ms + this.#offset(ms) === shown);
    return Math.min(...(meant.length > 0 ? meant : [before]).filter((ms) => ms !== undefined));
  }

  /** "2026-11-23 06:00:09". @param ms since 1970 */
  text(ms: number): string {
    const { year, month, day, hour, minute, second } = this.at(ms);
    const two = (value: number): string => String(value).padStart(2, '0');
    return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
  }

  /** "2026-11-23 06:00". @param ms since 1970 */
  minuteText(ms: number): string {
    return this.text(ms).slice(0, 16);
  }

  /** How far the clock is ahead of UTC, ms. */
  #offset(ms: number): number {
    const { year, month, day, hour, minute, second } = this.at(ms);
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
  }
}
