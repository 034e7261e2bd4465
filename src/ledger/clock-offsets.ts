import type { RunOpening } from '../nest/run/run-result.ts';
import type { Connection } from './file/database.ts';

interface Offset {
  readonly mono_ms: number;
  readonly wall_ms: number;
}

/**
 * The table `clock_offsets`: a Pi without a clock of its own starts with a wrong time, and once it is told the right one
 * what it said before can be corrected, by the monotonic clock of the same boot (production reference §7).
 */
export class ClockOffsets {
  readonly #statements;

  constructor(connection: Connection) {
    this.#statements = {
      of: connection.prepare<[string], Offset>('SELECT mono_ms, wall_ms FROM clock_offsets WHERE boot_id = ?'),
      add: connection.prepare<[string, number, number]>('INSERT INTO clock_offsets VALUES (?, ?, ?)'),
      correct: connection.prepare<[{ bootId: string; startMs: number }]>(
        `UPDATE runs SET at_ms = @startMs + mono_ms + ms_total
         WHERE boot_id = @bootId AND state = 'closed' AND clock_synced = 0`,
      ),
      corrected: connection.prepare<[string], { operation: string; unit: string }>(
        `SELECT DISTINCT operation, unit FROM runs WHERE boot_id = ? AND state = 'closed' AND clock_synced = 0`,
      ),
    };
  }

  /**
   * The end of a run on the corrected clock, ms since 1970: what the clock said where it was known or is not yet. With
   * the first run of a boot whose clock is known, those before it in that boot are corrected.
   *
   * @param totalMs how long the run took
   * @param onCorrected is told each unit with a run that has got another time
   */
  correctedEnd(
    { bootId, clockSynced, monoMs, startedAt }: RunOpening,
    finishedAt: number,
    totalMs: number,
    onCorrected: (operation: string, unit: string) => void,
  ): number {
    const saidMs = Math.round(finishedAt);
    if (bootId === null || clockSynced === null) return saidMs;
    const offset = this.#statements.of.get(bootId);
    if (!clockSynced) {
      return offset === undefined ? saidMs : Math.round(offset.wall_ms - offset.mono_ms + monoMs + totalMs);
    }
    if (offset === undefined) {
      const wallMs = Math.round(startedAt);
      const monotonicMs = Math.round(monoMs);
      this.#statements.add.run(bootId, monotonicMs, wallMs);
      this.#statements.correct.run({ bootId, startMs: wallMs - monotonicMs });
      for (const { operation, unit } of this.#statements.corrected.all(bootId)) onCorrected(operation, unit);
    }
    return saidMs;
  }
}
