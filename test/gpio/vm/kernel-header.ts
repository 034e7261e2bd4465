import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
  grantedFd,
  lineFlags,
  lineInfoQuery,
  lineRequest,
  readHolder,
  requests,
} from '../../../src/gpio/chardev-layout.ts';
import { loadKernelCalls } from '../../../src/gpio/kernel-calls.ts';
import type { KernelCalls } from '../../../src/gpio/kernel-calls.ts';
import type { Level } from '../line-rig.ts';

const sysfs = '/sys/class/gpio';
const otherName = 'somebody else';
const headerLines = 28;

/** The package that `onoff` brings; it has no types. */
interface Epoll {
  add(fd: number, events: number): Epoll;
  remove(fd: number): Epoll;
  close(): void;
}

const requireOnoff = createRequire(createRequire(import.meta.url).resolve('onoff'));
const { Epoll } = requireOnoff('epoll') as {
  readonly Epoll: { new (callback: () => void): Epoll; readonly EPOLLPRI: number };
};

/** The header of the virtual machine as the world around it sees it (rig/gpio-vm): every wire, by BCM number. */
export class KernelHeader {
  readonly #levels = process.env['GPIO_SIM'] ?? '';
  readonly #calls: KernelCalls;
  readonly #chip: number;

  private constructor(calls: KernelCalls) {
    this.#calls = calls;
    this.#chip = calls.open(join('/dev', process.env['GPIO_CHIP'] ?? ''));
  }

  static async open(): Promise<KernelHeader> {
    return new KernelHeader(await loadKernelCalls());
  }

  /** What resistors, buttons and modules give a line while the station does not drive it. */
  world(bcm: number, level: Level): void {
    writeFileSync(this.#file(bcm, 'pull'), level === 'high' ? 'pull-up' : 'pull-down');
  }

  /** The level on the wire. */
  level(bcm: number): Level {
    return levelIn(readFileSync(this.#file(bcm, 'value')));
  }

  /** Calls back with the level after each change; changes that follow each other fast may be told as one. */
  watch(bcm: number, listener: (level: Level) => void): Disposable {
    const fd = openSync(this.#file(bcm, 'value'), 'r');
    const buffer = Buffer.alloc(8);
    // Reading from the beginning is also what makes the kernel report the next change.
    const read = (): Level => levelIn(buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, 0)));
    read();
    const epoll = new Epoll(() => listener(read()));
    epoll.add(fd, Epoll.EPOLLPRI);
    return {
      [Symbol.dispose]: () => {
        epoll.remove(fd).close();
        closeSync(fd);
      },
    };
  }

  /** Who has a line open; null: nobody. */
  holder(bcm: number): string | null {
    const info = lineInfoQuery(bcm);
    this.#calls.ioctl(this.#chip, requests.lineInfo.number, info);
    return readHolder(info);
  }

  /** Another program takes a line. @returns its name */
  occupy(bcm: number): Disposable & { readonly name: string } {
    const fd = this.#request(bcm);
    return { name: otherName, [Symbol.dispose]: () => this.#calls.close(fd) };
  }

  /** Every line as it is after a start: an input that nobody holds. */
  forgetLines(): void {
    for (const name of existsSync(sysfs) ? readdirSync(sysfs) : []) {
      if (/^gpio\d+$/.test(name)) writeFileSync(join(sysfs, 'unexport'), name.slice('gpio'.length));
    }
    for (let bcm = 0; bcm < headerLines; bcm += 1) {
      this.#calls.close(this.#request(bcm));
      this.world(bcm, 'low');
    }
  }

  #request(bcm: number): number {
    const request = lineRequest({ offset: bcm, consumer: otherName, flags: lineFlags.input });
    this.#calls.ioctl(this.#chip, requests.getLine.number, request);
    return grantedFd(request);
  }

  #file(bcm: number, name: string): string {
    return join(this.#levels, `sim_gpio${bcm}`, name);
  }
}

function levelIn(bytes: Buffer): Level {
  return bytes.toString('latin1').trim() === '1' ? 'high' : 'low';
}
