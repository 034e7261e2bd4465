import type { ChipDefinition } from '../../chips/chip-definition.ts';
import { listen } from '../../bootloader/listen.ts';
import { restartIntoApplication } from '../../bootloader/reset-sequences.ts';
import type { Resettable } from '../../bootloader/reset-sequences.ts';
import { romChecksum, romHeaders, romIsLoading, romIsQuiet, romLoadProblem } from '../../bootloader/rom-text.ts';
import type { RomHeader } from '../../bootloader/rom-text.ts';
import type { Clock } from '../../foundation/clock.ts';
import { StationError } from '../../foundation/faults.ts';
import type { FaultCode } from '../../foundation/faults.ts';
import type { SerialLink } from '../../serial/serial-link.ts';

export interface BootParts {
  readonly link: SerialLink;
  readonly clock: Clock;
  readonly reset: Resettable;
  readonly chip: ChipDefinition;
  /** Rate of the boot text with the crystal of this module, baud. */
  readonly textBaud: number;
  /** Size of the module's flash. */
  readonly flashBytes: number;
}

/** What the start showed; filled in as it is learnt, so that a failed check leaves what was seen. */
export interface BootSighting {
  bootMode: string | null;
  bootVersion: string | null;
  /** Counts what had to be done again. */
  retries: number;
}

const firstByteMs = 1_000;
const headerMs = 2_000;
// The lines of the image follow the header without a pause; silence means that there are none.
const loadPauseMs = 200;
// Where not even they have come, anything that the application says shows that it was started.
const lifeMs = 1_000;
const ofText: readonly FaultCode[] = ['B02', 'B04', 'C04', 'C05'];
const flashMode = 1;
const runMode = 3;

/**
 * Resets the module into its application and judges what the ROM says of it. One damaged byte makes a good text a bad
 * one, and none of these verdicts is one to try again: so it is read once more from a second reset before it counts.
 *
 * @param isProof nothing else shows that the application was started: a ROM that says nothing of it has started none
 * @returns the text, and when RST was released
 * @throws StationError B01, B02, B04, C04, C05
 */
export async function startFromRom(
  parts: BootParts,
  isProof: boolean,
  sighting: BootSighting,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly releasedMs: number }> {
  await parts.link.setBaud(parts.textBaud, signal);
  const look = async (): Promise<{ readonly text: string; readonly releasedMs: number }> => {
    const releasedMs = await restart(parts, signal);
    return { text: await readRomText(parts, isProof, sighting, signal), releasedMs };
  };
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof StationError) || !ofText.includes(error.code)) throw error;
    sighting.retries += 1;
    return await look();
  }
}

/** What follows the last word of the ROM. */
export function afterRom(text: string): string {
  const end = /\bcsum 0x[0-9a-f]+\s/i.exec(text) ?? /boot mode:\s*\(\d+,\d+\)/.exec(text);
  return end === null ? '' : text.slice(end.index + end[0].length);
}

/** Starts the application once more. @returns when RST was released */
export async function restart({ link, clock, reset }: BootParts, signal: AbortSignal): Promise<number> {
  await link.discardInput();
  await restartIntoApplication(reset, link, clock, signal);
  return clock.monotonic();
}

async function readRomText(
  { link, clock }: BootParts,
  isProof: boolean,
  sighting: BootSighting,
  signal: AbortSignal,
): Promise<string> {
  let text = '';
  let header: RomHeader | undefined;
  const take = (bytes: Uint8Array): void => {
    text += Buffer.from(bytes).toString('latin1');
    header = romHeaders(text).at(-1);
    if (header !== undefined) sighting.bootMode = `${header.mode},${header.detail}`;
  };
  const complete = (): boolean => romChecksum(text) !== null || romLoadProblem(text) !== null;
  const first = await listen(link, clock, firstByteMs, signal, (bytes) => {
    take(bytes);
    return true;
  });
  if (!first) throw new StationError('B01', 'Not a byte came after the final reset.');
  const end = clock.monotonic() + headerMs;
  while (header === undefined || (header.mode === runMode && !complete())) {
    const left = end - clock.monotonic();
    const pauseMs = header === undefined ? left : Math.min(left, isProof && romIsQuiet(text) ? lifeMs : loadPauseMs);
    const more = await listen(link, clock, Math.max(1, pauseMs), signal, (bytes) => {
      take(bytes);
      return true;
    });
    if (!more || clock.monotonic() > end) break;
  }
  judgeRomText(text, header, isProof);
  return text;
}

function judgeRomText(text: string, header: RomHeader | undefined, isProof: boolean): void {
  if (header === undefined) throw new StationError('C04', 'The text after the reset is not that of the ROM.');
  if (header.mode === flashMode) {
    throw new StationError('B02', `The module is in flash mode again, boot mode (${header.mode},${header.detail}).`);
  }
  if (header.mode !== runMode) {
    throw new StationError('C05', `The module reports boot mode (${header.mode},${header.detail}).`);
  }
  const problem = romLoadProblem(text);
  if (problem !== null) throw new StationError('B04', problem);
  if (romChecksum(text) !== null) return;
  if (romIsLoading(text)) throw new StationError('B04', 'The ROM did not come to the end of the image.');
  if (isProof && romIsQuiet(text))
    throw new StationError('B04', 'The ROM loaded nothing: not a byte followed its header.');
}
