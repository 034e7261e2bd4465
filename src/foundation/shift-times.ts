import type { LocalTime } from './local-time.ts';

/** From `from` on and before `to`, ms since 1970. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/**
 * The shift that a moment lies in, or one before it. A shift lasts until the next one starts, over midnight too; a single
 * start makes shifts of a whole day.
 *
 * @param starts local times, `HH:MM`, ascending, at least one
 * @param back 0: the shift of the moment, 1: the one before it
 */
export function shiftAt(ms: number, starts: readonly string[], local: LocalTime, back: 0 | 1): Period {
  const { year, month, day } = local.at(ms);
  const moments = [-2, -1, 0, 1].flatMap((days) =>
    starts.map((start) => {
      const [hour = 0, minute = 0] = start.split(':').map(Number);
      return local.moment({ year, month, day: day + days, hour, minute, second: 0 });
    }),
  );
  const next = moments.findIndex((start) => start > ms) - back;
  return { from: moments[next - 1] ?? ms, to: moments[next] ?? ms };
}
