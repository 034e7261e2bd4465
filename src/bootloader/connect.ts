import type { ChipDefinition } from '../chips/chip-definition.ts';
import { StationError } from '../foundation/faults.ts';
import type { Logger } from '../foundation/logger.ts';
import { commands } from './commands.ts';
import type { Loader } from './loader.ts';
import { enterFlashMode } from './reset-sequences.ts';
import type { ModuleReset, ResetLines } from './reset-sequences.ts';
import type { RomHeader } from './rom-text.ts';

/** Who answered, and at which rate. */
export interface Contact {
  readonly loader: 'rom' | 'ram';
  readonly baud: number;
}

export interface ConnectOptions {
  readonly chip: ChipDefinition;
  readonly reset: ModuleReset;
  /** Rate at which the ROM's auto-baud is trained. */
  readonly syncBaud: number;
  /** Rates at which a RAM loader of an earlier session may still run; tried only when the module cannot be reset. */
  readonly otherBauds: readonly number[];
  /** Told of each further reset or rate that is tried. */
  readonly retrying: () => void;
}

const marker = 0x20120707;
const training = new Uint8Array(32).fill(0x55);
// GPIO0 is held this long after RST: the second try covers reset lines with a large capacitor (reference §1.4).
const holdsMs = [100, 550, 100] as const;
const flashMode = 1;
const runMode = 3;
/** What a RAM loader answers to SYNC; the ROM answers with the word it was sent (protocol reference §4.1). */
export const ramLoaderMark = 0;

/**
 * Makes the loader answer. A module from which nothing comes is given up in under 2.5 s.
 *
 * @throws StationError C01 … C05 with the pin to look at, S03 when the reset does not act, S04
 */
export async function connect(
  loader: Loader,
  options: ConnectOptions,
  log: Logger,
  signal: AbortSignal,
): Promise<Contact> {
  const { reset } = options;
  return reset.kind === 'lines'
    ? connectByReset(loader, options, reset, log, signal)
    : connectAsIs(loader, options, log, signal);
}

async function connectByReset(
  loader: Loader,
  { chip, syncBaud, retrying }: ConnectOptions,
  reset: ResetLines,
  log: Logger,
  signal: AbortSignal,
): Promise<Contact> {
  let header: RomHeader | null = null;
  let heard = false;
  for (const [attempt, holdMs] of holdsMs.entries()) {
    if (attempt > 0) retrying();
    const greeting = await enterFlashMode(
      reset,
      loader.link,
      loader.clock,
      { textBaud: chip.romTextBaud, holdMs },
      signal,
    );
    log.debug({ event: 'rom-text', attempt, text: greeting.text.slice(0, 200) });
    await loader.link.setBaud(syncBaud, signal);
    header = greeting.header ?? header;
    heard ||= greeting.text.length > 0;
    if (greeting.header !== null && greeting.header.mode !== flashMode) continue;
    await loader.link.discardInput();
    const before = loader.heardBytes;
    const value = await synchronise(loader, 5, 100, signal);
    if (value !== null) {
      if (value !== ramLoaderMark || greeting.header !== null) return { loader: 'rom', baud: syncBaud };
      throw new StationError('S03', 'A RAM loader answered right after the reset: the reset line does not act.');
    }
    heard ||= loader.heardBytes > before;
    if (attempt > 0 && !heard) break;
  }
  throw diagnose(header, heard);
}

async function connectAsIs(
  loader: Loader,
  { syncBaud, otherBauds, retrying }: ConnectOptions,
  log: Logger,
  signal: AbortSignal,
): Promise<Contact> {
  const turns = [
    { baud: syncBaud, tries: 4, allowMs: 100 },
    ...otherBauds.filter((rate) => rate !== syncBaud).map((baud) => ({ baud, tries: 1, allowMs: 100 })),
    // A module that was late, or heard noise first, is at the first rate after all.
    { baud: syncBaud, tries: 3, allowMs: 250 },
  ];
  for (const [attempt, { baud, tries, allowMs }] of turns.entries()) {
    if (attempt > 0) retrying();
    if (loader.link.baud !== baud) await loader.link.setBaud(baud, signal);
    let value = await synchronise(loader, tries, allowMs, signal);
    if (value === null) {
      await loader.leaveFrame(signal);
      value = await synchronise(loader, 1, allowMs, signal);
    }
    if (value !== null) return { loader: value === ramLoaderMark ? 'ram' : 'rom', baud };
    log.debug({ event: 'no-sync', baud, heardBytes: loader.heardBytes });
  }
  throw diagnose(null, loader.heardBytes > 0);
}

/**
 * Sends SYNC until it is answered; the first one is eaten by the auto-baud of a fresh ROM loader (reference §1.8).
 *
 * @returns the mark of who answered (0: a RAM loader), or null
 */
export async function synchronise(
  loader: Loader,
  tries: number,
  answerMs: number,
  signal: AbortSignal,
): Promise<number | null> {
  let mark: number | null = null;
  let before: number | null = null;
  let last = tries;
  for (let sent = 1; sent <= last; sent += 1) {
    const allowMs = sent === 1 && tries > 1 ? 50 : answerMs;
    const answer = await loader.exchange(commands.sync, { marker }, signal, { data: training, allowMs });
    if (answer.kind === 'silent') continue;
    // Every SYNC is answered eight times, and several may be on their way.
    await loader.untilQuiet(50, 500, signal);
    if (answer.kind === 'refused') continue;
    mark = answer.reply.value;
    // A ROM that heard half a SYNC answers with an old word: any other mark than the ROM's must come twice.
    if (mark === marker || mark === before) break;
    if (before === null) last = Math.max(last, sent + 1);
    before = mark;
  }
  return mark;
}

function diagnose(header: RomHeader | null, heard: boolean): StationError {
  if (header === null) {
    return heard
      ? new StationError('C04', 'The module sends bytes that are neither boot text nor answers.')
      : new StationError('C01', 'Not one byte came from the module.');
  }
  const mode = `boot mode (${header.mode},${header.detail})`;
  if (header.mode === flashMode) {
    return new StationError('C03', `The module entered flash mode, ${mode}, but does not hear the station.`);
  }
  if (header.mode === runMode) {
    return new StationError('C02', `The module started its firmware, ${mode}: GPIO0 was not low.`);
  }
  return new StationError('C05', `The module reports ${mode}: GPIO15 is not low or GPIO2 is not high.`);
}
