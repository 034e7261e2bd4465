import type { Flag, RunOpening, RunResult } from '../../nest/run/run-result.ts';

/** Whether each key of a result is a column of `runs`, in the order of the record. */
const keys: Readonly<Record<keyof RunResult, 'column' | 'constant'>> = {
  schema: 'constant',
  run_id: 'column',
  epoch: 'column',
  seq: 'column',
  station: 'column',
  line: 'column',
  nest: 'column',
  fixture_id: 'column',
  fixture_cycles: 'column',
  started_at: 'column',
  finished_at: 'column',
  ts_ms: 'column',
  clock_synced: 'column',
  boot_id: 'column',
  mono_ms: 'column',
  mode: 'column',
  simulated: 'column',
  outcome: 'column',
  pass: 'column',
  code: 'column',
  code_name: 'column',
  attribution: 'column',
  phase: 'column',
  unit: 'column',
  adopts: 'column',
  attempt: 'column',
  cycle: 'column',
  reflash: 'column',
  link: 'column',
  dirty: 'column',
  marginal: 'column',
  replay: 'constant',
  mac: 'column',
  serial: 'column',
  chip: 'column',
  flash_id: 'column',
  flash_bytes: 'column',
  job: 'column',
  job_hash: 'column',
  operation: 'column',
  release: 'column',
  work_order: 'column',
  lot: 'column',
  product: 'column',
  operator: 'column',
  ms_connect: 'column',
  ms_identify: 'column',
  ms_loader: 'column',
  ms_erase: 'column',
  ms_write: 'column',
  ms_verify: 'column',
  ms_boot: 'column',
  ms_total: 'column',
  baud: 'column',
  bytes: 'column',
  bytes_skipped: 'column',
  bytes_sent: 'column',
  retries: 'column',
  digest_expected: 'column',
  digest_actual: 'column',
  boot_mode: 'column',
  boot_version: 'column',
  software: 'column',
};

/** The keys of a result in the order in which they are published. */
export const resultKeys = Object.keys(keys) as readonly (keyof RunResult)[];

/** The columns of `runs` that hold a result. `schema` and `replay` are no columns: they say nothing about the run. */
export const resultColumns = resultKeys.filter((key) => keys[key] === 'column');

/** The result in a closed row that was read with `resultColumns`; its keys are in the published order. */
export function resultFromRow(row: object): RunResult {
  const constants: Pick<RunResult, 'schema' | 'replay'> = { schema: 'jigd.result/1', replay: 0 };
  const values: Readonly<Record<string, unknown>> = { ...row, ...constants };
  // The table is STRICT and its rows are written from results only, so each column has the type of its key.
  return Object.fromEntries(resultKeys.map((key) => [key, values[key]])) as unknown as RunResult;
}

/** The columns that are known when a run is opened. */
export const openingColumns = [
  'run_id',
  'station',
  'line',
  'nest',
  'fixture_id',
  'started_at',
  'boot_id',
  'mono_ms',
  'clock_synced',
  'mode',
  'simulated',
  'job',
  'job_hash',
  'operation',
  'release',
  'product',
  'work_order',
  'lot',
  'software',
] as const satisfies readonly (keyof RunResult)[];

export type OpeningRow = { readonly [Column in (typeof openingColumns)[number]]: RunResult[Column] };

/** An opening as the table has it: with what is in no record. */
export type OpenedRow = OpeningRow & { readonly exchanged: Flag | null };

/** The columns that an opening fills, named as in the record. */
export function rowFromOpening(opening: RunOpening) {
  return {
    run_id: opening.runId,
    station: opening.station,
    line: opening.line,
    nest: opening.nest,
    fixture_id: opening.fixtureId,
    started_at: new Date(opening.startedAt).toISOString(),
    boot_id: opening.bootId,
    mono_ms: Math.round(opening.monoMs),
    clock_synced: opening.clockSynced === null ? null : opening.clockSynced ? 1 : 0,
    mode: opening.mode,
    simulated: opening.simulated ? 1 : 0,
    job: opening.job,
    job_hash: opening.jobHash,
    operation: opening.operation,
    release: opening.release,
    product: opening.product,
    work_order: opening.workOrder,
    lot: opening.lot,
    software: opening.software,
  } satisfies OpeningRow;
}

export function openingFromRow(row: OpenedRow): RunOpening {
  return {
    runId: row.run_id,
    station: row.station,
    line: row.line,
    nest: row.nest,
    fixtureId: row.fixture_id,
    startedAt: Date.parse(row.started_at),
    bootId: row.boot_id,
    monoMs: row.mono_ms ?? 0,
    clockSynced: row.clock_synced === null ? null : row.clock_synced === 1,
    mode: row.mode,
    simulated: row.simulated === 1,
    job: row.job ?? '',
    jobHash: row.job_hash ?? '',
    operation: row.operation ?? '',
    release: row.release,
    product: row.product ?? '',
    workOrder: row.work_order,
    lot: row.lot,
    software: row.software,
    exchanged: row.exchanged === null ? null : row.exchanged === 1,
  };
}
