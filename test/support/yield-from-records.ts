/** What a stranger needs of a `run/result` to compute every yield. Nothing here knows the station's own code. */
export interface PublishedRun {
  readonly run_id: string;
  readonly epoch: string;
  readonly seq: number;
  readonly started_at: string;
  readonly ts_ms: number;
  readonly clock_synced: 0 | 1 | null;
  readonly boot_id: string | null;
  readonly mono_ms: number;
  readonly mode: string;
  readonly outcome: string;
  readonly code: string | null;
  readonly attribution: string | null;
  readonly phase: string | null;
  readonly unit: string;
  readonly adopts: string | null;
  readonly marginal: 0 | 1;
  readonly nest: number | null;
  readonly lot: string | null;
  readonly job: string;
  readonly operation: string;
  readonly ms_total: number;
}

export interface Scope {
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly lot?: string;
  readonly nest?: number;
  readonly operation?: string;
  readonly job?: string;
}

/** Each figure as it is printed: `part/whole`, or a number. */
export type PlainFigures = Readonly<Record<string, string | number>>;

export const phases = ['connect', 'identify', 'loader', 'erase', 'write', 'verify', 'boot'];

interface TimedRun extends PublishedRun {
  readonly atMs: number;
}

/** The records in the order of recording, each once, with the corrected end; they may arrive in any order and again. */
export function inRecordingOrder(arrived: readonly PublishedRun[]): TimedRun[] {
  const runs = [...new Map(arrived.map((run) => [run.run_id, run])).values()];
  runs.sort((one, other) => one.seq - other.seq);
  const wallMinusMono = new Map<string, number>();
  for (const { boot_id: boot, clock_synced: synced, started_at: start, mono_ms: mono } of runs) {
    if (boot !== null && synced === 1 && !wallMinusMono.has(boot)) wallMinusMono.set(boot, Date.parse(start) - mono);
  }
  return runs.map((run) => {
    const offset = run.clock_synced === 0 ? wallMinusMono.get(run.boot_id ?? '') : undefined;
    return { ...run, atMs: offset === undefined ? run.ts_ms : offset + run.mono_ms + run.ms_total };
  });
}

/** Production reference §5.2 and §5.3, from the records of one epoch alone. */
export function figuresFromRecords(arrived: readonly PublishedRun[], scope: Scope = {}): PlainFigures {
  const runs = inRecordingOrder(arrived).filter(({ mode }) => mode === 'production');
  const histories = unitHistories(runs);
  const units = histories.filter(([first]) => first !== undefined && lies(first, scope));
  const inScope = runs.filter((run) => lies(run, scope));
  const count = (wanted: (history: readonly CountedRun[]) => boolean): number => units.filter(wanted).length;
  const first = count(([run]) => run?.outcome === 'PASS');
  const passedBy = (limit: number): number => count((history) => attemptsOf(history).slice(0, limit).some(passes));
  const failedFirst = units.filter(([run]) => run?.outcome === 'FAIL');
  const notDevice = failedFirst.filter(([run]) => 'CJOS'.includes(run?.attribution ?? '-'));
  const passRuns = inScope.filter(passes);
  const failRuns = inScope.filter(({ outcome }) => outcome === 'FAIL');
  return {
    units: units.length,
    fpy: `${first}/${units.length}`,
    passedBy1: `${passedBy(1)}/${units.length}`,
    passedBy2: `${passedBy(2)}/${units.length}`,
    passedBy3: `${passedBy(3)}/${units.length}`,
    finalYield: `${count((history) => history.slice(-1).some(passes))}/${units.length}`,
    good: count((history) => history.slice(-1).some(passes)),
    retest: `${count((history) => attemptsOf(history).length > 1)}/${units.length}`,
    ntf: `${failedFirst.filter((history) => history.some(passes)).length}/${failedFirst.length}`,
    dutOnlyFpy: `${first}/${units.length - notDevice.length}`,
    inferred: `${count(([run]) => run !== undefined && run.unit !== run.as)}/${units.length}`,
    unidentified: count(([run]) => run !== undefined && run.as.startsWith('?')),
    runYield: `${passRuns.length}/${passRuns.length + failRuns.length}`,
    marginal: `${passRuns.filter(({ marginal }) => marginal === 1).length}/${passRuns.length}`,
    errors: inScope.filter(({ outcome }) => outcome === 'ERROR').length,
    aborted: inScope.filter(({ outcome }) => outcome === 'ABORTED').length,
    ...phaseFigures(units.flatMap(([run]) => (run === undefined ? [] : [run]))),
    paretoByUnits: bars(failedFirst.map(([run]) => run?.code ?? '')),
    paretoByRuns: bars(failRuns.map(({ code }) => code ?? '')),
  };
}

interface CountedRun extends TimedRun {
  /** The unit that the run counts for. */
  readonly as: string;
}

/** The countable runs of each unit under its operation, in the order of recording. */
function unitHistories(runs: readonly TimedRun[]): CountedRun[][] {
  const adopters = new Map(
    runs.flatMap(({ operation, adopts, unit }) => (adopts === null ? [] : [[`${operation} ${adopts}`, unit] as const])),
  );
  const histories = new Map<string, CountedRun[]>();
  for (const run of runs) {
    if (run.outcome !== 'PASS' && run.outcome !== 'FAIL') continue;
    const as = adopters.get(`${run.operation} ${run.unit}`) ?? run.unit;
    const key = `${run.operation} ${as}`;
    histories.set(key, [...(histories.get(key) ?? []), { ...run, as }]);
  }
  return [...histories.values()];
}

/** Up to the first pass: what comes after it is a reflash. */
function attemptsOf(history: readonly CountedRun[]): readonly CountedRun[] {
  const passed = history.findIndex(passes);
  return passed < 0 ? history : history.slice(0, passed + 1);
}

function phaseFigures(firsts: readonly CountedRun[]): PlainFigures {
  const entries = phases.map((phase) => {
    const stopped = (run: CountedRun): boolean => run.outcome === 'FAIL' && run.phase === phase;
    const entered = firsts.filter((run) => stopped(run) || Reflect.get(run, `ms_${phase}`) !== null);
    return [`phase_${phase}`, `${entered.filter((run) => !stopped(run)).length}/${entered.length}`] as const;
  });
  return Object.fromEntries(entries);
}

function bars(codes: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  const ordered = [...counts].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return ordered.map(([code, count]) => `${code}=${count}`).join(' ');
}

function passes({ outcome }: { readonly outcome: string }): boolean {
  return outcome === 'PASS';
}

function lies(run: TimedRun, { fromMs, toMs, lot, nest, operation, job }: Scope): boolean {
  if (fromMs !== undefined && run.atMs < fromMs) return false;
  if (toMs !== undefined && run.atMs >= toMs) return false;
  if (lot !== undefined && run.lot !== lot) return false;
  if (nest !== undefined && run.nest !== nest) return false;
  if (job !== undefined && run.job !== job) return false;
  return operation === undefined || run.operation === operation;
}
