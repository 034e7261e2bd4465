import type { LocalTime } from '../../foundation/local-time.ts';
import type { ParetoBar, Proportion } from '../../ledger/yield/yield-figures.ts';
import { hourChart } from './hour-chart.ts';
import type { NestReport, Report } from './report-data.ts';
import { codeName } from './runs-table.ts';
import { textTable } from '../terminal/text-table.ts';

/** Characters of the longest bar. */
const barWidth = 24;
const mostBars = 10;

/** A report for a screen of 80 columns, without colour. */
export function reportText(report: Report, local: LocalTime): string {
  const head = `${headLines(report, local).join('\n')}\n`;
  if (report.extent.runs === 0) return `${head}\nNo run lies in this scope.\n`;
  const { runYield } = report.figures;
  const chart = hourChart(report.hours, local);
  const sections = [
    head,
    `${yieldTable(report)}${countLine(report)}`,
    titled('PHASES of attempt 1: where units fail', phaseTable(report)),
    titled('FAILURES BY UNITS, code of attempt 1: what is wrong with the product', paretoTable(report.byUnits)),
    titled('FAILURES BY RUNS, every failed run: what needs maintenance', paretoTable(report.byRuns)),
    titled('NESTS', nestTable(report.nests, runYield)),
    chart === '' ? '' : titled(`RUN YIELD BY HOUR, ${local.zone}`, `${chart}\n`),
  ];
  return sections.filter((section) => section !== '').join('\n');
}

function headLines({ scope, extent }: Report, local: LocalTime): string[] {
  const { lot, nest, job, fromMs, toMs } = scope;
  const what = [
    lot === undefined ? '' : `lot ${lot}`,
    nest === undefined ? '' : `nest ${nest}`,
    job === undefined ? '' : `job ${job}`,
  ].filter((part) => part !== '');
  const minute = (ms: number | undefined, open: string): string => (ms === undefined ? open : local.minuteText(ms));
  const period =
    fromMs === undefined && toMs === undefined
      ? 'all of the ledger'
      : `${minute(fromMs, 'the beginning')} to ${minute(toMs, 'now')}, ${local.zone}`;
  const { firstMs, lastMs, runs } = extent;
  const span =
    firstMs === null || lastMs === null ? '' : `, ${local.minuteText(firstMs)} to ${local.minuteText(lastMs)}`;
  return [`REPORT  ${[...what, period].join(', ')}`, `${counted(runs, 'run')}${span}`];
}

function yieldTable({ figures }: Report): string {
  const { fpyDef, fpy, passedBy, finalYield, dutOnlyFpy, runYield, retest, ntf, marginal, inferred } = figures;
  const rows: readonly (readonly [string, Proportion, string])[] = [
    [`first-pass yield (${fpyDef})`, fpy, 'unit'],
    ['passed by attempt 2', passedBy[1], 'unit'],
    ['passed by attempt 3', passedBy[2], 'unit'],
    ['final yield (last run)', finalYield, 'unit'],
    ['device-only first-pass yield', dutOnlyFpy, 'unit'],
    ['run yield', runYield, 'run'],
    ['retest rate', retest, 'unit'],
    ['no trouble found', ntf, 'failed unit'],
    ['marginal passes', marginal, 'pass'],
    ['first attempt inferred', inferred, 'unit'],
  ];
  return textTable(
    [
      { title: 'YIELD' },
      { title: '%', align: 'right' },
      { title: '95 % INTERVAL', align: 'right' },
      { title: 'COUNT', align: 'right' },
      { title: 'OF' },
    ],
    rows.map(([name, { part, whole, rate }, of]) => [
      name,
      rate === null ? '-' : percent(rate.share),
      rate === null ? '-' : `${percent(rate.low)} to ${percent(rate.high)}`,
      String(part),
      counted(whole, of),
    ]),
  );
}

