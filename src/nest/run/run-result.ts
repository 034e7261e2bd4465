import type { Attribution } from '../../foundation/faults/fault-kind.ts';
import type { RunOutcome, RunPhase } from './outcome.ts';

export type Flag = 0 | 1;

/**
 * The business record: the payload of `run/result`, flat, every key always present, null where unknown (design §8).
 * The ledger stores it, MQTT publishes it, the command line prints it.
 */
export interface RunResult {
  readonly schema: 'jigd.result/1';
  readonly run_id: string;
  /** The ledger that gave `seq`; null when nothing was recorded. */
  readonly epoch: string | null;
  /** From 1 in each epoch, without gaps; null when nothing was recorded. */
  readonly seq: number | null;
  readonly station: string | null;
  readonly line: string | null;
  readonly nest: number | null;
  readonly fixture_id: string | null;
  readonly fixture_cycles: number | null;
  /** UTC, RFC 3339 with milliseconds. */
  readonly started_at: string;
  readonly finished_at: string;
  /** `finished_at` as ms since 1970. */
  readonly ts_ms: number;
  readonly clock_synced: Flag | null;
  readonly boot_id: string | null;
  /** Monotonic clock at the start of the run, ms since the host's boot. */
  readonly mono_ms: number | null;
  readonly mode: 'production' | 'golden' | 'limit' | 'engineering';
  readonly simulated: Flag;
  readonly outcome: RunOutcome;
  readonly pass: Flag;
  readonly code: string | null;
  readonly code_name: string | null;
  readonly attribution: Attribution | null;
  readonly phase: RunPhase | null;
  readonly unit: string;
  readonly adopts: string | null;
  readonly attempt: number | null;
  readonly cycle: number | null;
  readonly reflash: Flag;
  readonly link: 'direct' | 'inferred' | 'none';
  readonly dirty: Flag;
  /** Passed, but needed repeats or ran at a lower rate than was wanted. */
  readonly marginal: Flag;
  readonly replay: Flag;
  readonly mac: string | null;
  readonly serial: string | null;
  readonly chip: string | null;
  readonly flash_id: string | null;
  readonly flash_bytes: number | null;
  readonly job: string | null;
  readonly job_hash: string | null;
  readonly operation: string | null;
  readonly release: string | null;
  readonly work_order: string | null;
  readonly lot: string | null;
  readonly product: string | null;
  readonly operator: string | null;
  readonly ms_connect: number | null;
  readonly ms_identify: number | null;
  readonly ms_loader: number | null;
  readonly ms_erase: number | null;
  readonly ms_write: number | null;
  readonly ms_verify: number | null;
  readonly ms_boot: number | null;
  readonly ms_total: number;
  readonly baud: number | null;
  readonly bytes: number | null;
  /** Of `bytes`: those of regions that were not written because the flash already had them. */
  readonly bytes_skipped: number | null;
  readonly bytes_sent: number | null;
  readonly retries: number;
  /** One `0xADDRESS=md5` per region of the job, skipped ones too, ascending, separated by spaces. */
  readonly digest_expected: string | null;
  /** What the chip computed: of a skipped region before the writing, of any other after it. */
  readonly digest_actual: string | null;
  readonly boot_mode: string | null;
  readonly boot_version: string | null;
  readonly software: string;
}

/** What is known of a run when it is opened, before RST moves. */
export interface RunOpening {
  readonly runId: string;
  readonly station: string | null;
  readonly line: string | null;
  readonly nest: number | null;
  readonly fixtureId: string | null;
  /** Wall-clock ms. */
  readonly startedAt: number;
  readonly bootId: string | null;
  readonly monoMs: number;
  readonly clockSynced: boolean | null;
  readonly mode: RunResult['mode'];
  readonly simulated: boolean;
  readonly job: string;
  readonly jobHash: string;
  readonly operation: string;
  readonly release: string | null;
  readonly product: string;
  readonly workOrder: string | null;
  readonly lot: string | null;
  readonly software: string;
  /** Whether the sensor of the nest saw a module come or go since the run before; null: there is no sensor. */
  readonly exchanged: boolean | null;
}
