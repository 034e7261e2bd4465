import type { ModuleIdentity, RunRefusal, RunReport } from '../../nest/run/outcome.ts';
import type { RunOpening, RunResult } from '../../nest/run/run-result.ts';
import { provisionalUnit } from './adoption.ts';
import type { RunBefore } from './adoption.ts';
import { buildRunResult, isCountable, unitOf } from './build-run-result.ts';
import type { RunCounting, RunFinish } from './build-run-result.ts';
import { ClockOffsets } from '../clock-offsets.ts';
import type { Connection } from '../file/database.ts';
import { openingColumns, openingFromRow, resultColumns, rowFromOpening } from './run-row.ts';
import type { OpenedRow } from './run-row.ts';
import { RunCounters } from './run-counters.ts';
import { UnitRows } from './unit-rows.ts';

/** A run that has no outcome yet. */
export interface UnfinishedRun {
  readonly opening: RunOpening;
  /** The first erase had been announced. */
  readonly writing: boolean;
  readonly identity: Partial<ModuleIdentity>;
}

interface UnfinishedRow extends OpenedRow {
  readonly state: 'open' | 'writing';
  readonly mac: string | null;
  readonly chip: string | null;
  readonly flash_id: string | null;
  readonly flash_bytes: number | null;
}

interface RefusedRow {
  readonly runId: string;
  readonly code: string;
  readonly detail: string;
  readonly finishedAt: string;
  readonly mac: string | null;
  readonly chip: string | null;
  readonly flashId: string | null;
  readonly flashBytes: number | null;
}

interface History {
  readonly passed: number;
  readonly attempts: number;
}

/** Neither closed nor refused; in the words of the index `runs_unfinished`, which is used only for them. */
export const withoutEnd = "state IN ('open', 'writing')";

/** The table `runs`. Each writing method is called inside a transaction. */
export class RunRows {
  readonly #statements;
  readonly #units: UnitRows;
  readonly #counters: RunCounters;
  readonly #offsets: ClockOffsets;

