import { access, constants, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../foundation/clock.ts';
import { StationError } from '../foundation/faults.ts';

/** udev hands the files of a new line to the group a moment after the export. */
const permissionLimitMs = 2_000;
const permissionEveryMs = 10;

/**
 * Exports a line and waits until its files may be written, without blocking: the constructor of `onoff` would wait in
 * a loop that stops the whole process (GPIO reference §2). A line that is exported already is taken over.
 * @param whoHolds ends the sentence "is in use" for a line that is; null: it cannot be told
 * @throws StationError S03
 */
export async function exportLine(
  root: string,
  number: number,
  use: string,
  clock: Clock,
  whoHolds: () => Promise<string | null>,
): Promise<void> {
  const folder = join(root, `gpio${number}`);
  // Whether it may be written does not matter here: exporting twice is refused as if somebody else had the line.
  const takenOver = (await refusal(folder, constants.F_OK)) === null;
  const write = async (path: string, text: string): Promise<void> => {
    try {
      await writeFile(path, text);
    } catch (error) {
      const code = codeOf(error);
      throw exportFault(code, use, code === 'EBUSY' ? await whoHolds() : null, error);
    }
  };
  if (!takenOver) await write(join(root, 'export'), String(number));
  await untilWritable(folder, use, clock);
  // Some pin drivers refuse to make an output of a line that a killed process had watched (GPIO reference §2).
  if (takenOver) await write(join(folder, 'edge'), 'none');
}

async function untilWritable(folder: string, use: string, clock: Clock): Promise<void> {
  const files = ['value', 'direction', 'edge', 'active_low'].map((name) => join(folder, name));
  const limit = clock.monotonic() + permissionLimitMs;
  for (;;) {
    const refusals = await Promise.all(files.map((file) => refusal(file, constants.W_OK)));
    if (refusals.every((code) => code === null)) return;
    if (refusals.includes('EROFS')) throw exportFault('EROFS', use, null);
    if (clock.monotonic() > limit) {
      const advice = 'add the user to the group gpio, or reboot when the line was exported by root';
      throw new StationError('S03', `No permission for the line of ${use}: ${advice}.`);
    }
    await clock.sleep(permissionEveryMs);
  }
}

/** The error code with which the system refuses the access; null when it grants it. */
async function refusal(path: string, mode: number): Promise<string | null> {
  try {
    await access(path, mode);
    return null;
  } catch (error) {
    return codeOf(error);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}

function exportFault(code: string, use: string, holder: string | null, cause?: unknown): StationError {
  const reasons: Record<string, string> = {
    EBUSY: `The line of ${use} is in use ${holder ?? 'by a kernel driver or another program'}.`,
    EINVAL: `The line of ${use} does not exist on this kernel.`,
    EACCES: `No permission for the line of ${use}: add the user to the group gpio.`,
    EROFS: `The line of ${use} cannot be exported: /sys is read-only here, for example by ProtectKernelTunables.`,
  };
  return new StationError('S03', reasons[code] ?? `The line of ${use} cannot be exported: ${code}.`, { cause });
}