function countLine({ figures }: Report): string {
  const { units, good, unidentified, errors, aborted, fpy } = figures;
  const dppm = fpy.rate === null ? '-' : String(Math.round(1_000_000 * (1 - fpy.rate.share)));
  return (
    `good units ${good} of ${units}, not good ${units - good}, never identified ${unidentified}; first-pass DPPM ${dppm}\n` +
    `in no yield: ${counted(errors, 'ERROR run')}, ${counted(aborted, 'ABORTED run')}\n`
  );
}

function phaseTable({ figures }: Report): string {
  const entered = Object.entries(figures.phaseFpy).filter(([, { whole }]) => whole > 0);
  return textTable(
    [
      { title: 'PHASE' },
      { title: 'ENTERED', align: 'right' },
      { title: 'FAILED', align: 'right' },
      { title: 'PASSED %', align: 'right' },
      { title: '95 % INTERVAL', align: 'right' },
    ],
    entered.map(([phase, { part, whole, rate }]) => [
      phase,
      String(whole),
      String(whole - part),
      rate === null ? '-' : percent(rate.share),
      rate === null ? '-' : `${percent(rate.low)} to ${percent(rate.high)}`,
    ]),
  );
}

function paretoTable(bars: readonly ParetoBar[]): string {
  if (bars.length === 0) return 'none\n';
  const most = bars[0]?.count ?? 1;
  const left = bars.slice(mostBars);
  const table = textTable(
    [
      { title: 'CODE' },
      { title: 'NAME' },
      { title: 'COUNT', align: 'right' },
      { title: '%', align: 'right' },
      { title: 'CUM %', align: 'right' },
      { title: '' },
    ],
    bars
      .slice(0, mostBars)
      .map(({ code, count, share, cumulative }) => [
        code,
        codeName(code),
        String(count),
        percent(share),
        percent(cumulative),
        '█'.repeat(Math.max(1, Math.round((barWidth * count) / most))),
      ]),
  );
  const count = left.reduce((sum, bar) => sum + bar.count, 0);
  return left.length === 0 ? table : `${table}and ${counted(left.length, 'more code')} with ${count}\n`;
}

function nestTable(nests: readonly NestReport[], overall: Proportion): string {
  const table = textTable(
    [
      { title: 'NEST', align: 'right' },
      { title: 'UNITS', align: 'right' },
      { title: 'FIRST PASS %', align: 'right' },
      { title: 'RUNS', align: 'right' },
      { title: 'RUN YIELD %', align: 'right' },
      { title: 'MARG %', align: 'right' },
      { title: 'MOST FAILED' },
    ],
    nests.map(({ nest, figures, worst }) => [
      String(nest ?? '-'),
      String(figures.units),
      withInterval(figures.fpy),
      String(figures.runYield.whole),
      withInterval(figures.runYield),
      figures.marginal.rate === null ? '-' : percent(figures.marginal.rate.share),
      `${worst === null ? '-' : `${worst.code} ×${worst.count}`}${isWorse(figures.runYield, overall) ? ' LOW' : ''}`,
    ]),
  );
  const low = nests.some(({ figures }) => isWorse(figures.runYield, overall));
  return low ? `${table}LOW: even the upper end of its interval is below the run yield of all\n` : table;
}

function isWorse({ rate }: Proportion, overall: Proportion): boolean {
  return rate !== null && overall.rate !== null && rate.high < overall.rate.share;
}

function withInterval({ rate }: Proportion): string {
  return rate === null ? '-' : `${percent(rate.share)} (${percent(rate.low)}–${percent(rate.high)})`;
}

function titled(title: string, content: string): string {
  return `${title}\n${content}`;
}

/** Only all is 100.0. */
function percent(share: number): string {
  // Less than a rounding error below all is all.
  return share < 1 - 1e-9 ? Math.min(99.9, share * 100).toFixed(1) : '100.0';
}

function counted(count: number, one: string): string {
  return `${count} ${count === 1 ? one : one.endsWith('s') ? `${one}es` : `${one}s`}`;
}
