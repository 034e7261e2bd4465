import type { AlarmLimits } from '../foundation/alarm-limits.ts';
import { lastsUntilSeen } from '../foundation/alarm-slugs.ts';
import type { AlarmSlug } from '../foundation/alarm-slugs.ts';
import type { Clock } from '../foundation/clock.ts';
import type { StationError } from '../foundation/faults.ts';
import type { Logger } from '../foundation/logger.ts';
import type { LedgerReader } from '../ledger/ledger-reader.ts';
import type { RecentRun, RunTrace } from '../ledger/runs/recent-runs.ts';
import type { StandingDecisions } from '../nest/standing.ts';
import type { StationEvent } from '../nest/station-event.ts';
import { AlarmBook } from './alarm-book.ts';
import { BlockedStarts } from './blocked-starts.ts';
import { FlashParts } from './flash-parts.ts';
import { JobRefusals } from './job-refusals.ts';
import { falseFails, lotYield, scopeOf } from './lot-rules.ts';
import { marginalRate, marginalScope } from './marginal-rate.ts';
import { NoFailures } from './no-failures.ts';
import { RestingLook } from './resting-look.ts';
import type { RunRule, Verdict } from './rule.ts';
import { runRules } from './run-rules.ts';

export interface AlarmWatchParts {
  readonly limits: AlarmLimits;
  readonly nests: readonly number[];
  /** null: none is set. */
  readonly lot: string | null;
  readonly figures: Pick<LedgerReader, 'runsSinceFailure' | 'yieldOf' | 'marginalTrend'>;
  readonly standing: StandingDecisions;
  /** Why there is no job; null: there is one. */
  readonly jobFault: () => StationError | null;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tell: (event: StationEvent) => void;
}

/**
 * The alarms of production reference §10 that do not lock. What can be kept in memory is looked at with each result; what
 * has to be counted in the ledger follows a little later, and rests where that is slow.
 */
export class AlarmWatch implements Disposable {
  readonly #parts: AlarmWatchParts;
  readonly #book: AlarmBook;
  readonly #rules: readonly RunRule[];
  readonly #noFailures: NoFailures | null;
  readonly #blocked: BlockedStarts | null;
  readonly #flashParts: FlashParts | null;
  readonly #job: JobRefusals;
  readonly #look: RestingLook;

  /** @throws StationError S01 */
  constructor(parts: AlarmWatchParts) {
    const { limits, nests, standing, clock, log, tell } = parts;
    this.#parts = parts;
    this.#book = new AlarmBook(clock, log, tell);
    this.#rules = runRules(limits, nests);
    this.#noFailures = limits.noFailures === null ? null : new NoFailures(limits.noFailures);
    this.#blocked = limits.blockedStarts === null ? null : new BlockedStarts(limits.blockedStarts);
    this.#flashParts = limits.newFlashId ? new FlashParts(standing) : null;
    this.#job = new JobRefusals(parts.jobFault);
    this.#look = new RestingLook(clock, () => this.#guard(() => this.#lookAtLedger()));
  }

  /**
   * Learns from the ledger and tells what lasts.
   * @param runs the last ones of all nests, in the order of recording
   */
  start(runs: readonly RecentRun[]): void {
    const { figures, limits } = this.#parts;
    const production = runs.filter(({ mode }) => mode === 'production');
    for (const run of production) for (const rule of this.#rules) rule.take(run);
    this.#guard(() => this.#flashParts?.learn(production));
    if (limits.noFailures !== null) this.#noFailures?.start(figures.runsSinceFailure(limits.noFailures + 1));
    this.#judge();
    this.#look.wanted();
  }

  /** A run was recorded, of any mode. Never throws. */
  recorded(run: RunTrace): void {
    this.#guard(() => {
      this.#noFailures?.take(run);
      if (run.mode === 'production') {
        for (const rule of this.#rules) rule.take(run);
        this.#blocked?.take();
        this.#guard(() => this.#flashParts?.take(run));
      }
      this.#judge();
      this.#look.wanted();
    });
  }

  /** Something else has happened. Never throws. */
  heard(event: StationEvent): void {
    this.#guard(() => {
      this.#job.take(event);
      if (event.kind === 'notice' && event.notice.kind === 'blocked-start') this.#blocked?.refused();
      this.#take([...this.#job.verdicts(), ...this.#ofBlocked()]);
    });
  }

  /** Ends an alarm that lasts until somebody has seen it. False when it does not last. @throws StationError S01, S02 */
  acknowledge(slug: AlarmSlug, who: string): boolean {
    if (!lastsUntilSeen(slug) || this.#flashParts?.acknowledge(who) !== true) return false;
    this.#take(this.#flashParts.verdicts());
    return true;
  }

  [Symbol.dispose](): void {
    this.#look[Symbol.dispose]();
  }

  #judge(): void {
    const lasts = (slug: AlarmSlug): boolean => this.#book.lasts(slug);
    for (const rule of this.#rules) this.#take(rule.verdicts(lasts));
    this.#take([
      ...this.#job.verdicts(),
      ...(this.#noFailures?.verdicts() ?? []),
      ...this.#ofBlocked(),
      ...(this.#flashParts?.verdicts() ?? []),
    ]);
  }

  #ofBlocked(): Verdict[] {
    return this.#blocked?.verdicts((slug) => this.#book.lasts(slug)) ?? [];
  }

  #lookAtLedger(): void {
    const { limits, figures, lot, clock } = this.#parts;
    const lasts = (slug: AlarmSlug): boolean => this.#book.lasts(slug);
    if (limits.falseFails !== null || (limits.lotYield !== null && lot !== null)) {
      const units = figures.yieldOf(scopeOf(lot, clock.now()));
      if (limits.falseFails !== null) this.#book.take(falseFails(limits.falseFails, units, lot, lasts));
      if (limits.lotYield !== null && lot !== null) this.#book.take(lotYield(limits.lotYield, units, lot, lasts));
    }
    if (limits.marginalRate === null) return;
    const trend = figures.marginalTrend(marginalScope.last, marginalScope.beforeMs);
    this.#book.take(marginalRate(limits.marginalRate, trend, lasts));
  }

  #take(verdicts: readonly Verdict[]): void {
    for (const verdict of verdicts) this.#book.take(verdict);
  }

  /** What goes wrong here must not reach a run. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#parts.log.error({ event: 'alarms-failed', err: error });
    }
  }
}
