import type { AlarmLimits } from '../foundation/alarm-limits.ts';
import { LinkTime } from './link-time.ts';
import { NestYield } from './nest-yield.ts';
import type { RunRule } from './rule.ts';
import { SameCode } from './same-code.ts';

/** The rules over the runs in production that need nothing but these. */
export function runRules(limits: AlarmLimits, nests: readonly number[]): RunRule[] {
  const { sameCode, nestYield, linkTime } = limits;
  return [
    ...(sameCode === null ? [] : [new SameCode(sameCode)]),
    ...(nestYield === null ? [] : [new NestYield(nestYield, nests)]),
    ...(linkTime === null
      ? []
      : [new LinkTime('connect-time', linkTime, nests), new LinkTime('write-time', linkTime, nests)]),
  ];
}
