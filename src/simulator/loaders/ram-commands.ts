import { createHash } from 'node:crypto';
import { type Exit, jumpTo, type Machine } from '../chip/machine.ts';
import type { Program } from '../chip/processor.ts';
import { ramErrors } from './ram-errors.ts';
import * as spi from '../flash/spi-routines.ts';
import { fourWords, framed, type Request, word } from '../uart/wire.ts';

/** What a command of a loader in RAM comes to, before it is put into a reply. */
export interface Result {
  readonly code: number;
  readonly value?: number;
  readonly data?: Uint8Array;
  /** How often the reply is sent; default 1. */
  readonly replies?: number;
  /** What happens behind the reply. */
  readonly after?: () => Program<Exit | undefined>;
}

/** The whole range may be larger than any array. */
const DIGEST_PIECE_BYTES = 0x10000;

export type Command = (request: Request) => Result | Program<Result>;

export const ok: Result = { code: ramErrors.none };

export function sync({ length }: Request): Result {
  return length === 36 ? { code: ramErrors.none, replies: 8 } : { code: ramErrors.length };
}

export function* readRegister(machine: Machine, { payload, length }: Request): Program<Result> {
  if (length !== 4) return { code: ramErrors.length };
  const address = word(payload, 0);
  if (!machine.memory.isWord(address)) yield* crash(machine, address);
  return { code: ramErrors.none, value: machine.memory.read32(address) };
}

export function* writeRegisters(machine: Machine, { payload, length }: Request): Program<Result> {
  if (length === 0 || length % 16 !== 0) return { code: ramErrors.length };
  for (let at = 0; at < length / 4; at += 4) {
    const [address, value, mask, delayUs] = fourWords(payload, at);
    yield delayUs / 1000;
    if (!machine.memory.isWord(address)) yield* crash(machine, address);
    const old = mask === 0xffffffff ? 0 : machine.memory.read32(address);
    machine.memory.write32(address, ((value & mask) | (old & ~mask)) >>> 0);
  }
  return ok;
}

export function memoryBegin(machine: Machine, { payload, length }: Request): Result {
  if (length !== 16) return { code: ramErrors.length };
  machine.uploaded.begin(word(payload, 3), word(payload, 0));
  return ok;
}

/** @param jumps the generation's own rule: it goes by the flag, or by the entry */
export function memoryEnd(machine: Machine, request: Request, jumps: boolean): Result {
  if (request.length !== 8) return { code: ramErrors.length };
  if (!jumps) return ok;
  return {
    code: ramErrors.none,
    after: function* () {
      yield 1;
      return jumpTo(machine, word(request.payload, 1));
    },
  };
}

/** @returns null above the ceiling of the ROM's read routine */
export function* digestOf(machine: Machine, address: number, bytes: number): Program<Uint8Array | null> {
  if (address + bytes > machine.memory.flashCeiling) return null;
  const digest = createHash('md5');
  for (let done = 0; done < bytes; done += DIGEST_PIECE_BYTES) {
    const data = yield* spi.read(machine, address + done, Math.min(DIGEST_PIECE_BYTES, bytes - done));
    if (data === null) return null;
    yield (machine.flash.timing.md5MsPerMib * data.length) / (1024 * 1024);
    digest.update(data);
  }
  return digest.digest();
}

/**
 * Streams flash to the host, which acknowledges with the number of bytes it has; then sends the digest.
 * @param inFlightBytes another block is sent while fewer bytes than this are not acknowledged
 * @returns false when the flash could not be read
 */
export function* streamFlash(machine: Machine, request: Request, inFlightBytes: number): Program<boolean> {
  const [address, total, blockBytes] = fourWords(request.payload);
  const digest = createHash('md5');
  let sent = 0;
  for (let acknowledged = 0; acknowledged < total;) {
    // Empty frames for ever, which no host takes for data.
    if (blockBytes === 0) yield 'forever';
    while (sent < total && sent - acknowledged < inFlightBytes) {
      const block = yield* spi.read(machine, address + sent, Math.min(blockBytes, total - sent));
      if (block === null) return false;
      yield (machine.flash.timing.blankCheckMs * block.length) / 0x1000;
      digest.update(block);
      sent += block.length;
      machine.send(framed(block));
    }
    const answer = yield 'frame';
    if (answer.length !== 4) break;
    const taken = word(answer, 0);
    if (taken > sent || taken < acknowledged) {
      machine.note(`READ_FLASH was acknowledged with ${taken} bytes, when ${acknowledged} to ${sent} had been sent.`);
    }
    acknowledged = taken;
  }
  machine.send(framed(digest.digest()));
  return true;
}

/** Sets the divider behind the reply; what arrives until then is lost. Protocol reference §6.4. */
export function changeBaud(machine: Machine, { payload }: Request, reference: number, settleMs: number): Result {
  const wanted = word(payload, 0);
  return {
    code: ramErrors.none,
    after: function* () {
      const { sink } = machine.uart;
      machine.uart.pause();
      yield settleMs;
      if (wanted === 0) yield 'forever';
      const divider = Math.floor((machine.uart.divider * reference) / wanted);
      machine.uart.divider = machine.faults.divider(machine.uart.clockHz / Math.max(1, divider), divider);
      if (sink !== undefined) machine.uart.open(sink);
      return undefined;
    },
  };
}

function* crash(machine: Machine, address: number): Program {
  machine.note(`Nothing is at address 0x${address.toString(16)}: the chip has crashed.`);
  yield 'forever';
}
