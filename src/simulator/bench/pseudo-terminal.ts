import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { OnReadOpts, SocketConstructorOpts } from 'node:net';
import { ReadStream } from 'node:tty';

import { StationError } from '../../foundation/faults.ts';
import { removeLink, replaceLink } from './port-link.ts';

type Ioctl = (fd: number, request: number, argument: Buffer) => number;

// Request numbers of Linux, asm-generic/ioctls.h; the same on x86-64, arm and arm64.
const TIOCSPTLCK = 0x40045431;
const TIOCGPTN = 0x80045430;
const TCGETS2 = 0x802c542a;
const TCSETS2 = 0x402c542b;

// struct termios2: four flag words, the line discipline, 19 control characters, both rates.
const TERMIOS_BYTES = 44;
const FLAGS_BYTES = 16;
const CONTROL_FLAGS_AT = 8;
const CONTROL_CHARACTERS_AT = 17;
const MINIMUM_AT = CONTROL_CHARACTERS_AT + 6;
const INPUT_RATE_AT = 36;
const OUTPUT_RATE_AT = 40;
/** BOTHER (the rate stands in the rate words), CS8, CREAD, CLOCAL. */
const RAW_CONTROL_FLAGS = 0o10000 | 0o60 | 0o200 | 0o4000;

export interface PseudoTerminalOptions {
  /** The most bytes taken at one time, so that a caller who paces reads no more than that ahead. */
  readonly chunkBytes: number;
  /** Bytes that the client wrote; valid during the call only. Returning false stops reading until `resume()`. */
  readonly onBytes: (bytes: Uint8Array) => boolean;
  /** A symbolic link to make to the port; one that leads nowhere any more is replaced. Removed at the end. */
  readonly link?: string;
}

/** A serial port whose other end is this process. The client sees an ordinary terminal device. */
export interface PseudoTerminal extends Disposable {
  /** The device that clients open. */
  readonly path: string;
  /** The rate that the client has set, baud; 115200 before the first client. */
  hostBaud(): number;
  /** Takes as many of the bytes as the client's input buffer has room for now, and says how many. Never waits. */
  write(bytes: Uint8Array): number;
  /** Reads on after `onBytes` has returned false. */
  resume(): void;
  /** The port vanishes, also for a client that has it open. May be called twice. */
  close(): void;
}

/**
 * Opens a new pseudo-terminal in raw mode. Reading goes through libuv's poll and never through its thread pool, which
 * has four threads and would starve with more than four ports.
 *
 * @throws StationError S04 when the system gives no pseudo-terminal, or the link cannot be made or is in use
 */
export async function openPseudoTerminal(options: PseudoTerminalOptions): Promise<PseudoTerminal> {
  const ioctl = await loadIoctl();
  const master = openOrThrow('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  let slave: number | undefined;
  try {
    const number = Buffer.alloc(4);
    control(ioctl, master, TIOCSPTLCK, number);
    control(ioctl, master, TIOCGPTN, number);
    const path = `/dev/pts/${number.readUInt32LE(0)}`;
    // Without an own hand on the slave, reading the master fails with EIO as soon as a client closes the port.
    slave = openOrThrow(path, constants.O_RDWR | constants.O_NOCTTY);
    makeRaw(ioctl, master);
    if (options.link !== undefined) replaceLink(options.link, path);
    return new OpenTerminal(ioctl, master, slave, path, options);
  } catch (error) {
    closeSync(master);
    if (slave !== undefined) closeSync(slave);
    throw error;
  }
}

class OpenTerminal implements PseudoTerminal {
  readonly path: string;
  readonly #ioctl: Ioctl;
  readonly #master: number;
  readonly #slave: number;
  readonly #link: string | undefined;
  readonly #stream: ReadStream;
  readonly #termios = Buffer.alloc(TERMIOS_BYTES);
  #open = true;

  constructor(ioctl: Ioctl, master: number, slave: number, path: string, options: PseudoTerminalOptions) {
    this.#ioctl = ioctl;
    this.#master = master;
    this.#slave = slave;
    this.path = path;
    this.#link = options.link;
    const buffer = new Uint8Array(options.chunkBytes);
    const callback = (count: number): boolean => this.#open && options.onBytes(buffer.subarray(0, count));
    // Node's sockets take `onread` in their constructor; its type declarations know it for connect() only.
    const reading: SocketConstructorOpts & { readonly onread: OnReadOpts } = { onread: { buffer, callback } };
    this.#stream = new ReadStream(master, reading);
    this.#stream.on('error', () => {
      this.close();
    });
    this.#stream.resume();
  }

  hostBaud(): number {
    if (this.#open) control(this.#ioctl, this.#master, TCGETS2, this.#termios);
    return this.#termios.readUInt32LE(OUTPUT_RATE_AT);
  }

  write(bytes: Uint8Array): number {
    if (!this.#open) return bytes.length;
    try {
      // Not through the stream: for a master libuv would write blocking, and one slow client would stop everything.
      return writeSync(this.#master, bytes);
    } catch (error) {
      if (codeOf(error) === 'EAGAIN') return 0;
      throw error;
    }
  }

  resume(): void {
    if (this.#open) this.#stream.resume();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    if (this.#link !== undefined) removeLink(this.#link, this.path);
    closeSync(this.#slave);
    this.#stream.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

let loadedIoctl: Promise<Ioctl> | undefined;

function loadIoctl(): Promise<Ioctl> {
  loadedIoctl ??= import('koffi').then(
    ({ default: koffi }) =>
      koffi.load(null).func('int ioctl(int fd, unsigned long request, _Inout_ uint8_t *argument)') as Ioctl,
  );
  return loadedIoctl;
}

function makeRaw(ioctl: Ioctl, master: number): void {
  const termios = Buffer.alloc(TERMIOS_BYTES);
  control(ioctl, master, TCGETS2, termios);
  termios.fill(0, 0, FLAGS_BYTES);
  termios.writeUInt32LE(RAW_CONTROL_FLAGS, CONTROL_FLAGS_AT);
  termios.writeUInt8(1, MINIMUM_AT);
  termios.writeUInt32LE(115_200, INPUT_RATE_AT);
  termios.writeUInt32LE(115_200, OUTPUT_RATE_AT);
  control(ioctl, master, TCSETS2, termios);
}

const action = 'Simulated ports need the pseudo-terminals of Linux: see that /dev/ptmx and /dev/pts are there.';

function control(ioctl: Ioctl, fd: number, request: number, argument: Buffer): void {
  if (ioctl(fd, request, argument) < 0) {
    throw new StationError('S04', `The system refused request ${request.toString(16)} on a pseudo-terminal.`, {
      action,
    });
  }
}

function openOrThrow(path: string, flags: number): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    throw new StationError('S04', `${path} cannot be opened (${String(codeOf(error))}).`, { cause: error, action });
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
