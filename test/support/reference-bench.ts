import { expect } from 'vitest';
import { esp8266 } from '../../src/chips/esp8266.ts';
import type { FaultCode } from '../../src/foundation/faults.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import type { OpenSerialLink, SerialLink } from '../../src/serial/serial-link.ts';
import { Loader } from '../../src/bootloader/loader.ts';
import type { Job } from '../../src/firmware/job.ts';
import type { ModuleTarget, SessionParts } from '../../src/nest/session/use-module.ts';
import type { SimulatedChip } from '../../src/simulator/chip/chip.ts';
import { holdsJob, noLeaks, VirtualBench } from './virtual-bench.ts';
import type { VirtualModule, VirtualRun, VirtualRunOptions } from './virtual-bench.ts';
import { driveVirtualTime } from './virtual-time.ts';
import { WireTap } from './wire-tap.ts';
import type { SentRequest } from './wire-tap.ts';

/** Opcodes by their names in the protocol reference §3. */
export const op = {
  flashBegin: 0x02,
  flashData: 0x03,
  flashEnd: 0x04,
  memBegin: 0x05,
  memEnd: 0x06,
  memData: 0x07,
  sync: 0x08,
  writeReg: 0x09,
  readReg: 0x0a,
  spiSetParams: 0x0b,
  changeBaudrate: 0x0f,
  deflBegin: 0x10,
  deflData: 0x11,
  deflEnd: 0x12,
  md5: 0x13,
  eraseFlash: 0xd0,
  eraseRegion: 0xd1,
  readFlash: 0xd2,
} as const;

/** What a module says that died in the middle of a block and is asked whether it still answers. */
export const askedTheDead = /^A frame was sent before the reply to the one before and is lost\.$/;
/** What a module says that had a stray delimiter before a request. */
export const strayDelimiter = /^An empty frame was sent: there is a delimiter too many\.$/;
/** What a module says that had one and then heard requests at other rates than its own. */
export const wrongRates = /^(Request 0x\w+ says|Loader v2 refused request|The escape in a frame)/;

/** Opcodes that put data into RAM or flash, or erase it. */
export const changing: ReadonlySet<number> = new Set([0x02, 0x03, 0x10, 0x11, 0xd0, 0xd1]);

const known: ReadonlySet<number> = new Set(Object.values(op));
const withData: ReadonlySet<number> = new Set([op.memData, op.flashData, op.deflData]);

/**
 * One nest in virtual time whose wire is written down. After every session it is checked that the host has sent nothing
 * that the protocol reference §2 to §6 forbids, and that it has left nothing behind.
 */
export class ReferenceBench {
  readonly bench = new VirtualBench();
  readonly wire = new WireTap(() => this.bench.clock.monotonic());
  #chip: SimulatedChip | null = null;

  constructor(module: VirtualModule = {}) {
    const socket: { open: OpenSerialLink } = this.bench.socket;
    socket.open = this.wire.onPort(socket.open);
    this.wire.onLine('rst', this.bench.socket.rst);
    this.wire.onLine('gpio0', this.bench.socket.gpio0);
    this.#chip = this.bench.insert(module);
  }

  get chip(): SimulatedChip {
    if (this.#chip === null) throw new Error('The nest is empty.');
    return this.#chip;
  }

  /**
   * One session, checked.
   * @param excused what the module may say against the host because it is itself to blame
   */
  async session(job: Job, options: VirtualRunOptions = {}, excused: readonly RegExp[] = []): Promise<VirtualRun> {
    await VirtualBench.prepare(job);
    const run = await this.bench.run(job, options);
    this.assertAllowed(excused);
    expect(run.leaks).toEqual(noLeaks);
    return run;
  }

  /** Talks to the loader that runs in the module; checked as a session. */
  async talk<T>(
    baud: number,
    work: (loader: Loader, signal: AbortSignal) => Promise<T>,
    excused: readonly RegExp[] = [],
  ): Promise<T> {
    const { clock, socket } = this.bench;
    const { signal } = new AbortController();
    const link: SerialLink = await socket.open(socket.portPath, baud, signal);
    // A module that has just got its supply is starting.
    await clock.elapse(50);
    try {
      return await driveVirtualTime(clock, work(new Loader(link, clock, silentLogger()), signal), 600_000);
    } finally {
      await link[Symbol.asyncDispose]();
      this.assertAllowed(excused);
    }
  }

  /** Other work on the module than a session; checked as one. */
  async work<T>(begin: (parts: SessionParts, target: ModuleTarget, signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, socket } = this.bench;
    const parts = { openLink: socket.open, clock, log: silentLogger() };
    const reset = { kind: 'lines', rst: socket.rst, gpio0: socket.gpio0 } as const;
    const target = { port: socket.portPath, baud: 921_600, reset, chip: esp8266 };
    const result = await driveVirtualTime(clock, begin(parts, target, new AbortController().signal), 600_000);
    this.assertAllowed();
    return result;
  }

  /** What the simulated module says against the host, and what can be seen on the wire itself. */
  assertAllowed(excused: readonly RegExp[] = []): void {
    expect(this.chip.violations.filter((violation) => !excused.some((what) => what.test(violation)))).toEqual([]);
    for (const event of this.wire.events) {
      if (event.kind === 'request') assertRequest(event);
      // §2.1: a way out of a frame, or the four bytes of §6.8 as a frame of their own.
      if (event.kind === 'bytes') {
        const isAcknowledgement = event.wire[0] === 0xc0 && event.wire.at(-1) === 0xc0 && event.wire.length >= 6;
        if (!isAcknowledgement) expect([...event.wire]).toEqual([0xdb, 0x00]);
      }
    }
  }
}

/** One session on one module, which has to pass and to leave the job in the flash. */
export async function passed(module: VirtualModule, job: Job, options: VirtualRunOptions = {}) {
  const nest = new ReferenceBench(module);
  const { report, ms } = await nest.session(job, options);
  expect(report).toMatchObject({ outcome: 'PASS', code: null });
  expect(holdsJob(nest.chip, job)).toBe(true);
  return { nest, wire: nest.wire, chip: nest.chip, report, ms };
}

/** One session on one module, which has to end with this code. */
export async function failed(code: FaultCode, module: VirtualModule, job: Job, options: VirtualRunOptions = {}) {
  const nest = new ReferenceBench(module);
  const { report, ms } = await nest.session(job, options);
  expect(report).toMatchObject({ code });
  return { nest, wire: nest.wire, chip: nest.chip, report, ms };
}

/** §2.1, §2.2, §2.3, §3. */
function assertRequest(request: SentRequest): void {
  const { opcode, wire } = request;
  expect([...wire].filter((byte) => byte === 0xc0)).toHaveLength(2);
  expect(request.direction).toBe(0);
  expect(known).toContain(opcode);
  expect(request.length).toBe(request.payload.length);
  if (!withData.has(opcode)) {
    expect(request.checksum).toBe(0);
    return;
  }
  const data = request.payload.subarray(16);
  expect(request.word(0)).toBe(data.length);
  expect([request.word(2), request.word(3)]).toEqual([0, 0]);
  expect(request.checksum).toBe(data.reduce((sum, byte) => sum ^ byte, 0xef));
}