  constructor(connection: Connection) {
    const unfinished = `SELECT state, mac, chip, flash_id, flash_bytes, exchanged, ${openingColumns.join(', ')} FROM runs`;
    this.#units = new UnitRows(connection);
    this.#counters = new RunCounters(connection);
    this.#offsets = new ClockOffsets(connection);
    this.#statements = {
      insert: connection.prepare<[OpenedRow]>(
        `INSERT INTO runs (state, exchanged, ${openingColumns.join(', ')})
         VALUES ('open', @exchanged, ${parameters(openingColumns)})`,
      ),
      keepJob: connection.prepare<[string, string | null]>(
        'INSERT INTO jobs VALUES (?, ?) ON CONFLICT (hash) DO UPDATE SET content = coalesce(content, excluded.content)',
      ),
      markWriting: connection.prepare<[ModuleIdentity & { runId: string }]>(
        `UPDATE runs SET state = 'writing', mac = @mac, chip = @chip, flash_id = @flashId, flash_bytes = @flashBytes
         WHERE run_id = @runId AND ${withoutEnd}`,
      ),
      refuse: connection.prepare<[RefusedRow]>(
        `UPDATE runs SET state = 'refused', finished_at = @finishedAt, code = @code, detail = @detail,
           mac = @mac, chip = @chip, flash_id = @flashId, flash_bytes = @flashBytes
         WHERE run_id = @runId AND state = 'open'`,
      ),
      unfinishedRun: connection.prepare<[string], UnfinishedRow>(`${unfinished} WHERE run_id = ? AND ${withoutEnd}`),
      unfinished: connection.prepare<[], UnfinishedRow>(`${unfinished} WHERE ${withoutEnd} ORDER BY rowid`),
      history: connection.prepare<[{ operation: string; unit: string; provisional: string | null }], History>(
        `SELECT coalesce(sum(outcome = 'PASS'), 0) AS passed,
                coalesce(sum(outcome IN ('PASS', 'FAIL') AND reflash = 0), 0) AS attempts
         FROM runs WHERE operation = @operation AND state = 'closed' AND mode = 'production' AND unit IN
           (SELECT @unit UNION ALL SELECT @provisional
            UNION ALL SELECT provisional FROM links WHERE operation = @operation AND unit = @unit)`,
      ),
      before: connection.prepare<[{ runId: string; nest: number | null }], RunBefore>(
        `SELECT unit, mac, mode, operation, boot_id, mono_ms, ms_total FROM runs
         WHERE nest = @nest AND rowid < (SELECT rowid FROM runs WHERE run_id = @runId) AND state IN ('closed', 'refused')
         ORDER BY rowid DESC LIMIT 1`,
      ),
      nextPosition: connection.prepare<[], number>('SELECT coalesce(max(position), 0) + 1 FROM runs').pluck(),
      close: connection.prepare<[RunResult & { position: number; detail: string | null; at_ms: number }]>(
        `UPDATE runs SET state = 'closed', position = @position, detail = @detail, at_ms = @at_ms,
           ${resultColumns.map((column) => `${column} = @${column}`).join(', ')} WHERE run_id = @run_id`,
      ),
    };
  }

  insert(opening: RunOpening, jobText: string | null): void {
    this.#statements.keepJob.run(opening.jobHash, jobText);
    const exchanged = opening.exchanged === null ? null : opening.exchanged ? 1 : 0;
    this.#statements.insert.run({ ...rowFromOpening(opening), exchanged });
  }

  /** False when there is no such run without an outcome. */
  markWriting(runId: string, { mac, chip, flashId, flashBytes }: ModuleIdentity): boolean {
    return this.#statements.markWriting.run({ runId, mac, chip, flashId, flashBytes }).changes === 1;
  }

  /** False when there is no such run that is only opened. */
  refuse(runId: string, { code, detail, identity, finishedAt }: RunRefusal): boolean {
    const { mac = null, chip = null, flashId = null, flashBytes = null } = identity;
    const row = { runId, code, detail, mac, chip, flashId, flashBytes, finishedAt: new Date(finishedAt).toISOString() };
    return this.#statements.refuse.run(row).changes === 1;
  }

  unfinishedRun(runId: string): UnfinishedRun | null {
    const row = this.#statements.unfinishedRun.get(runId);
    return row === undefined ? null : fromRow(row);
  }

  /** In the order of their opening. */
  unfinished(): UnfinishedRun[] {
    return this.#statements.unfinished.all().map(fromRow);
  }

  close(
    run: UnfinishedRun,
    report: RunReport,
    finish: Omit<RunFinish, 'counting'>,
  ): { position: number; result: RunResult } {
    // What commit 2 learnt stays known, also when the session could not say it again at its end.
    const identity = { ...run.identity, ...report.identity };
    const { opening } = run;
    const counting = this.#counting(opening, report, identity.mac);
    const result = buildRunResult(opening, { ...report, identity }, { ...finish, counting });
    const position = this.#statements.nextPosition.get() ?? 1;
    const atMs = this.#offsets.correctedEnd(opening, finish.finishedAt, report.totalMs, (operation, unit) =>
      this.#units.deriveKnown(operation, unit),
    );
    this.#statements.close.run({ ...result, position, detail: report.detail, at_ms: atMs });
    this.#counters.count(result);
    const { adopts, unit } = counting;
    if (adopts !== null) this.#units.adopt(opening.operation, adopts, unit, opening.runId);
    this.#units.derive(opening.operation, unit);
    return { position, result };
  }

  #counting(opening: RunOpening, report: RunReport, mac: string | undefined): RunCounting {
    const { runId, operation, nest, mode } = opening;
    const provisional = provisionalUnit(this.#statements.before.get({ runId, nest }) ?? null, opening);
    const { unit, link } = unitOf(runId, mac, provisional);
    // A unit that has passed adopts nothing: what was not identified then was no attempt of it.
    const own = this.#statements.history.get({ operation, unit, provisional: null }) ?? { passed: 0, attempts: 0 };
    // Golden, limit and engineering runs are series of their own: they neither count nor repeat anything.
    const reflash = mode === 'production' && own.passed > 0;
    const adopts = mac === undefined || reflash ? null : provisional;
    const history =
      adopts === null ? own : (this.#statements.history.get({ operation, unit, provisional: adopts }) ?? own);
    const attempt = isCountable(mode, report.outcome) && !reflash ? history.attempts + 1 : null;
    return { unit, link, reflash, attempt, adopts };
  }
}

function fromRow(row: UnfinishedRow): UnfinishedRun {
  return {
    opening: openingFromRow(row),
    writing: row.state === 'writing',
    identity: {
      ...(row.mac === null ? {} : { mac: row.mac }),
      ...(row.chip === null ? {} : { chip: row.chip }),
      ...(row.flash_id === null ? {} : { flashId: row.flash_id }),
      ...(row.flash_bytes === null ? {} : { flashBytes: row.flash_bytes }),
    },
  };
}

function parameters(columns: readonly string[]): string {
  return columns.map((column) => `@${column}`).join(', ');
}
