import type { YieldSummary } from '../ledger/ledger-reader.ts';

/** The yields of a ledger in two lines, each with its definition's name and its Wilson 95 % interval. */
export function yieldText({ countable, passed, runYield, units, firstPassed, fpy }: YieldSummary): string {
  const line = (name: string, part: number, whole: number, rate: YieldSummary['fpy']): string =>
    `${name.padEnd(32)}${rateText(rate)}  ${part} of ${whole}\n`;
  return (
    line('run yield', passed, countable, runYield) + line('first-pass yield (first_ever)', firstPassed, units, fpy)
  );
}

function rateText(rate: YieldSummary['fpy']): string {
  if (rate === null) return 'unknown';
  const percent = (share: number): string => (share * 100).toFixed(1);
  return `${percent(rate.share)} % (${percent(rate.low)} to ${percent(rate.high)} %)`;
}
