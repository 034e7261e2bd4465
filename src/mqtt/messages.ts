import { z } from 'zod';
import { counters, yieldSchema } from './figure-schemas.ts';
import type { Notice, NestState } from '../nest/station-event.ts';
import type { RunResult } from '../nest/run/run-result.ts';
import type { TopicName } from './topics.ts';

const text = z.string().nullable();
const whole = z.int().nullable();
const flag = z.literal([0, 1]);
const time = z.iso.datetime({ precision: 3 }).describe('UTC, RFC 3339 with milliseconds.');
const mode = z.enum(['production', 'golden', 'limit', 'engineering']);
const phase = z.enum(['connect', 'identify', 'loader', 'erase', 'write', 'verify', 'boot']).nullable();
const attribution = z.enum(['C', 'D', 'J', 'O', 'S']);

const status = z.strictObject({
  state: z.enum(['online', 'offline']),
  reason: z.enum(['connected', 'stopped', 'lost']).describe('`lost` is the will: the broker says it, not the station.'),
  boot_id: text.describe('Changes with each boot of the host.'),
});

const info = z.strictObject({
  schema: z.literal('jigd.info/1'),
  station: text,
  line: text,
  software: z.string(),
  boot_id: text,
  simulated: flag,
  nests: z.array(z.int()),
  epoch: z.string().describe('The ledger in which `seq` counts.'),
  last_seq: z.int().min(0).describe('The highest `seq` so far: a collector notices a missing tail.'),
});

const job = z.strictObject({
  schema: z.literal('jigd.job/1'),
  job: text.describe('Null while no job is loaded.'),
  job_hash: text,
  operation: text,
  product: text,
  release: text,
});

const nestState = z.strictObject({
  nest: z.int(),
  state: z.enum(['empty', 'ready', 'running', 'passed', 'failed', 'aborted', 'error', 'blocked']),
  run_id: text,
  phase,
  progress: z.number().min(0).max(1).nullable().describe('Share of the bytes written; null outside the write phase.'),
  code: text,
  text: text.describe('What the operator is to read, in the language of the station; null without a code.'),
});

const runStarted = z.strictObject({
  schema: z.literal('jigd.started/1'),
  run_id: z.string(),
  station: text,
  line: text,
  nest: whole,
  fixture_id: text,
  started_at: time,
  ts_ms: z.int().describe('`started_at` as ms since 1970.'),
  clock_synced: flag.nullable(),
  boot_id: text,
  mono_ms: z.int(),
  mode,
  simulated: flag,
  job: z.string(),
  job_hash: z.string(),
  operation: z.string(),
  release: text,
  product: z.string(),
  work_order: text,
  lot: text,
  software: z.string(),
});

