import { existsSync, readFileSync } from 'node:fs';

const timesync = '/run/systemd/timesync';

/** Changes with each boot of the host; null where the kernel does not tell. */
export function hostBootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null;
  }
}

/** Whether the wall clock was set from the network since the boot; null where systemd-timesyncd does not run. */
export function isClockSynced(): boolean | null {
  return existsSync(timesync) ? existsSync(`${timesync}/synchronized`) : null;
}
