import { listen } from '../../bootloader/listen.ts';
import { StationError } from '../../foundation/faults.ts';
import type { BootCheck } from '../../firmware/job.ts';
import { ApplicationText } from './application-text.ts';
import { holdDialogue } from './boot-dialogue.ts';
import { BootEar } from './boot-ear.ts';
import { BootSigns } from './boot-signs.ts';
import { afterwards, bootLimitMs } from './boot-times.ts';
import { afterRom, restart, startFromRom } from './rom-start.ts';
import type { BootParts, BootSighting } from './rom-start.ts';

// A loaded host may change its rate so late that a banner was lost; a module is not to fail for that.
const rateChangeMs = 100;
// Without an expected text the first line is said when the start has been quiet for so long.
const firstPauseMs = 500;
// The hardware watchdog bites 8.4 s after the last sign of life: two stages of 1.7 and 6.7 s.
const restartMs = 9_000;

/**
 * Resets the module into its application, checks what it prints and speaks with it.
 *
 * @param check `header`: only the ROM's own text
 * @throws StationError B01 … B08, C04, C05, C06; S04
 */
export async function checkBoot(
  parts: BootParts,
  check: BootCheck | 'header',
  sighting: BootSighting,
  signal: AbortSignal,
): Promise<void> {
  const { link, clock } = parts;
  const { text, releasedMs } = await startFromRom(parts, !isProvedLater(check), sighting, signal);
  const signs = new BootSigns();
  signs.add(text);
  throwIfAny(signs);
  if (check === 'header') return;
  const sameRate = check.baud === parts.textBaud;
  if (!sameRate) await link.setBaud(check.baud, signal);
  const late = !sameRate && clock.monotonic() - releasedMs > rateChangeMs;
  const startedMs = late ? await restart(parts, signal) : releasedMs;
  const ear = new BootEar(link, clock, new ApplicationText(check, signs, sameRate ? afterRom(text) : ''));
  const findRestarts = async (): Promise<void> => {
    if (!sameRate) await lookForRestarts(parts, signs, ear.lastHeardMs, signal);
  };
  const unanswered = async (detail: string): Promise<StationError> => {
    await findRestarts();
    const again = signs.starts > 1 ? ' It restarted by itself once.' : '';
    return new StationError('B07', detail + again);
  };
  await awaitStart(parts, check, { ear, startedMs, findRestarts, unanswered }, sighting, signal);
  await holdDialogue(ear, check.dialogue, unanswered, signal);
}

/** The application itself will show that it was started. */
function isProvedLater(check: BootCheck | 'header'): boolean {
  return check !== 'header' && (check.expect !== null || check.dialogue.length > 0);
}

interface Listening {
  readonly ear: BootEar;
  readonly startedMs: number;
  readonly findRestarts: () => Promise<void>;
  readonly unanswered: (detail: string) => Promise<StationError>;
}

async function awaitStart(
  { clock, flashBytes }: BootParts,
  check: BootCheck,
  { ear, startedMs, findRestarts, unanswered }: Listening,
  sighting: BootSighting,
  signal: AbortSignal,
): Promise<void> {
  const { expect, forbid, fail, version, dialogue } = check;
  const limitMs = bootLimitMs(check, flashBytes);
  const left = (): number => startedMs + limitMs - clock.monotonic();
  if (expect === null) {
    if (dialogue.length > 0) await ear.untilQuiet(firstPauseMs, left(), signal);
    else if (forbid !== null || fail !== null) {
      await ear.until(() => false, left(), signal);
      await findRestarts();
    }
    return;
  }
  if (!(await ear.until(() => ear.text.isStarted, left(), signal))) {
    throw await unanswered(`The expected text did not come within ${limitMs} ms: ${ear.text.lastWords}.`);
  }
  if (ear.text.isWatched) await ear.untilQuiet(afterwards.quietMs, afterwards.atMostMs, signal);
  sighting.bootVersion = ear.text.version;
  if (version !== null && ear.text.version !== version) {
    throw new StationError('B05', `The module reports version "${ear.text.version ?? ''}", not "${version}".`);
  }
}

/**
 * What the ROM and the SDK say cannot be read at the rate of the application. So before an application counts as silent,
 * or as one that says nothing bad, a module is listened to at their rate until the watchdog would have restarted it. One
 * that was quiet for that long has not restarted: bytes are heard at any rate.
 *
 * @throws StationError B03, B06, C06
 */
async function lookForRestarts(
  { link, clock, textBaud }: BootParts,
  signs: BootSigns,
  lastHeardMs: number,
  signal: AbortSignal,
): Promise<void> {
  const leftMs = lastHeardMs + restartMs - clock.monotonic();
  if (leftMs <= 0) return;
  await link.setBaud(textBaud, signal);
  await listen(link, clock, leftMs, signal, (bytes) => {
    signs.add(Buffer.from(bytes).toString('latin1'));
    return (signs.radioFault ?? signs.restartFault) !== null;
  });
  throwIfAny(signs);
}

function throwIfAny(signs: BootSigns): void {
  const fault = signs.radioFault ?? signs.restartFault;
  if (fault !== null) throw fault;
}
