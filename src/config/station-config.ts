import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { AlarmLimits } from '../foundation/alarm-limits.ts';
import { fileProblem } from '../foundation/file-problem.ts';
import { ConfigError } from './config-error.ts';
import { resolveContact, resolveLine } from './line-schema.ts';
import type { ContactConfig, ContactRole, DriverWish, LineConfig, LineRole, LineWritten } from './line-schema.ts';
import { alarmConfig } from './alarm-schema.ts';
import { checkStation, expandTopic } from './station-checks.ts';
import { stationKeysNotYet, stationSchema } from './station-schema.ts';
import type { StationFile } from './station-schema.ts';
import { validate } from './validate.ts';
import { readYaml } from './yaml-source.ts';

/** The station file with every default filled in and every path absolute. */
export interface StationConfig {
  /** The file it was read from. */
  readonly file: string;
  readonly station: {
    readonly id: string;
    readonly line: string | null;
    /** IANA name; null: that of the host. */
    readonly timezone: string | null;
    /** Local times, `HH:MM`, ascending; empty when there are none. */
    readonly shifts: readonly string[];
    readonly language: 'en' | 'zh';
  };
  readonly ledger: { readonly path: string; readonly backup: BackupConfig | null };
  /** null: nothing is published. */
  readonly mqtt: MqttConfig | null;
  readonly gpio: { readonly driver: DriverWish };
  readonly nests: readonly NestConfig[];
  /** Lines of the station as a whole. */
  readonly lines: { readonly estop: ContactConfig | null; readonly fault: LineConfig | null };
  /** Directory of the job files. */
  readonly jobs: string;
  /** Name of the first job; null: none. */
  readonly job: string | null;
  /** What is being made, for the records; null: not said. */
  readonly lot: string | null;
  readonly workOrder: string | null;
  /** `sha256:…` of the jobs that may be flashed; null: the hash of each job that was seen first. */
  readonly approved: readonly string[] | null;
  readonly alarms: AlarmLimits;
  /** Socket for the commands that change a running station. */
  readonly controlSocket: string;
  /** How long a stop waits for runs under way, ms. */
  readonly stopWithinMs: number;
}

/** Copies of the ledger. */
export interface BackupConfig {
  /** Their folder. */
  readonly to: string;
  readonly everyMs: number;
  /** How many stay. */
  readonly keep: number;
}

export interface MqttConfig {
  readonly url: string;
  readonly protocol: 5 | '3.1.1';
  readonly username: string | null;
  readonly passwordFile: string | null;
  /** With the names put in. */
  readonly baseTopic: string;
}

export interface NestConfig {
  readonly id: number;
  readonly serial: { readonly path: string; readonly baud: number };
  readonly lines: NestLines;
  /** dtr-rts: the lines gpio0 and rst are null, as DTR and RTS of the port do their work. */
  readonly reset: 'lines' | 'dtr-rts';
  /** The pin of the module that the line `rst` pulls, as the file names it; rst as well with `reset: dtr-rts`. */
  readonly resetPin: 'rst' | 'en';
  /** From when on a held button is stuck, ms; null: never. */
  readonly stuckAfterMs: number | null;
}

type NestLines = Readonly<Record<'pass' | 'fail' | 'busy', LineConfig>> & {
  readonly button: ContactConfig;
  readonly present: ContactConfig | null;
} & Readonly<Record<'power' | 'ready' | 'buzzer', LineConfig | null>> &
  Straps;

/** `rst` is the line that resets the module, at RST or at EN. */
type Straps = { readonly gpio0: LineConfig; readonly rst: LineConfig } | { readonly gpio0: null; readonly rst: null };

/** Reads and checks a station file. @throws ConfigError */
export async function loadStationConfig(path: string): Promise<StationConfig> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const message = `cannot be read: ${fileProblem(error)}.`;
    throw new ConfigError([{ file: path, line: 1, column: 1, key: '', message }], { cause: error });
  }
  return parseStationConfig(text, path);
}

