import type { RunOpening } from '../../nest/run/run-result.ts';

/** How long after the end of an unidentified run a press on the same nest is taken for the same module, ms. */
const adoptWithinMs = 60_000;

/** The run on a nest before the present one, closed or refused. */
export interface RunBefore {
  readonly unit: string | null;
  readonly mac: string | null;
  readonly mode: string;
  readonly operation: string;
  readonly boot_id: string | null;
  readonly mono_ms: number | null;
  readonly ms_total: number | null;
}

/**
 * The provisional unit that a run belongs to, before it is known what the run reads: that of the unidentified run just
 * before it, when nothing shows that the module was exchanged (production reference §5.3, rule 5). With a sensor that
 * is what the sensor saw, without one the time between the end of the one and the press of the other.
 *
 * @returns null when the run is the first of its module
 */
export function provisionalUnit(before: RunBefore | null, opening: RunOpening): string | null {
  if (before?.mac !== null || before.unit === null) return null;
  if (before.mode !== 'production' || opening.mode !== 'production') return null;
  if (before.operation !== opening.operation) return null;
  // Only within one boot can the time between two runs be measured.
  if (before.boot_id === null || before.boot_id !== opening.bootId) return null;
  if (opening.exchanged !== null) return opening.exchanged ? null : before.unit;
  const pauseMs = opening.monoMs - ((before.mono_ms ?? 0) + (before.ms_total ?? 0));
  return pauseMs <= adoptWithinMs ? before.unit : null;
}
