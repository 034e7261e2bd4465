import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { LocalTime, WallTime } from '../../foundation/local-time.ts';

/** A moment as it was typed; which one it is depends on the time zone and on now. */
export type Moment =
  | { readonly kind: 'ago'; readonly ms: number }
  | { readonly kind: 'utc'; readonly ms: number }
  /** day: without a time of day. */
  | { readonly kind: 'local'; readonly wall: WallTime; readonly day: boolean };

export interface PeriodOptions {
  readonly since?: Moment | undefined;
  readonly until?: Moment | undefined;
}

/** From `fromMs` on and before `toMs`, ms since 1970. */
export interface PeriodFilter {
  readonly fromMs?: number;
  readonly toMs?: number;
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const expected = 'Expected a day such as 2026-11-23, a time such as 2026-11-23T06:00, or a time ago such as 24h or 7d.';

/** `--since` and `--until`. */
export function addPeriodOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--since <time>',
        "from then on: 2026-11-23, 2026-11-23T06:00 (the station's time), 24h (ago), 7d",
      ).argParser(readMoment),
    )
    .addOption(new Option('--until <time>', 'before then; a day is included as a whole').argParser(readMoment));
}

/** @throws InvalidArgumentError */
export function readMoment(text: string): Moment {
  const [, count, unit = ''] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  if (count !== undefined) return { kind: 'ago', ms: Number(count) * (unitMs[unit] ?? 0) };
  const found = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(Z)?)?$/.exec(text);
  if (found === null) throw new InvalidArgumentError(expected);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = Array.from(
    found.slice(1, 7),
    (part: string | undefined) => Number(part ?? 0),
  );
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  // A field that is too large is carried over.
  const again = new Date(ms).toISOString();
  const asWritten = `${text.slice(0, 10)}T${text.slice(11).replace('Z', '') || '00:00'}`;
  if (!again.startsWith(asWritten)) throw new InvalidArgumentError('There is no such day or time.');
  if (found[7] !== undefined) return { kind: 'utc', ms };
  return { kind: 'local', wall: { year, month, day, hour, minute, second }, day: found[4] === undefined };
}

/** The period that was asked for; wrong usage when it ends before it begins. @param now ms since 1970 */
export function periodOf(
  command: Command,
  { since, until }: PeriodOptions,
  local: LocalTime,
  now: number,
): PeriodFilter {
  const fromMs = since === undefined ? undefined : momentOf(since, local, now, 0);
  const toMs = until === undefined ? undefined : momentOf(until, local, now, 1);
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs) {
    command.error('error: --until must be later than --since');
  }
  return { ...(fromMs === undefined ? {} : { fromMs }), ...(toMs === undefined ? {} : { toMs }) };
}

/** @param days what is added to a day without a time of day */
function momentOf(moment: Moment, local: LocalTime, now: number, days: 0 | 1): number {
  switch (moment.kind) {
    case 'ago':
      return now - moment.ms;
    case 'utc':
      return moment.ms;
    case 'local': {
      const { wall, day } = moment;
      return local.moment(day ? { ...wall, day: wall.day + days } : wall);
    }
  }
}
