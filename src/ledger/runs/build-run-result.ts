import { hexNumber } from '../../foundation/bytes.ts';
import { faultKind } from '../../foundation/faults.ts';
import type { RegionDigest, RunPhase, RunReport } from '../../nest/run/outcome.ts';
import type { Flag, RunOpening, RunResult } from '../../nest/run/run-result.ts';

/** How a run counts; worked out from the runs before it (production-station reference §5). */
export interface RunCounting {
  /** What the module is counted as: its MAC, else `?` and the run id. */
  readonly unit: string;
  /** 1, 2, 3 … over the unit's countable runs; null when this run is not countable or a reflash. */
  readonly attempt: number | null;
  /** The unit had already passed under the operation. */
  readonly reflash: boolean;
  readonly link: RunResult['link'];
  /** The provisional unit that is now known to be this one; null: none. */
  readonly adopts: string | null;
}

/** What is known when the run is closed. */
export interface RunFinish {
  /** Wall-clock ms. */
  readonly finishedAt: number;
  readonly epoch: string | null;
  readonly seq: number | null;
  readonly counting: RunCounting;
}

/** PASS or FAIL in production: the runs that yields are made of. */
export function isCountable(mode: RunResult['mode'], outcome: RunReport['outcome']): boolean {
  return mode === 'production' && (outcome === 'PASS' || outcome === 'FAIL');
}

/**
 * The unit of a run and how the run is tied to it.
 * @param provisional the unit of the unidentified runs before it that this one continues; null: none
 */
export function unitOf(
  runId: string,
  mac: string | undefined,
  provisional: string | null = null,
): Pick<RunCounting, 'unit' | 'link'> {
  return mac === undefined ? { unit: provisional ?? `?${runId}`, link: 'none' } : { unit: mac, link: 'direct' };
}

/** The record of a run that no ledger keeps, such as one of `jigd flash --port`: `epoch` and `seq` are null. */
export function uncountedRunResult(opening: RunOpening, report: RunReport, finishedAt: number): RunResult {
  const counting = { ...unitOf(opening.runId, report.identity.mac), attempt: null, reflash: false, adopts: null };
  return buildRunResult(opening, report, { finishedAt, epoch: null, seq: null, counting });
}

/** The flat record of a finished run. Keys that no part of the station fills yet are null. */
export function buildRunResult(opening: RunOpening, report: RunReport, finish: RunFinish): RunResult {
  const { identity } = report;
  const fault = report.code === null ? null : faultKind(report.code);
  const passed = report.outcome === 'PASS';
  return {
    schema: 'jigd.result/1',
    run_id: opening.runId,
    epoch: finish.epoch,
    seq: finish.seq,
    station: opening.station,
    line: opening.line,
    nest: opening.nest,
    fixture_id: opening.fixtureId,
    fixture_cycles: null,
    started_at: new Date(opening.startedAt).toISOString(),
    finished_at: new Date(finish.finishedAt).toISOString(),
    ts_ms: Math.round(finish.finishedAt),
    clock_synced: opening.clockSynced === null ? null : flag(opening.clockSynced),
    boot_id: opening.bootId,
    mono_ms: Math.round(opening.monoMs),
    mode: opening.mode,
    simulated: flag(opening.simulated),
    outcome: report.outcome,
    pass: flag(passed),
    code: report.code,
    code_name: fault?.name ?? null,
    attribution: fault?.attribution ?? null,
    phase: report.phase,
    unit: finish.counting.unit,
    adopts: finish.counting.adopts,
    attempt: finish.counting.attempt,
    cycle: finish.counting.attempt === null ? null : 1,
    reflash: flag(finish.counting.reflash),
    link: finish.counting.link,
    // A pass has been verified as a whole; anything else leaves what was written half-programmed.
    dirty: flag(report.dirty && !passed),
    marginal: flag(passed && report.marginal),
    replay: 0,
    mac: identity.mac ?? null,
    serial: null,
    chip: identity.chip ?? null,
    flash_id: identity.flashId ?? null,
    flash_bytes: identity.flashBytes ?? null,
    job: opening.job,
    job_hash: opening.jobHash,
    operation: opening.operation,
    release: opening.release,
    work_order: opening.workOrder,
    lot: opening.lot,
    product: opening.product,
    operator: null,
    ms_connect: phaseMs(report, 'connect'),
    ms_identify: phaseMs(report, 'identify'),
    ms_loader: phaseMs(report, 'loader'),
    ms_erase: phaseMs(report, 'erase'),
    ms_write: phaseMs(report, 'write'),
    ms_verify: phaseMs(report, 'verify'),
    ms_boot: phaseMs(report, 'boot'),
    ms_total: Math.round(report.totalMs),
    baud: report.baud,
    bytes: report.bytes,
    bytes_skipped: report.bytesSkipped,
    bytes_sent: report.bytesSent,
    retries: report.retries,
    digest_expected: digestText(report.digestsExpected),
    digest_actual: digestText(report.digestsActual),
    boot_mode: report.bootMode,
    boot_version: report.bootVersion,
    software: opening.software,
  };
}

/** `0x` and at least five lower-case digits, so that the addresses of up to 1 MB of flash line up: `0x00000=md5`. */
export function digestText(digests: readonly RegionDigest[]): string | null {
  if (digests.length === 0) return null;
  return digests
    .toSorted((one, other) => one.address - other.address)
    .map(({ address, md5 }) => `${hexNumber(address, 5)}=${md5}`)
    .join(' ');
}

function phaseMs(report: RunReport, phase: RunPhase): number | null {
  const ms = report.phaseMs[phase];
  return ms === undefined ? null : Math.round(ms);
}

function flag(value: boolean): Flag {
  return value ? 1 : 0;
}
