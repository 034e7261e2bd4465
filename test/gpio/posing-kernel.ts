import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { KernelCalls } from '../../src/gpio/kernel-calls.ts';

export interface PosingDevice {
  readonly label: string;
  readonly lines: number;
}

/** A line that was granted, as the kernel read the request. */
export interface GrantedLine {
  readonly fd: number;
  readonly offset: number;
  readonly consumer: string;
  readonly flags: number;
  readonly debounceUs: number | null;
  readonly values: boolean[];
  closed: boolean;
}

/**
 * A folder that poses as /dev and a kernel that poses as interface v2. It reads and fills the structures at the
 * offsets of linux/gpio.h, with numbers of its own.
 */
export class PosingKernel implements KernelCalls, Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'jigd-dev-'));
  readonly granted: GrantedLine[] = [];
  /** Who holds a line besides the station, by offset. */
  readonly holders = new Map<number, string>();
  /** The error of a request, by its number. */
  readonly refused = new Map<number, string>();
  /** Levels of inputs, true when active, by offset. */
  readonly active = new Map<number, boolean>();
  readonly openChips = new Set<number>();
  /** The error of opening a device, by its name. */
  readonly forbidden = new Map<string, 'EACCES' | 'EPERM' | 'ENODEV'>();
  readonly #devices: Readonly<Record<string, PosingDevice>>;
  readonly #chips = new Map<number, PosingDevice>();
  readonly #waiting = new Map<number, Buffer[]>();
  readonly #watchers = new Map<number, () => void>();
  #nextFd = 100;

  /** @param devices by their name, as in gpiochip0 */
  constructor(devices: Readonly<Record<string, PosingDevice>>, links: Readonly<Record<string, string>> = {}) {
    this.#devices = devices;
    for (const name of Object.keys(devices)) writeFileSync(join(this.folder, name), '');
    for (const [name, target] of Object.entries(links)) symlinkSync(target, join(this.folder, name));
  }

  open(path: string): number {
    const device = this.#devices[basename(path)];
    if (device === undefined) throw failure('ENOENT');
    const refusal = this.forbidden.get(basename(path));
    if (refusal !== undefined) throw failure(refusal);
    const fd = this.#nextFd++;
    this.#chips.set(fd, device);
    this.openChips.add(fd);
    return fd;
  }

  close(fd: number): void {
    if (this.openChips.delete(fd)) return;
    const line = this.#line(fd);
    line.closed = true;
    this.holders.delete(line.offset);
  }

  ioctl(fd: number, request: number, structure: Buffer): void {
    const refusal = this.refused.get(request);
    if (refusal !== undefined) throw failure(refusal);
    switch (request) {
      case 0x8044b401:
        structure.write(this.#chips.get(fd)!.label, 32);
        structure.writeUInt32LE(this.#chips.get(fd)!.lines, 64);
        return;
      case 0xc100b405: {
        const holder = this.holders.get(structure.readUInt32LE(64));
        structure.write(holder ?? '', 32);
        structure.writeUInt32LE(holder === undefined ? 0 : 1, 72);
        return;
      }
      case 0xc250b407:
        this.#grant(structure);
        return;
      case 0xc010b40e:
        structure.writeUInt8(this.active.get(this.#line(fd).offset) === true ? 1 : 0, 0);
        return;
      case 0xc010b40f:
        this.#line(fd).values.push(structure.readUInt8(0) === 1 && structure.readUInt8(8) === 1);
        return;
      default:
        throw failure('ENOTTY');
    }
  }

  read(fd: number, into: Buffer): number {
    const bytes = Buffer.concat(this.#waiting.get(fd) ?? []);
    this.#waiting.delete(fd);
    if (bytes.length > into.length) throw failure('ENOBUFS');
    return bytes.copy(into);
  }

  onReadable(fd: number, listener: () => void): Disposable {
    this.#watchers.set(fd, listener);
    return { [Symbol.dispose]: () => void this.#watchers.delete(fd) };
  }

  /** Edges that wait to be read, with their times. */
  queue(offset: number, edges: readonly { readonly rising: boolean; readonly atNs: bigint }[]): void {
    const { fd } = this.granted.find((line) => line.offset === offset && !line.closed)!;
    const records = edges.map(({ rising, atNs }, index) => {
      const record = Buffer.alloc(48);
      record.writeBigUInt64LE(atNs, 0);
      record.writeUInt32LE(rising ? 1 : 2, 8);
      record.writeUInt32LE(index + 1, 20);
      return record;
    });
    this.#waiting.set(fd, [...(this.#waiting.get(fd) ?? []), ...records]);
  }

  /** Calls whoever watches the line. @returns whether anybody does */
  wake(offset: number): boolean {
    const line = this.granted.findLast((each) => each.offset === offset)!;
    const watcher = this.#watchers.get(line.fd);
    watcher?.();
    return watcher !== undefined;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #grant(request: Buffer): void {
    const offset = request.readUInt32LE(0);
    if (this.holders.has(offset)) throw failure('EBUSY');
    if (request.readUInt32LE(560) !== 1) throw failure('EINVAL');
    const consumer = request.toString('utf8', 256, request.indexOf(0, 256));
    const debounced = request.readUInt32LE(296) === 1 && request.readUInt32LE(320) === 3;
    const fd = this.#nextFd++;
    this.granted.push({
      fd,
      offset,
      consumer,
      flags: Number(request.readBigUInt64LE(288)),
      debounceUs: debounced && request.readBigUInt64LE(336) === 1n ? request.readUInt32LE(328) : null,
      values: [],
      closed: false,
    });
    this.holders.set(offset, consumer);
    request.writeInt32LE(fd, 588);
  }

  #line(fd: number): GrantedLine {
    const line = this.granted.find((each) => each.fd === fd && !each.closed);
    if (line === undefined) throw failure('EBADF');
    return line;
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}
