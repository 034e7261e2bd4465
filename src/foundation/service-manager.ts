import { execFile } from 'node:child_process';

/**
 * Tells systemd a state such as `READY=1`. Does nothing where no service manager asked for it. A child process needs
 * no native module; the unit allows it with `NotifyAccess=all`. Never rejects.
 */
export function notifyServiceManager(...assignments: readonly string[]): Promise<void> {
  if (process.env['NOTIFY_SOCKET'] === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    try {
      execFile('systemd-notify', [...assignments], { timeout: 2_000 }, () => {
        resolve();
      });
    } catch {
      // Some failures to start a process are thrown, such as too little memory.
      resolve();
    }
  });
}
