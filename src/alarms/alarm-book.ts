import type { AlarmSlug } from '../foundation/alarm-slugs.ts';
import type { Clock } from '../foundation/clock.ts';
import type { Logger } from '../foundation/logger.ts';
import type { Alarm, StationEvent } from '../nest/station-event.ts';
import type { Finding, Verdict } from './rule.ts';

/** The alarms that last: each is told when it begins and when it ends. */
export class AlarmBook {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #tell: (event: StationEvent) => void;
  readonly #active = new Map<AlarmSlug, { readonly alarm: Alarm; readonly finding: Finding }>();

  constructor(clock: Clock, log: Logger, tell: (event: StationEvent) => void) {
    this.#clock = clock;
    this.#log = log;
    this.#tell = tell;
  }

  lasts(slug: AlarmSlug): boolean {
    return this.#active.has(slug);
  }

  /** Numbers that change in the words are no news; another code or another thing is another alarm. */
  take([slug, finding]: Verdict): void {
    const known = this.#active.get(slug);
    if (known !== undefined) {
      if (finding !== null && known.finding.code === finding.code && known.finding.about === finding.about) return;
      this.#active.delete(slug);
      this.#log.info({ event: 'alarm-ended', slug });
      this.#tell({ kind: 'alarm', alarm: { ...known.alarm, active: false } });
    }
    if (finding === null) return;
    const { nest, code, detail, since } = finding;
    const alarm: Alarm = { slug, active: true, nest, code, detail, since: since ?? this.#clock.now() };
    this.#active.set(slug, { alarm, finding });
    this.#log.warn({ event: 'alarm', slug, code }, detail);
    this.#tell({ kind: 'alarm', alarm });
  }
}
