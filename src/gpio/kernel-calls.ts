import { closeSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { getSystemErrorName } from 'node:util';
import { StationError } from '../foundation/faults.ts';

/** What the driver of the character device needs of the kernel. Errors carry its name for them as `code`. */
export interface KernelCalls {
  /** Opens a device for reading and writing. @returns its descriptor */
  open(path: string): number;
  close(fd: number): void;
  /** The kernel reads the structure and fills it in place. */
  ioctl(fd: number, request: number, structure: Buffer): void;
  /** Never waits. @returns how many bytes were there */
  read(fd: number, into: Buffer): number;
  /** Calls back while bytes wait; keeps the process alive until it is taken off, which comes before `close`. */
  onReadable(fd: number, listener: () => void): Disposable;
}

type Ioctl = (fd: number, request: number, argument: Buffer) => number;

/** The package `epoll`, which brings no types. */
interface EpollPackage {
  readonly Epoll: {
    new (callback: (error: Error | null) => void): Epoll;
    readonly EPOLLIN: number;
  };
}

interface Epoll {
  add(fd: number, events: number): Epoll;
  remove(fd: number): Epoll;
  close(): void;
}

/** asm-generic/ioctls.h: any descriptor, so also that of a line, answers at once instead of waiting. */
const FIONBIO = 0x5421;

/** @throws StationError S03 when a native module cannot be loaded */
export async function loadKernelCalls(load: () => Promise<NativeParts> = loadNative): Promise<KernelCalls> {
  let native: NativeParts;
  try {
    native = await load();
  } catch (error) {
    throw new StationError('S03', 'The modules koffi and epoll cannot be loaded: run npm rebuild.', { cause: error });
  }
  return new LinuxCalls(native);
}

export interface NativeParts {
  readonly ioctl: Ioctl;
  /** The error number of the last call. */
  readonly errno: () => number;
  readonly Epoll: EpollPackage['Epoll'];
}

class LinuxCalls implements KernelCalls {
  readonly #native: NativeParts;

  constructor(native: NativeParts) {
    this.#native = native;
  }

  open(path: string): number {
    return openSync(path, 'r+');
  }

  close(fd: number): void {
    closeSync(fd);
  }

  ioctl(fd: number, request: number, structure: Buffer): void {
    if (this.#native.ioctl(fd, request, structure) >= 0) return;
    const code = getSystemErrorName(-this.#native.errno());
    throw Object.assign(new Error(`${code}, ioctl ${request.toString(16)}`), { code });
  }

  read(fd: number, into: Buffer): number {
    try {
      return readSync(fd, into);
    } catch (error) {
      if (codeOf(error) === 'EAGAIN') return 0;
      throw error;
    }
  }

  onReadable(fd: number, listener: () => void): Disposable {
    const { Epoll } = this.#native;
    const yes = Buffer.alloc(4);
    yes.writeInt32LE(1);
    this.ioctl(fd, FIONBIO, yes);
    let watching = true;
    const epoll = new Epoll(() => {
      if (watching) listener();
    });
    epoll.add(fd, Epoll.EPOLLIN);
    return {
      [Symbol.dispose]: () => {
        if (!watching) return;
        watching = false;
        epoll.remove(fd).close();
      },
    };
  }
}

/** The kernel's name for what went wrong, as in EBUSY. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

async function loadNative(): Promise<NativeParts> {
  const { default: koffi } = await import('koffi');
  const ioctl = koffi.load(null).func('int ioctl(int fd, unsigned long request, _Inout_ uint8_t *argument)') as Ioctl;
  // The one that onoff brings: both drivers then share its only thread.
  const requireHere = createRequire(import.meta.url);
  const { Epoll } = createRequire(requireHere.resolve('onoff'))('epoll') as EpollPackage;
  return { ioctl, errno: () => koffi.errno(), Epoll };
}