const runResult = z.strictObject({
  schema: z.literal('jigd.result/1'),
  run_id: z.string().describe('Made at the press; the key for dropping duplicates.'),
  epoch: text.describe('The ledger that gave `seq`.'),
  seq: z.int().min(1).nullable().describe('From 1 in each epoch, without gaps.'),
  station: text,
  line: text,
  nest: whole,
  fixture_id: text,
  fixture_cycles: whole,
  started_at: time,
  finished_at: time,
  ts_ms: z.int().describe('`finished_at` as ms since 1970.'),
  clock_synced: flag.nullable(),
  boot_id: text,
  mono_ms: whole.describe('Monotonic clock at the start of the run, ms since the boot of the host.'),
  mode,
  simulated: flag,
  outcome: z.enum(['PASS', 'FAIL', 'ERROR', 'ABORTED']),
  pass: flag,
  code: text.describe('Null exactly on PASS.'),
  code_name: text,
  attribution: attribution.nullable().describe('C contact, D device, J job, O operator, S station.'),
  phase: phase.describe('The phase in which the run ended.'),
  unit: z.string().describe('The MAC, else `?` and a run id.'),
  adopts: text,
  attempt: whole.describe('Null unless the run is countable and no reflash.'),
  cycle: whole,
  reflash: flag.describe('1: the unit had already passed under this operation.'),
  link: z.enum(['direct', 'inferred', 'none']),
  dirty: flag.describe('1: the module is half-programmed.'),
  marginal: flag.describe('1: passed, but needed repeats or ran at a lower rate than was wanted.'),
  replay: flag.describe('1: sent more than 60 s after the finish. The only key that is set at sending.'),
  mac: text,
  serial: text,
  chip: text,
  flash_id: text,
  flash_bytes: whole,
  job: text,
  job_hash: text,
  operation: text,
  release: text,
  work_order: text,
  lot: text,
  product: text,
  operator: text,
  ms_connect: whole,
  ms_identify: whole,
  ms_loader: whole,
  ms_erase: whole,
  ms_write: whole,
  ms_verify: whole,
  ms_boot: whole,
  ms_total: z.int(),
  baud: whole,
  bytes: whole.describe('Bytes of all regions, uncompressed.'),
  bytes_skipped: whole.describe('Of `bytes`, those of regions that were not written: the flash already had them.'),
  bytes_sent: whole.describe('Bytes of data sent for the others, compressed where that was used.'),
  retries: z.int(),
  digest_expected: text.describe('One `0xADDRESS=md5` per region of the job, ascending, separated by spaces.'),
  digest_actual: text.describe('What the chip computed: of a skipped region before the writing, of others after it.'),
  boot_mode: text,
  boot_version: text,
  software: z.string(),
});

const alarm = z.strictObject({
  schema: z.literal('jigd.alarm/1'),
  slug: z.string().describe('The last level of the topic.'),
  station: text,
  nest: whole.describe('Null for the station as a whole.'),
  code: text.describe('Null where no code says it, as of a statistic.'),
  code_name: text,
  attribution: attribution.nullable(),
  text: text.describe('What the operator is to read, in the language of the station; null without a code.'),
  detail: z.string(),
  since: time,
  ts_ms: z.int().describe('`since` as ms since 1970.'),
});

const event = z.strictObject({
  schema: z.literal('jigd.event/1'),
  kind: z.enum([
    'blocked-start',
    'press-ignored',
    'result-not-saved',
    'button-stuck',
    'estop-pressed',
    'estop-acknowledged',
    'duplicate-mac',
    'job-changed',
    'action',
    'alarm-raised',
    'alarm-cleared',
  ]),
  station: text,
  nest: whole.describe('Null for the station as a whole.'),
  code: text.describe('Null where nothing is wrong.'),
  code_name: text,
  attribution: attribution.nullable(),
  alarm: text.describe('The slug, with `alarm-raised` and `alarm-cleared`.'),
  who: text.describe('Who gave the command, with `action`.'),
  text: text.describe('What the operator is to read, in the language of the station; null without a code.'),
  detail: z.string(),
  at: time,
  ts_ms: z.int(),
});

/** The payload of every topic; that of an alarm is empty when the alarm has ended. */
export const messages = {
  status,
  info,
  job,
  counters,
  yield: yieldSchema,
  nestState,
  nestLast: runResult,
  runStarted,
  runResult,
  alarm,
  event,
} as const;

export type Message<Name extends TopicName> = Readonly<z.infer<(typeof messages)[Name]>>;

type AlarmEvent = 'alarm-raised' | 'alarm-cleared';

/** Compiles only while the schema says the same as the types of the nest. */
type Covers<Whole, Part extends Whole> = Part;
export type SchemaAgreement = [
  Covers<RunResult, Message<'runResult'>>,
  Covers<Message<'runResult'>, RunResult>,
  Covers<NestState['state'], Message<'nestState'>['state']>,
  Covers<Message<'nestState'>['state'], NestState['state']>,
  Covers<NestState['phase'], Message<'nestState'>['phase']>,
  Covers<Message<'nestState'>['phase'], NestState['phase']>,
  Covers<Notice['kind'] | AlarmEvent, Message<'event'>['kind']>,
  Covers<Message<'event'>['kind'], Notice['kind'] | AlarmEvent>,
];