/**
 * Checks the text of a station file.
 * @param path its name; relative paths inside are relative to its directory
 * @throws ConfigError
 */
export function parseStationConfig(text: string, path: string): StationConfig {
  const source = readYaml(text, path);
  const file = validate(source, stationSchema, stationKeysNotYet);
  const findings = checkStation(file);
  if (findings.length > 0) throw new ConfigError(findings.map((each) => source.problem(each.path, each.message)));
  const directory = dirname(resolve(path));
  const { station } = file;
  return {
    file: resolve(path),
    station: {
      id: station.id,
      line: station.line ?? null,
      timezone: station.timezone ?? null,
      shifts: station.shifts ?? [],
      language: station.language,
    },
    ledger: { path: resolve(directory, file.ledger.path), backup: resolveBackup(file, directory) },
    mqtt: resolveMqtt(file, directory),
    gpio: file.gpio,
    nests: file.nests.map(resolveNest),
    lines: {
      estop: optionalContact(file.lines.estop, 'estop'),
      fault: optionalLine(file.lines.fault, 'fault'),
    },
    jobs: resolve(directory, file.jobs),
    job: file.job ?? null,
    lot: file.lot ?? null,
    workOrder: file.workOrder ?? null,
    approved: file.approved ?? null,
    alarms: alarmConfig(file.alarms),
    controlSocket: resolve(directory, file.control.socket),
    stopWithinMs: file.stopWithin,
  };
}

/** The file of a job by its name. */
export function jobFileOf(config: StationConfig, name: string): string {
  return join(config.jobs, `${name}.yaml`);
}

function resolveBackup({ ledger }: StationFile, directory: string): BackupConfig | null {
  if (ledger.backup === undefined) return null;
  const { to, every, keep } = ledger.backup;
  return { to: resolve(directory, to), everyMs: every, keep };
}

function resolveMqtt(file: StationFile, directory: string): MqttConfig | null {
  const { mqtt } = file;
  if (mqtt === undefined) return null;
  return {
    url: mqtt.url,
    protocol: mqtt.protocol === '3.1.1' ? '3.1.1' : 5,
    username: mqtt.username ?? null,
    passwordFile: mqtt.passwordFile === undefined ? null : resolve(directory, mqtt.passwordFile),
    baseTopic: expandTopic(file, mqtt.baseTopic) ?? mqtt.baseTopic,
  };
}

function resolveNest({ id, serial, lines, reset, stuckAfter }: StationFile['nests'][number]): NestConfig {
  return {
    id,
    serial,
    lines: {
      ...strapsOf(lines),
      power: optionalLine(lines.power, 'power'),
      button: resolveContact(lines.button, 'button'),
      present: optionalContact(lines.present, 'present'),
      pass: resolveLine(lines.pass, 'pass'),
      fail: resolveLine(lines.fail, 'fail'),
      busy: resolveLine(lines.busy, 'busy'),
      ready: optionalLine(lines.ready, 'ready'),
      buzzer: optionalLine(lines.buzzer, 'buzzer'),
    },
    reset,
    resetPin: lines.en === undefined ? 'rst' : 'en',
    stuckAfterMs: stuckAfter === 'off' ? null : stuckAfter,
  };
}

function optionalLine(written: LineWritten | undefined, role: LineRole): LineConfig | null {
  return written === undefined ? null : resolveLine(written, role);
}

function optionalContact(written: LineWritten | undefined, role: ContactRole): ContactConfig | null {
  return written === undefined ? null : resolveContact(written, role);
}

/** Both, or none with `reset: dtr-rts`; the checks have seen to that. */
function strapsOf({ gpio0, rst, en }: StationFile['nests'][number]['lines']): Straps {
  const reset = rst ?? en;
  if (gpio0 === undefined || reset === undefined) return { gpio0: null, rst: null };
  return { gpio0: resolveLine(gpio0, 'gpio0'), rst: resolveLine(reset, rst === undefined ? 'en' : 'rst') };
}
