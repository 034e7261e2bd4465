import type { Proportion, YieldFigures } from '../../ledger/yield/yield-figures.ts';

/** The yields of a ledger in two lines, each with its definition's name and its Wilson 95 % interval. */
export function yieldText({ runYield, fpy, fpyDef }: YieldFigures): string {
  return line('run yield', runYield) + line(`first-pass yield (${fpyDef})`, fpy);
}

function line(name: string, { part, whole, rate }: Proportion): string {
  return `${name.padEnd(32)}${rateText(rate)}  ${part} of ${whole}\n`;
}

function rateText(rate: Proportion['rate']): string {
  if (rate === null) return 'unknown';
  const percent = (share: number): string => (share * 100).toFixed(1);
  return `${percent(rate.share)} % (${percent(rate.low)} to ${percent(rate.high)} %)`;
}
