import { Command, InvalidArgumentError, Option } from 'commander';
import type { Clock } from '../foundation/clock.ts';
import { systemClock } from '../foundation/system-clock.ts';
import { shiftAt } from '../ledger/yield/shift.ts';
import type { YieldScope } from '../ledger/yield/yield-figures.ts';
import { addLedgerOptions, wholeNumber, withLedger } from './ledger/ledger-options.ts';
import type { LedgerOptions, LedgerPlace } from './ledger/ledger-options.ts';
import { addPeriodOptions, periodOf } from './ledger/period-options.ts';
import type { PeriodFilter, PeriodOptions } from './ledger/period-options.ts';
import { collectReport } from './ledger/report-data.ts';
import { reportRecord } from './ledger/report-record.ts';
import { reportText } from './ledger/report-text.ts';

interface ReportOptions extends LedgerOptions, PeriodOptions {
  readonly lot?: string;
  readonly shift?: 'now' | 'last';
  readonly hours?: number;
  readonly nest?: number;
  readonly job?: string;
  readonly json?: boolean;
}

const hourMs = 3_600_000;
/** What is reported when nothing is asked for, h. */
const usualHours = 24;
const mostHours = 100_000;

/**
 * `jigd report`: the yields of a lot, a shift or a period, with their definitions and intervals, what failed, the nests beside
 * each other and the run yield by hours. Its action rejects with an Error when there is no ledger or it cannot be read.
 * @param print takes what goes to standard output
 */
export function reportCommand(
  print: (text: string) => void = (text) => void process.stdout.write(text),
  clock: Clock = systemClock,
): Command {
  const command = addLedgerOptions(
    new Command('report').description('yields, failures and nests of a lot, a shift or a period'),
  )
    .option('--lot <lot>', 'only this lot; of all time, unless a period is named too')
    .addOption(
      new Option(
        '--shift <which>',
        'the shift of the station file that is under way, or the one before it; without shifts the day',
      )
        .choices(['now', 'last'])
        .conflicts(['since', 'until', 'hours']),
    );
  return addPeriodOptions(command)
    .addOption(
      new Option('--hours <n>', `the last hours; ${usualHours} when neither a lot nor a period is named`)
        .argParser(hours)
        .conflicts(['since', 'until']),
    )
    .addOption(new Option('--nest <n>', 'only this nest').argParser(wholeNumber))
    .option('--job <name>', 'only this job')
    .option('--json', 'print one JSON object')
    .action(async (options: ReportOptions) => {
      await withLedger(command, options, (reader, place) => {
        const now = clock.now();
        const scope = { ...periodFor(command, options, place, now), ...chosen(options) };
        const report = collectReport(reader, scope, now, place.local);
        print(
          options.json === true
            ? `${JSON.stringify(reportRecord(report, place.local))}\n`
            : reportText(report, place.local),
        );
      });
    });
}

function chosen({ lot, nest, job }: ReportOptions): YieldScope {
  return {
    ...(lot === undefined ? {} : { lot }),
    ...(nest === undefined ? {} : { nest }),
    ...(job === undefined ? {} : { job }),
  };
}

function periodFor(
  command: Command,
  options: ReportOptions,
  { local, shifts }: LedgerPlace,
  now: number,
): PeriodFilter {
  if (options.shift !== undefined) {
    const plan = { timezone: local.zone, shifts };
    const present = shiftAt(now, plan);
    return options.shift === 'now' ? present : shiftAt(present.fromMs - 1, plan);
  }
  const named = periodOf(command, options, local, now);
  const isNamed = named.fromMs !== undefined || named.toMs !== undefined;
  if (isNamed || (options.hours === undefined && options.lot !== undefined)) return named;
  return { fromMs: now - (options.hours ?? usualHours) * hourMs, toMs: now };
}

function hours(text: string): number {
  const value = wholeNumber(text);
  if (value > mostHours) throw new InvalidArgumentError(`Expected at most ${mostHours} hours.`);
  return value;
}
