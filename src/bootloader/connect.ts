import type { ChipDefinition } from '../chips/chip-definition.ts';
import { StationError } from '../foundation/faults.ts';
import type { Logger } from '../foundation/logger.ts';
import type { Loader } from './loader.ts';
import { enterFlashMode, entryHoldsMs, isResettable } from './reset-sequences.ts';
import type { ModuleReset, Resettable } from './reset-sequences.ts';
import type { RomHeader } from './rom-text.ts';
import { ramLoaderMark, synchronise } from './synchronise.ts';

/** Who answered, and at which rate. */
export interface Contact {
  readonly loader: 'rom' | 'ram';
  readonly baud: number;
  /** The ROM loader was there, but did not answer at the first rate. */
  readonly ignoredFirstRate?: true;
}

export interface ConnectOptions {
  readonly chip: ChipDefinition;
  readonly reset: ModuleReset;
  /** Rate at which the ROM's auto-baud is trained first. */
  readonly syncBaud: number;
  /** The rate that every ROM follows, tried when the first one is not answered; may be the same. */
  readonly safeBaud: number;
  /** Rates at which a RAM loader of an earlier session may still run; tried only when the module cannot be reset. */
  readonly otherBauds: readonly number[];
  /** Told of each further reset or rate that is tried because something is wrong with the contact. */
  readonly retrying: () => unknown;
}

const flashMode = 1;
const runMode = 3;
// The ROM looks at its edge counter every millisecond; adapters hand answers on up to 16 ms late.
const fastSync = { tries: 3, firstMs: 10, answerMs: 60 } as const;
const safeSync = { tries: 5, firstMs: 50, answerMs: 100 } as const;
// A dead nest is decided within 3 s, and an attempt takes up to 1 s.
const newAttemptsMs = 1_900;
// A module that did not even print its boot text is hardly going to answer.
const blindSync = { tries: 3, firstMs: 50, answerMs: 100 } as const;

/**
 * Makes the loader answer. A module that does not is given up in under 3 s.
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
  return isResettable(reset)
    ? connectByReset(loader, options, reset, log, signal)
    : connectAsIs(loader, options, log, signal);
}

async function connectByReset(
  loader: Loader,
  { chip, syncBaud, safeBaud, retrying }: ConnectOptions,
  reset: Resettable,
  log: Logger,
  signal: AbortSignal,
): Promise<Contact> {
  let header: RomHeader | null = null;
  let heard = false;
  let ignoredFirstRate = false;
  const lastStartMs = loader.clock.monotonic() + newAttemptsMs;
  for (const [attempt, holdMs] of entryHoldsMs[reset.kind].entries()) {
    if (loader.clock.monotonic() > lastStartMs) break;
    const baud = attempt === 0 ? syncBaud : safeBaud;
    // That a ROM does not follow the first rate says nothing about the contact.
    if (attempt > 1 || (attempt === 1 && !ignoredFirstRate)) retrying();
    const entry = { textBaud: chip.romTextBaud, holdMs, attempt };
    const greeting = await enterFlashMode(reset, loader.link, loader.clock, entry, signal);
    log.debug({ event: 'rom-text', attempt, baud, text: greeting.text.slice(0, 200) });
    await loader.link.setBaud(baud, signal);
    header = greeting.header ?? header;
    heard ||= greeting.text.length > 0;
    if (greeting.header !== null && greeting.header.mode !== flashMode) continue;
    await loader.link.discardInput();
    const before = loader.heardBytes;
    const usual = greeting.text.length > 0 ? safeSync : blindSync;
    const value = await synchronise(loader, baud > safeBaud ? fastSync : usual, signal);
    if (value !== null) {
      if (value !== ramLoaderMark || greeting.header !== null) {
        return { loader: 'rom', baud, ...(ignoredFirstRate && { ignoredFirstRate }) };
      }
      throw new StationError('S03', 'A RAM loader answered right after the reset: the reset line does not act.');
    }
    heard ||= loader.heardBytes > before;
    // Text that cannot be read is that of another crystal.
    if (attempt === 0) ignoredFirstRate = baud > safeBaud && heard;
    if (attempt > 0 && !heard && reset.kind === 'lines') break;
  }
  throw diagnose(header, heard);
}

async function connectAsIs(
  loader: Loader,
  { syncBaud, safeBaud, otherBauds, retrying }: ConnectOptions,
  log: Logger,
  signal: AbortSignal,
): Promise<Contact> {
  const turns = [
    ...(syncBaud > safeBaud ? [{ baud: syncBaud, tries: 3, firstMs: 15, answerMs: 60 }] : []),
    { baud: safeBaud, tries: 4, firstMs: 50, answerMs: 100 },
    ...otherBauds.filter((rate) => rate !== safeBaud).map((baud) => ({ baud, tries: 1, firstMs: 100, answerMs: 100 })),
    // A module that was late, or heard noise first, is at the first rate after all.
    { baud: safeBaud, tries: 3, firstMs: 50, answerMs: 250 },
  ];
  for (const [attempt, { baud, ...tries }] of turns.entries()) {
    // Which rate it was left at, or follows, is not known beforehand.
    if (attempt > (syncBaud > safeBaud ? 1 : 0)) retrying();
    if (loader.link.baud !== baud) await loader.link.setBaud(baud, signal);
    let value = await synchronise(loader, tries, signal);
    if (value === null) {
      await loader.leaveFrame(signal);
      value = await synchronise(loader, { ...tries, tries: 1, firstMs: tries.answerMs }, signal);
    }
    if (value !== null) return { loader: value === ramLoaderMark ? 'ram' : 'rom', baud };
    log.debug({ event: 'no-sync', baud, heardBytes: loader.heardBytes });
  }
  const heard = loader.heardBytes > 0;
  const fault = diagnose(null, heard);
  const byHand = 'Without reset lines the module has to be in flash mode before: GPIO0 low, then a pulse on RST.';
  // Its auto-baud has been trained by now, and nobody can tell at which rate.
  const again = 'Reset it again before the next try; --baud 115200 makes a slower first contact.';
  const hints = heard && syncBaud > safeBaud ? [byHand, again] : [byHand];
  throw new StationError(fault.code, [fault.detail, ...hints].join(' '));
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
