import type { Alarm } from '../../src/nest/station-event.ts';
import type { AlarmSlug } from '../../src/foundation/alarm-slugs.ts';
import type { Lasts, RunRule } from '../../src/alarms/rule.ts';
import type { RunTrace } from '../../src/ledger/runs/recent-runs.ts';

/** A pass on nest 1 in production. */
export function pass(changes: Partial<RunTrace> = {}): RunTrace {
  return {
    ...{ nest: 1, mode: 'production', outcome: 'PASS', code: null, marginal: 0, retries: 0 },
    ...{ ms_connect: 200, ms_write: 16_000, bytes_skipped: 0 },
    ...{ job_hash: 'sha256:aa', product: 'esp12-a', flash_id: 'ef4016' },
    ...changes,
  };
}

/** A run that did not pass; its outcome is FAIL unless something else is said. */
export function fail(code: string, changes: Partial<RunTrace> = {}): RunTrace {
  return pass({ outcome: 'FAIL', code, ...changes });
}

/** Runs on nest 1, by their codes; `.` is a pass, `A` an aborted run. */
export function runsOf(text: string): RunTrace[] {
  return text.split(' ').map((each) => {
    const [code = '', nest = '1'] = each.split('@');
    const at = { nest: Number(nest) };
    if (code === '.') return pass(at);
    if (code === 'A') return fail('O01', { ...at, outcome: 'ABORTED' });
    return fail(code, { ...at, outcome: code.startsWith('S') ? 'ERROR' : 'FAIL' });
  });
}

export const never: Lasts = () => false;
export const always: Lasts = () => true;

/** The alarms that a rule finds after these runs. */
export function found(rule: RunRule, runs: readonly RunTrace[], lasts: Lasts = never): AlarmSlug[] {
  for (const run of runs) rule.take(run);
  return rule.verdicts(lasts).flatMap(([slug, finding]) => (finding === null ? [] : [slug]));
}

/** `+slug` for each alarm that began, `-slug` for each that ended. */
export function said(alarms: readonly Pick<Alarm, 'slug' | 'active'>[]): string[] {
  return alarms.map(({ slug, active }) => `${active ? '+' : '-'}${slug}`);
}
