import { PAGE_BYTES } from './flash-memory.ts';
import type { Machine } from '../chip/machine.ts';
import type { Program } from '../chip/processor.ts';

/** The ROM's flash routines, which both RAM loaders call too; protocol reference §5.2, §5.5. */

const PROGRAM_BYTES = 32;

/** Waits for the flash without limit: for ever when there is none. */
export function* waitIdle({ flash }: Machine): Program {
  if (flash.absent || flash.status === 0xff) yield 'forever';
  // At any speed: an erase that was begun before the supply came takes its time.
  if (flash.busyMs > 0) yield { always: flash.busyMs };
}

export function* attach(machine: Machine): Program {
  machine.memory.attachFlashPins();
  yield* waitIdle(machine);
}

/** Clears the protection bits. */
export function* unlock(machine: Machine): Program {
  yield* writeStatus(machine, 0);
}

/** Sets BP2..0, which survives the supply. */
export function* lock(machine: Machine): Program {
  yield* writeStatus(machine, 0x1c);
}

function* writeStatus(machine: Machine, value: number): Program {
  yield* waitIdle(machine);
  machine.flash.enableWrite(true);
  machine.flash.writeStatus(value);
  yield* waitIdle(machine);
}

/** Starts an erase and does not wait for its end. */
export function* startErase(machine: Machine, unit: 'sector' | 'block' | 'chip', address: number): Program {
  yield* waitIdle(machine);
  machine.flash.enableWrite(true);
  if (unit === 'sector') machine.flash.eraseSector(address);
  else if (unit === 'block') machine.flash.eraseBlock(address);
  else machine.flash.eraseChip();
}

export function* erase(machine: Machine, unit: 'sector' | 'block' | 'chip', address: number): Program {
  yield* startErase(machine, unit, address);
  yield* waitIdle(machine);
}

/** SPIWrite: programs of 32 bytes. @returns false above the ceiling, where it does nothing */
export function* write(machine: Machine, address: number, data: Uint8Array): Program<boolean> {
  if (address + data.length > machine.memory.flashCeiling) return false;
  for (let done = 0; done < data.length;) {
    const at = address + done;
    const count = Math.min(PROGRAM_BYTES, data.length - done, PAGE_BYTES - (at % PAGE_BYTES));
    yield* waitIdle(machine);
    machine.flash.enableWrite(true);
    machine.flash.program(at, data.subarray(done, done + count));
    done += count;
  }
  yield* waitIdle(machine);
  return true;
}

/** SPIRead. @returns null above the ceiling */
export function* read(machine: Machine, address: number, length: number): Program<Uint8Array | null> {
  if (address + length > machine.memory.flashCeiling) return null;
  yield* waitIdle(machine);
  return machine.flash.read(address, length);
}
