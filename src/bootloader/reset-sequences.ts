import type { Clock } from '../foundation/clock.ts';
import { doAll } from '../foundation/do-all.ts';
import type { SerialLink } from '../serial/serial-link.ts';
import { listen } from './listen.ts';
import { onLines, onModem } from './reset-steps.ts';
import type { BoundStep, Entry, Resettable, Restart } from './reset-steps.ts';
import { modemEntry, modemRestart, wiredEntry, wiredRestart } from './reset-tables.ts';
import { romHeaders } from './rom-text.ts';
import type { RomHeader } from './rom-text.ts';

export { isResettable } from './reset-steps.ts';
export type { ModuleReset, Resettable } from './reset-steps.ts';
export { entryHoldsMs } from './reset-tables.ts';

/** What the ROM said while GPIO0 was held. */
export interface RomGreeting {
  readonly text: string;
  readonly header: RomHeader | null;
}

export interface EntryOptions {
  /** Rate of the boot text, baud. */
  readonly textBaud: number;
  /** How long GPIO0 stays low after the reset when no boot text comes, ms. */
  readonly holdMs: number;
  /** 0 for the first attempt; with modem lines it chooses the way of entering. */
  readonly attempt: number;
}

// The header ends in two line feeds; then the loader starts to listen.
const afterHeaderMs = 8;

/**
 * Puts the module into flash mode and listens at the rate of the boot text. Ends as soon as the header is complete,
 * else after `holdMs`: boards with a slow reset line latch late. The lines are released whatever happens. The link is
 * left at the rate of the boot text.
 *
 * @throws StationError S03 when a line cannot be driven, S04 when the port has gone or has no modem lines
 */
export async function enterFlashMode(
  reset: Resettable,
  link: SerialLink,
  clock: Clock,
  { textBaud, holdMs, attempt }: EntryOptions,
  signal: AbortSignal,
): Promise<RomGreeting> {
  const { hold, latch, letGo } = entryOf(reset, link, attempt);
  let text = '';
  const header = (): RomHeader | null => romHeaders(text).at(-1) ?? null;
  const take = (bytes: Uint8Array): void => {
    text += Buffer.from(bytes).toString('latin1');
  };
  await thenLetGo(letGo, async () => {
    await carryOut(hold, clock, signal);
    await link.setBaud(textBaud, signal);
    await link.discardInput();
    await carryOut(latch, clock, signal);
    const complete = await listen(link, clock, holdMs, signal, (bytes) => {
      take(bytes);
      return header() !== null;
    });
    if (!complete) return;
    await listen(link, clock, afterHeaderMs, signal, (bytes) => {
      take(bytes);
      return false;
    });
  });
  return { text, header: header() };
}

/**
 * Restarts the module into its application; the lines are released whatever happens.
 *
 * @throws StationError S03 when a line cannot be driven, S04 when the port has gone or has no modem lines
 */
export async function restartIntoApplication(
  reset: Resettable,
  link: SerialLink,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const { pulse, letGo } = restartOf(reset, link);
  await thenLetGo(letGo, () => carryOut(pulse, clock, signal));
}

function entryOf(reset: Resettable, link: SerialLink, attempt: number): Entry<BoundStep> {
  if (reset.kind === 'lines') {
    const { hold, latch, letGo } = wiredEntry;
    return { hold: onLines(reset, hold), latch: onLines(reset, latch), letGo: onLines(reset, letGo) };
  }
  const { hold, latch, letGo } = modemEntry(attempt);
  return { hold: onModem(reset, link, hold), latch: onModem(reset, link, latch), letGo: onModem(reset, link, letGo) };
}

function restartOf(reset: Resettable, link: SerialLink): Restart<BoundStep> {
  if (reset.kind === 'lines') {
    return { pulse: onLines(reset, wiredRestart.pulse), letGo: onLines(reset, wiredRestart.letGo) };
  }
  return { pulse: onModem(reset, link, modemRestart.pulse), letGo: onModem(reset, link, modemRestart.letGo) };
}

async function carryOut(steps: readonly BoundStep[], clock: Clock, signal: AbortSignal): Promise<void> {
  for (const { act, waitMs } of steps) {
    await act();
    if (waitMs > 0) await clock.sleep(waitMs, signal);
  }
}

/** Every step of letting go is tried, whatever the work and the other steps do; the first error counts. */
async function thenLetGo(letGo: readonly BoundStep[], work: () => Promise<void>): Promise<void> {
  await doAll([work, ...letGo.map((step) => step.act)]);
}
