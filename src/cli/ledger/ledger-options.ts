import { existsSync, statSync } from 'node:fs';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { StationError } from '../../foundation/faults.ts';
import { LocalTime } from '../../foundation/local-time.ts';
import { LedgerReader } from '../../ledger/ledger-reader.ts';

const usualConfig = '/etc/jigd/jigd.yaml';

/** What to do, by what the sentence of an S01 holds. */
const advices: readonly (readonly [RegExp, string])[] = [
  [
    // SQLite's word when nobody else has the ledger open, and it cannot make its helper files beside it.
    /SQLITE_READONLY_DIRECTORY/,
    'Read it while the station runs, as a user who may write to its folder, or copy it to a folder of yours.',
  ],
  [
    /the file is damaged|holds nothing/,
    'The next start of its station saves what can be read; docs/ledger.md says how.',
  ],
];

export interface LedgerOptions {
  readonly ledger?: string | undefined;
  readonly config?: string | undefined;
}

/** Where a ledger is, and how its station tells time. */
export interface LedgerPlace {
  readonly path: string;
  /** That of the station file; without one, that of the host. */
  readonly local: LocalTime;
  /** Local times at which a shift starts, `HH:MM`; empty when there are none or no station file was read. */
  readonly shifts: readonly string[];
}

/** `--ledger` and `--config`, as every command has them that reads a ledger. */
export function addLedgerOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--config <file>', `the station file, for its ledger, time zone and shifts (default: ${usualConfig})`),
    )
    .addOption(new Option('--ledger <file>', 'another ledger; without --config times are those of this host'));
}

/**
 * Opens the ledger read-only, beside a running station too, for the time of the work.
 * @throws ConfigError for a station file that is wrong, and an Error with one plain sentence when there is no ledger or it
 * cannot be read
 */
export function withLedger<Result>(
  command: Command,
  options: LedgerOptions,
  work: (reader: LedgerReader, place: LedgerPlace) => Result | Promise<Result>,
): Promise<Result> {
  return atLedger(command, options, async (place) => {
    const reader = await LedgerReader.open(place.path);
    try {
      return await work(reader, place);
    } finally {
      reader.close();
    }
  });
}

/** The same without opening it. @throws as `withLedger` does */
export async function atLedger<Result>(
  command: Command,
  options: LedgerOptions,
  work: (place: LedgerPlace) => Promise<Result>,
): Promise<Result> {
  const place = await placeOf(command, options);
  if (!existsSync(place.path)) {
    throw new Error(
      `There is no ledger at ${place.path}: the station makes it at its first start; --ledger names another.`,
    );
  }
  if (statSync(place.path).isDirectory()) throw new Error(`${place.path} is a folder; name the ledger in it.`);
  try {
    return await work(place);
  } catch (error) {
    // What the code S01 asks for is meant for an operator whose result was lost.
    if (!(error instanceof StationError) || error.code !== 'S01') throw error;
    const advice = advices.find(([sign]) => sign.test(error.detail))?.[1];
    throw new Error(advice === undefined ? error.detail : `${error.detail} ${advice}`, { cause: error });
  }
}

async function placeOf(command: Command, { ledger, config }: LedgerOptions): Promise<LedgerPlace> {
  if (config === undefined && ledger !== undefined) return { path: ledger, local: new LocalTime(null), shifts: [] };
  if (config === undefined && !existsSync(usualConfig)) {
    return command.error(
      `error: there is no station file ${usualConfig}; name one with --config, or a ledger with --ledger`,
    );
  }
  const { loadStationConfig } = await import('../../config/station-config.ts');
  const { station, ledger: own } = await loadStationConfig(config ?? usualConfig);
  return { path: ledger ?? own.path, local: new LocalTime(station.timezone), shifts: station.shifts };
}

/** The value of an option that is a whole number from 1. */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 1.');
  return Number(text);
}
