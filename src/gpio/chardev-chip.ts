import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { StationError } from '../foundation/faults.ts';
import { readChipInfo, requests } from './chardev-layout.ts';
import { noHeaderAction, pickHeader } from './header-chip.ts';
import { codeOf } from './kernel-calls.ts';
import type { KernelCalls } from './kernel-calls.ts';

/** The chip behind the pin header, open. */
export interface ChardevChip {
  readonly path: string;
  readonly label: string;
  readonly lines: number;
  readonly fd: number;
}

/**
 * Finds the header chip by its label among the character devices, and leaves only that one open.
 * @param folder `/dev`, or a folder that poses as it
 * @throws StationError S03 when there is no chip at all, none of the header, more than one, or no permission
 */
export async function openHeaderChip(calls: KernelCalls, folder: string): Promise<ChardevChip> {
  const paths = await chipPaths(folder);
  if (paths.length === 0) {
    const reasons = 'no Raspberry Pi, a kernel without GPIO, or a container that was not given the device';
    throw new StationError('S03', `There is no ${join(folder, 'gpiochip*')}: ${reasons}.`, { action: noHeaderAction });
  }
  const refused = new Map<string, string>();
  const chips = paths.map((path) => openChip(calls, path, refused)).filter((chip) => chip !== null);
  let header: ChardevChip | null = null;
  try {
    header = pickHeader(chips, (chip) => chip.path);
    return header;
  } catch (error) {
    throw permissionFault(refused, error) ?? error;
  } finally {
    for (const chip of chips) if (chip !== header) calls.close(chip.fd);
  }
}

/** Null when no chip was refused for want of permission. */
function permissionFault(refused: ReadonlyMap<string, string>, cause: unknown): StationError | null {
  const paths = [...refused].filter(([, code]) => code === 'EACCES' || code === 'EPERM').map(([path]) => path);
  if (paths.length === 0) return null;
  // EPERM comes from the list of devices of a container or of systemd, whatever the rights of the file are.
  const advice = [...refused.values()].includes('EPERM')
    ? 'allow it to the container with --device, or to the service with DeviceAllow=char-gpiochip rw'
    : 'add the user to the group gpio';
  return new StationError('S03', `No permission for ${paths.join(', ')}: ${advice}.`, { cause });
}

/** Without links: some images name one chip twice (GPIO reference §3). */
async function chipPaths(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const links = names.filter((name) => /^gpiochip\d+$/.test(name)).map((name) => join(folder, name));
  const paths = await Promise.all(links.map((link) => realpath(link).catch(() => link)));
  return [...new Set(paths)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** Null for a chip that does not answer: it may not be opened, or it is a USB adapter that has just gone. */
function openChip(calls: KernelCalls, path: string, refused: Map<string, string>): ChardevChip | null {
  let fd: number | null = null;
  try {
    fd = calls.open(path);
    const info = Buffer.alloc(requests.chipInfo.bytes);
    calls.ioctl(fd, requests.chipInfo.number, info);
    const { label, lines } = readChipInfo(info);
    return { path, label, lines, fd };
  } catch (error) {
    if (fd !== null) calls.close(fd);
    refused.set(path, codeOf(error));
    return null;
  }
}
