import { isFaultCode, faultKind } from '../../foundation/faults.ts';
import type { LocalTime } from '../../foundation/local-time.ts';
import type { CountedRun } from '../../ledger/runs/run-query.ts';
import { textTable } from '../terminal/text-table.ts';
import type { Column } from '../terminal/text-table.ts';

/** Of the name of a provisional unit: enough to tell it from the others, and for `jigd trace`. */
const shownOfProvisional = 9;

/** Of runs that are in no yield, in the place of the attempt. */
const seriesNames = new Map<string | null, string>([
  ['golden', 'golden'],
  ['limit', 'limit'],
  ['engineering', 'eng'],
]);

const columns: readonly Column[] = [
  { title: 'SEQ', align: 'right' },
  { title: 'FINISHED' },
  { title: 'NEST', align: 'right' },
  { title: 'RESULT' },
  { title: 'UNIT' },
  { title: 'TRY', align: 'right' },
  { title: 'SEC', align: 'right' },
];

/**
 * The runs as a table for people, in the given order, each with its unit and attempt as they count today. Below it what the
 * codes are called. 80 columns, unless the runs are of several jobs: then the job is the last column.
 */
export function runsTable(runs: readonly CountedRun[], local: LocalTime): string {
  const jobs = new Set(runs.map(({ record }) => record.job));
  const table = textTable(
    jobs.size > 1 ? [...columns, { title: 'JOB' }] : columns,
    runs.map((run) => [...cellsOf(run, local), run.record.job ?? '-']),
  );
  const codes = [...new Set(runs.flatMap(({ record }) => record.code ?? []))].toSorted();
  const notes = [
    ...codes.map((code) => `${code} ${codeName(code)}`),
    ...(runs.some(({ countedLink }) => countedLink === 'inferred') ? ['~ counted for the module found next'] : []),
    ...(runs.some(({ record }) => record.reflash === 1) ? ['again: it had passed before'] : []),
    ...(runs.some(({ record }) => seriesNames.has(record.mode)) ? ['golden, limit, eng: in no yield'] : []),
    ...(jobs.size === 1 ? [...jobs].map((job) => `job ${job ?? '-'}`) : []),
    `times ${local.zone}`,
  ];
  return `${table}\n${wrapped(notes)}`;
}

function cellsOf({ record, atMs, countedUnit, countedLink, countedAttempt }: CountedRun, local: LocalTime): string[] {
  const series = seriesNames.get(record.mode);
  const attempt = series ?? (record.reflash === 1 ? 'again' : String(countedAttempt ?? '-'));
  return [
    String(record.seq ?? '-'),
    local.text(atMs),
    String(record.nest ?? '-'),
    record.code === null ? record.outcome : `${record.outcome} ${record.code}`,
    shortUnit(countedUnit),
    countedLink === 'inferred' ? `~${attempt}` : attempt,
    (record.ms_total / 1_000).toFixed(1),
  ];
}

/** A unit as people read it: a provisional one is cut short. */
export function shortUnit(unit: string): string {
  return unit.startsWith('?') ? unit.slice(0, shownOfProvisional) : unit;
}

/** What a code is called; the code itself when this program does not know it. */
export function codeName(code: string): string {
  return isFaultCode(code) ? faultKind(code).name : code;
}

/** Short texts behind each other in lines of at most 80 columns. */
function wrapped(texts: readonly string[]): string {
  let lines = '';
  let width = 0;
  for (const text of texts) {
    const begins = width === 0 || width + 3 + text.length > 80;
    lines += begins ? `${width === 0 ? '' : '\n'}${text}` : `   ${text}`;
    width = begins ? text.length : width + 3 + text.length;
  }
  return `${lines}\n`;
}
