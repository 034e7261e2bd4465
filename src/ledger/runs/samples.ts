import type { RunResult } from '../../nest/run/run-result.ts';
import type { StandingDecisions } from '../../nest/standing.ts';

/** A run of production, or of a sample that is to show whether the nest judges right. */
export type RunMode = Exclude<RunResult['mode'], 'engineering'>;

/** What the next run of a nest is: a sample is wanted until it was judged. @throws StationError S01 */
export function nextModeOf(standing: Pick<StandingDecisions, 'of'>, nest: number): RunMode {
  const value = standing.of('sample', String(nest))[0]?.value;
  return value === 'golden' || value === 'limit' ? value : 'production';
}

/**
 * From now on, in place of what was said before.
 * @param during the run under way on the nest, which is not meant; null: there is none
 * @throws StationError S01, S02
 */
export function setNextMode(
  standing: StandingDecisions,
  { nest, mode }: { readonly nest: number; readonly mode: RunMode },
  during: string | null,
  who: string,
): void {
  const key = String(nest);
  if (mode === 'production') standing.end('sample', key, who);
  else standing.set({ kind: 'sample', key, value: mode, detail: during, who });
}

/**
 * Whether a run says how a nest judges its sample. One that was cut off, that met no module or a fault of the station
 * says nothing, and is to be done again.
 */
export function hasJudgedSample({ mode, outcome, mac }: RunResult): boolean {
  if (mode !== 'golden' && mode !== 'limit') return false;
  return outcome === 'PASS' || (outcome === 'FAIL' && mac !== null);
}
