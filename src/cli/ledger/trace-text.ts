import type { LocalTime } from '../../foundation/local-time.ts';
import type { TracedRun } from '../../ledger/runs/trace-query.ts';
import type { Standing } from '../../nest/standing.ts';
import type { RunEvidence } from '../../nest/evidence/run-evidence.ts';
import { evidenceText } from './evidence-text.ts';
import { codeName, shortUnit } from './runs-table.ts';

const columns = 80;
const indent = '        ';

/** Everything of one module for people: what it is, then its runs by time under the work that was done. At least one run. */
export function traceText(
  runs: readonly TracedRun[],
  local: LocalTime,
  evidenceOf: (runId: string) => RunEvidence | null = () => null,
  standing: readonly Standing[] = [],
): string {
  let operation: string | null = null;
  const lines = runs.flatMap((run) => {
    const heading = run.operation === operation ? [] : ['', operationLine(run, runs)];
    operation = run.operation;
    return [...heading, ...runLines(run, local), ...evidenceLines(evidenceOf(run.run_id))];
  });
  const decided = standing.flatMap((each) => standingLines(each, local));
  return `${[...moduleLines(runs), `times ${local.zone}`, ...decided, ...lines].join('\n')}\n`;
}

function moduleLines(runs: readonly TracedRun[]): string[] {
  const last = (key: 'mac' | 'serial' | 'chip' | 'flash_id'): string | null =>
    runs.findLast((run) => run[key] !== null)?.[key] ?? null;
  const bytes = runs.findLast(({ flash_bytes }) => flash_bytes !== null)?.flash_bytes;
  const flash = [last('flash_id'), bytes == null ? null : `${bytes / 1_048_576} MB`]
    .filter((part) => part !== null)
    .join(', ');
  const parts = [
    last('serial') === null ? null : `serial ${last('serial') ?? ''}`,
    last('chip'),
    flash === '' ? null : `flash ${flash}`,
  ].filter((part) => part !== null);
  const name = last('mac') ?? shortUnit(runs[0]?.counted_unit ?? '') + '  never identified';
  return [[name, ...parts].join('  ')];
}

/** That its MAC is on hold, or until when its failures, or its pass, count no longer. */
function standingLines({ kind, value, at, who, detail }: Standing, local: LocalTime): string[] {
  const when = local.text(Date.parse(at));
  if (kind === 'erased') return [`erased ${when} by ${who}`, ...folded(value.split(' '), ' ')];
  if (kind === 'release') return [`released ${when} by ${who}`];
  return [`ON HOLD since ${when}`, ...(detail === null ? [] : folded(detail.split(' '), ' '))];
}

/** Which work, and how it stands. */
function operationLine({ operation, product, release }: TracedRun, all: readonly TracedRun[]): string {
  const counted = all.filter(
    (run) => run.operation === operation && run.state === 'closed' && run.mode === 'production',
  );
  const attempts = counted.filter(({ counted_attempt }) => counted_attempt !== null);
  const passed = attempts.find(({ outcome }) => outcome === 'PASS')?.counted_attempt;
  const last = counted.findLast(({ outcome }) => outcome === 'PASS' || outcome === 'FAIL')?.outcome;
  const standing =
    last === undefined || last === null
      ? 'no countable run'
      : passed == null
        ? `not passed in ${attempts.length} ${attempts.length === 1 ? 'attempt' : 'attempts'}`
        : `passed at attempt ${passed}${last === 'PASS' ? '' : ', FAILED SINCE'}`;
  const hash = operation?.split(':').at(-1)?.slice(0, 8) ?? '';
  const work = [product ?? '-', release ?? '', hash === '' ? '' : `(${hash})`].filter((part) => part !== '').join(' ');
  return `${work}: ${standing}`;
}

function runLines(run: TracedRun, local: LocalTime): string[] {
  const attempt = run.reflash === 1 ? 'reflash' : run.counted_attempt === null ? '' : `attempt ${run.counted_attempt}`;
  const verdict = [verdictOf(run), run.code === null ? '' : `${run.code} ${codeName(run.code)}`].filter(
    (part) => part !== '',
  );
  const when = local.text(run.at_ms ?? Date.parse(run.finished_at ?? run.started_at));
  const head = `  ${when}  nest ${String(run.nest ?? '-').padEnd(2)}  ${verdict.join(' ').padEnd(31)} ${attempt}`;
  const facts = [
    run.job === null ? '' : `job ${run.job}`,
    run.lot === null ? '' : `lot ${run.lot}`,
    run.work_order === null ? '' : `order ${run.work_order}`,
    run.ms_total === null ? '' : `${(run.ms_total / 1_000).toFixed(1)} s`,
    run.baud === null ? '' : `${run.baud} baud`,
    (run.retries ?? 0) === 0 ? '' : `${run.retries ?? 0} ${run.retries === 1 ? 'retry' : 'retries'}`,
    run.marginal === 1 ? 'marginal' : '',
    run.dirty === 1 && run.outcome !== 'PASS' ? 'flash left half-written' : '',
    run.mode === 'production' ? '' : (run.mode ?? '').toUpperCase(),
    run.operator === null ? '' : `operator ${run.operator}`,
  ].filter((fact) => fact !== '');
  return [
    head.trimEnd(),
    ...folded(facts, ' · '),
    ...(run.detail === null ? [] : folded(run.detail.split(' '), ' ')),
    ...(run.counted_link === 'inferred'
      ? folded('inferred: not identified, and this module was next on the nest'.split(' '), ' ')
      : []),
  ];
}

function verdictOf({ state, outcome }: TracedRun): string {
  switch (state) {
    case 'open':
    case 'writing':
      return 'under way';
    case 'refused':
      return 'refused';
    case 'closed':
      return outcome ?? '';
  }
}

/** Pieces behind each other, indented, in lines of at most 80 columns. */
function folded(pieces: readonly string[], between: string): string[] {
  const lines: string[] = [];
  for (const piece of pieces) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + between.length + piece.length <= columns)
      lines[lines.length - 1] = line + between + piece;
    else lines.push(indent + piece);
  }
  return lines;
}

function evidenceLines(evidence: RunEvidence | null): string[] {
  if (evidence === null) return [];
  const lines = evidenceText(evidence).trimEnd().split('\n');
  return ['', ...lines.map((line) => `  ${line}`.trimEnd()), ''];
}
