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
 * @throws StationError S03
 */
export async function exportLine(root: string, number: number, use: string, clock: Clock): Promise<void> {
  const folder = join(root, `gpio${number}`);
  if (!(await mayWrite(folder))) {
    try {
      await writeFile(join(root, 'export'), String(number));
    } catch (error) {
      throw exportFault(error, use);
    }
  }
  const files = ['value', 'direction', 'edge', 'active_low'].map((name) => join(folder, name));
  const limit = clock.monotonic() + permissionLimitMs;
  for (;;) {
    const writable = await Promise.all(files.map(mayWrite));
    if (writable.every(Boolean)) return;
    if (clock.monotonic() > limit) {
      const advice = 'add the user to the group gpio, or reboot when the line was exported by root';
      throw new StationError('S03', `No permission for the line of ${use}: ${advice}.`);
    }
    await clock.sleep(permissionEveryMs);
  }
}

async function mayWrite(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function exportFault(error: unknown, use: string): StationError {
  const { code } = error as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    EBUSY: `The line of ${use} is in use by a kernel driver or another program.`,
    EINVAL: `The line of ${use} does not exist on this kernel.`,
    EACCES: `No permission for the line of ${use}: add the user to the group gpio.`,
    EROFS: `The line of ${use} cannot be exported: /sys is read-only here, for example by ProtectKernelTunables.`,
  };
  return new StationError(
    'S03',
    reasons[code ?? ''] ?? `The line of ${use} cannot be exported: ${code ?? 'unknown'}.`,
    {
      cause: error,
    },
  );
}
