import type { Clock } from '../foundation/clock.ts';
import type { OutputLine } from '../gpio/line.ts';
import type { SerialLink } from '../serial/serial-link.ts';
import { listen } from './listen.ts';
import { romHeaders } from './rom-text.ts';
import type { RomHeader } from './rom-text.ts';

/** How the module can be reset: by the nest's own lines, or not at all. Active means driven low. */
export type ModuleReset =
  { readonly kind: 'lines'; readonly rst: OutputLine; readonly gpio0: OutputLine } | { readonly kind: 'none' };

export type ResetLines = Extract<ModuleReset, { kind: 'lines' }>;

/** One step: drive or release a line, then wait. */
export interface ResetStep {
  readonly line: 'rst' | 'gpio0';
  readonly active: boolean;
  readonly waitMs: number;
}

/** RST first, so that running firmware no longer drives GPIO0 when that goes low (protocol reference §1.5.1). */
const holdInReset: readonly ResetStep[] = [
  { line: 'rst', active: true, waitMs: 10 },
  { line: 'gpio0', active: true, waitMs: 90 },
];

/** The straps are latched when RST is released. */
export const runApplication: readonly ResetStep[] = [
  { line: 'gpio0', active: false, waitMs: 0 },
  { line: 'rst', active: true, waitMs: 100 },
  { line: 'rst', active: false, waitMs: 0 },
];

/** What the ROM said while GPIO0 was held. */
export interface RomGreeting {
  readonly text: string;
  readonly header: RomHeader | null;
}

// The header ends in two line feeds; then the loader starts to listen.
const afterHeaderMs = 8;

/**
 * Puts the module into flash mode and listens at the rate of the boot text. Ends as soon as the header is complete,
 * else after `holdMs`: boards with a slow reset line latch late. The lines are released whatever happens. The link is
 * left at the rate of the boot text.
 *
 * @throws StationError S03 when a line cannot be driven, S04 when the port has gone
 */
export async function enterFlashMode(
  reset: ResetLines,
  link: SerialLink,
  clock: Clock,
  options: { readonly textBaud: number; readonly holdMs: number },
  signal: AbortSignal,
): Promise<RomGreeting> {
  let text = '';
  const header = (): RomHeader | null => romHeaders(text).at(-1) ?? null;
  const take = (bytes: Uint8Array): void => {
    text += Buffer.from(bytes).toString('latin1');
  };
  try {
    await runSteps(reset, holdInReset, clock, signal);
    await link.setBaud(options.textBaud, signal);
    await link.discardInput();
    reset.rst.set(false);
    const complete = await listen(link, clock, options.holdMs, signal, (bytes) => {
      take(bytes);
      return header() !== null;
    });
    if (complete) {
      await listen(link, clock, afterHeaderMs, signal, (bytes) => {
        take(bytes);
        return false;
      });
    }
  } finally {
    releaseLines(reset);
  }
  return { text, header: header() };
}

/** Restarts the module into its application; the lines are released whatever happens. @throws StationError S03 */
export async function restartIntoApplication(reset: ResetLines, clock: Clock, signal: AbortSignal): Promise<void> {
  try {
    await runSteps(reset, runApplication, clock, signal);
  } finally {
    releaseLines(reset);
  }
}

async function runSteps(
  reset: ResetLines,
  steps: readonly ResetStep[],
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (const step of steps) {
    reset[step.line].set(step.active);
    if (step.waitMs > 0) await clock.sleep(step.waitMs, signal);
  }
}

/** RST may be released into either mode here; GPIO0 must not stay low, whatever the other line does. */
function releaseLines(reset: ResetLines): void {
  try {
    reset.gpio0.set(false);
  } finally {
    reset.rst.set(false);
  }
}
