import type { ChipDefinition } from '../chips/chip-definition.ts';
import type { Clock } from '../foundation/clock.ts';
import { StationError } from '../foundation/faults.ts';
import type { BootCheck } from '../firmware/job.ts';
import { listen } from '../bootloader/listen.ts';
import { restartIntoApplication } from '../bootloader/reset-sequences.ts';
import type { Resettable } from '../bootloader/reset-sequences.ts';
import { romChecksum, romHeaders, romLoadProblem } from '../bootloader/rom-text.ts';
import type { RomHeader } from '../bootloader/rom-text.ts';
import type { SerialLink } from '../serial/serial-link.ts';

export interface BootParts {
  readonly link: SerialLink;
  readonly clock: Clock;
  readonly reset: Resettable;
  readonly chip: ChipDefinition;
  /** Rate of the boot text with the crystal of this module, baud. */
  readonly textBaud: number;
}

/** What the start showed; filled in as it is learnt, so that a failed check leaves what was seen. */
export interface BootSighting {
  bootMode: string | null;
  bootVersion: string | null;
}

const firstByteMs = 1_000;
const headerMs = 2_000;
// The lines of the image follow the header without a pause; silence means that there are none.
const loadPauseMs = 200;
// A loaded host may change its rate so late that a banner was lost; a module is not to fail for that.
const rateChangeMs = 100;
const flashMode = 1;
const runMode = 3;
const versionLength = 64;
const keptText = 65_536;
// A match at the very end may still grow: the rest of its line is waited for this long.
const growMs = 100;

/**
 * Resets the module into its application and checks what it prints.
 *
 * @param check `header`: only the ROM's own text
 * @throws StationError B01, B02, B04, B05, B07
 */
export async function checkBoot(
  parts: BootParts,
  check: BootCheck | 'header',
  sighting: BootSighting,
  signal: AbortSignal,
): Promise<void> {
  const { link, clock } = parts;
  await link.setBaud(parts.textBaud, signal);
  await link.discardInput();
  await restartIntoApplication(parts.reset, link, clock, signal);
  const releasedMs = clock.monotonic();
  const text = await readRomText(parts, sighting, signal);
  if (check === 'header') return;
  const sameRate = check.baud === parts.textBaud;
  if (!sameRate) await link.setBaud(check.baud, signal);
  const listeningMs = clock.monotonic();
  const late = !sameRate && listeningMs - releasedMs > rateChangeMs;
  const startedMs = late ? await startAgain(parts, signal) : releasedMs;
  const banner = new Banner(check, sameRate ? text : '');
  const limitMs = check.withinMs ?? 10_000;
  await readBanner(parts, banner, check, startedMs + limitMs, sighting, signal);
}

/** Starts the application once more for a host that was too slow to hear its first words. @returns when it started */
async function startAgain({ link, clock, reset }: BootParts, signal: AbortSignal): Promise<number> {
  await link.discardInput();
  await restartIntoApplication(reset, link, clock, signal);
  return clock.monotonic();
}

async function readRomText(parts: BootParts, sighting: BootSighting, signal: AbortSignal): Promise<string> {
  const { link, clock } = parts;
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
    const pauseMs = header === undefined ? left : Math.min(left, loadPauseMs);
    const more = await listen(link, clock, Math.max(1, pauseMs), signal, (bytes) => {
      take(bytes);
      return true;
    });
    if (!more || clock.monotonic() > end) break;
  }
  judgeRomText(text, header);
  return text;
}

function judgeRomText(text: string, header: RomHeader | undefined): void {
  if (header === undefined) throw new StationError('B04', 'The text after the reset is not that of the ROM.');
  if (header.mode === flashMode) {
    throw new StationError('B02', `The module is in flash mode again, boot mode (${header.mode},${header.detail}).`);
  }
  if (header.mode !== runMode) {
    throw new StationError('B04', `The module reports boot mode (${header.mode},${header.detail}).`);
  }
  const problem = romLoadProblem(text);
  if (problem !== null) throw new StationError('B04', problem);
}

async function readBanner(
  { link, clock }: BootParts,
  banner: Banner,
  check: BootCheck,
  endMs: number,
  sighting: BootSighting,
  signal: AbortSignal,
): Promise<void> {
  if (check.expect === null && check.forbid === null) return;
  const left = (): number => Math.max(1, endMs - clock.monotonic());
  if (!banner.settled) await listen(link, clock, left(), signal, (bytes) => banner.add(bytes));
  if (banner.forbidden === null && banner.matchMayGrow) {
    await listen(link, clock, Math.min(growMs, left()), signal, (bytes) => {
      banner.add(bytes);
      return !banner.matchMayGrow;
    });
  }
  if (banner.forbidden !== null) throw new StationError('B05', `The module printed "${banner.forbidden}".`);
  if (check.expect === null) return;
  sighting.bootVersion = banner.version;
  if (banner.version === null) {
    throw new StationError('B07', `The expected text did not come within ${check.withinMs ?? 10_000} ms.`);
  }
  if (check.version !== null && banner.version !== check.version) {
    throw new StationError('B05', `The module reports version "${banner.version}", not "${check.version}".`);
  }
}

/** The text of the application as far as it is known. */
class Banner {
  readonly #check: BootCheck;
  #text: string;

  constructor(check: BootCheck, text: string) {
    this.#check = check;
    this.#text = text;
  }

  /** @returns true when nothing more has to be read */
  add(bytes: Uint8Array): boolean {
    this.#text = (this.#text + Buffer.from(bytes).toString('latin1')).slice(-keptText);
    return this.settled;
  }

  get settled(): boolean {
    return this.forbidden !== null || this.#match !== null;
  }

  get forbidden(): string | null {
    const match = this.#check.forbid?.exec(this.#text)?.[0];
    return match === undefined ? null : printable(match);
  }

  /** The first group of the match, else the match; null without one. */
  get version(): string | null {
    const match = this.#match;
    return match === null ? null : printable(match[1] ?? match[0]);
  }

  get matchMayGrow(): boolean {
    const match = this.#match;
    return match !== null && match.index + match[0].length === this.#text.length;
  }

  get #match(): RegExpExecArray | null {
    return this.#check.expect?.exec(this.#text) ?? null;
  }
}

function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '').slice(0, versionLength);
}
