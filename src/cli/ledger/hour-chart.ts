import type { LocalTime } from '../../foundation/local-time.ts';
import type { HourlyYield } from '../../ledger/yield/yield-figures.ts';

/** From which run yield on a block is drawn, in percent. Most stations live above 90 %, so the steps are finer there. */
const blocks = [
  { from: 0, block: '▁' },
  { from: 50, block: '▂' },
  { from: 70, block: '▃' },
  { from: 80, block: '▄' },
  { from: 90, block: '▅' },
  { from: 95, block: '▆' },
  { from: 98, block: '▇' },
  { from: 100, block: '█' },
] as const;

const noRun = '·';
/** Characters for an hour. */
const width = 2;
const mostDays = 31;

interface Cell {
  readonly part: number;
  readonly whole: number;
}

interface Day {
  readonly cells: Map<number, Cell>;
}

/** The run yield of each hour: a line for each local day, the last days of a long time. Empty when there is no hour. */
export function hourChart(hours: readonly HourlyYield[], local: LocalTime): string {
  const days = new Map<string, Day>();
  for (const { fromMs, runYield } of hours) {
    const name = local.text(fromMs).slice(0, 10);
    const day: Day = days.get(name) ?? { cells: new Map<number, Cell>() };
    days.set(name, day);
    const { hour } = local.at(fromMs);
    // The clock can show an hour twice.
    const before = day.cells.get(hour) ?? { part: 0, whole: 0 };
    day.cells.set(hour, { part: before.part + runYield.part, whole: before.whole + runYield.whole });
  }
  if (days.size === 0) return '';
  const shown = [...days].slice(-mostDays);
  const left = days.size - shown.length;
  const marks = [0, 3, 6, 9, 12, 15, 18, 21]
    .map((hour) =>
      String(hour)
        .padStart(2, '0')
        .padEnd(3 * width),
    )
    .join('');
  return [
    `${' '.repeat(12)}${marks}   YIELD    RUNS`,
    ...(left === 0 ? [] : [`… ${left} earlier days`]),
    ...shown.map(([name, day]) => dayLine(name, day)),
    `${' '.repeat(12)}${legend()}`,
  ].join('\n');
}

function dayLine(name: string, { cells }: Day): string {
  const drawn = Array.from({ length: 24 }, (_, hour) => cellOf(cells.get(hour)).repeat(width)).join('');
  const part = [...cells.values()].reduce((sum, cell) => sum + cell.part, 0);
  const whole = [...cells.values()].reduce((sum, cell) => sum + cell.whole, 0);
  const share = whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;
  return `${name}  ${drawn}${share.padStart(8)}${String(whole).padStart(8)}`;
}

/** An hour outside of the time that is told is blank. */
function cellOf(cell: Cell | undefined): string {
  if (cell === undefined) return ' ';
  if (cell.whole === 0) return noRun;
  const percent = (100 * cell.part) / cell.whole;
  return blocks.findLast(({ from }) => percent >= from)?.block ?? noRun;
}

function legend(): string {
  const steps = blocks.map(({ from, block }) => (from === 0 ? `${block} less` : `${block} ${from}`)).join('  ');
  return `${noRun} no run  ${steps} %`;
}
