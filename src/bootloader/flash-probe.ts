import type { ChipDefinition } from '../chips/chip-definition.ts';
import { flashBytesFromId, flashIdText, isPlausibleFlashId } from '../chips/flash-id.ts';
import { hexNumber } from '../foundation/bytes.ts';
import { StationError } from '../foundation/faults.ts';
import type { Loader } from './loader.ts';
import { flashInstruction, SpiFlash } from './spi-flash.ts';

export interface FlashReading {
  /** JEDEC id as read: maker in the low byte. */
  readonly id: number;
  readonly bytes: number;
  /** Protection bits are set. */
  readonly isLocked: boolean;
}

const busy = 0x01;
const protection = 0x1c;
const absent = 0xff;
const pollMs = 20;
// An erase that was cut off runs on inside the flash; a whole chip takes this long (protocol reference §1.5.1, §9.2).
const busyLimitMs = 60_000;
const clearLimitMs = 500;

/**
 * Finds the flash without a command that could wait for it for ever (protocol reference §4.6.1, §5.2) and waits while it
 * is busy. Changes nothing in it.
 *
 * @throws StationError F01 without a usable answer, F05 when it stays busy, C04, C06
 */
export async function probeFlash(loader: Loader, chip: ChipDefinition, signal: AbortSignal): Promise<FlashReading> {
  const flash = new SpiFlash(loader, chip);
  await flash.attach(signal);
  const id = await findId(loader, flash, signal);
  const status = await waitReady(loader, flash, signal);
  if (status === absent) throw new StationError('F01', 'The flash gave its id and then fell silent.');
  const bytes = flashBytesFromId(id);
  if (bytes === null) throw new StationError('F01', `The flash id ${flashIdText(id)} names no known size.`);
  return { id, bytes, isLocked: await isSurelyLocked(loader, flash, status, signal) };
}

/** Taking the protection off is for good, so one reading does not decide it. */
async function isSurelyLocked(loader: Loader, flash: SpiFlash, status: number, signal: AbortSignal): Promise<boolean> {
  if ((status & protection) === 0) return false;
  const again = await flash.readStatus(signal);
  if (again === status) return true;
  loader.countRepeat();
  return ((await flash.readStatus(signal)) & protection) !== 0;
}

async function findId(loader: Loader, flash: SpiFlash, signal: AbortSignal): Promise<number> {
  let id = await flash.readId(signal);
  if (isPlausibleFlashId(id)) return id;
  await waitReady(loader, flash, signal);
  await flash.instruct(flashInstruction.wake, 0, signal);
  id = await readIdAnyWay(flash, signal);
  if (isPlausibleFlashId(id)) return id;
  throw new StationError('F01', `The flash id reads ${hexNumber(id, 6)}.`);
}

/** By the controller's own command, and where that gives nothing by an instruction. */
async function readIdAnyWay(flash: SpiFlash, signal: AbortSignal): Promise<number> {
  const id = await flash.readId(signal);
  if (isPlausibleFlashId(id)) return id;
  return (await flash.instruct(flashInstruction.readId, 24, signal)) & 0xffffff;
}

/** A flash that reads 0xff is absent, not busy. @returns its status register */
async function waitReady(loader: Loader, flash: SpiFlash, signal: AbortSignal): Promise<number> {
  const end = loader.clock.monotonic() + busyLimitMs;
  for (;;) {
    const status = await flash.readStatus(signal);
    if (status === absent || (status & busy) === 0) return status;
    if (loader.clock.monotonic() > end) throw new StationError('F05', 'The flash stays busy with an earlier erase.');
    await loader.clock.sleep(pollMs, signal);
  }
}

/**
 * Clears the protection bits, which stay cleared for good: they would let the flash ignore every write without an error
 * (protocol reference §6.7).
 *
 * @throws StationError F04 when they stay set, C04, C06
 */
export async function unlockFlash(loader: Loader, chip: ChipDefinition, signal: AbortSignal): Promise<void> {
  const flash = new SpiFlash(loader, chip);
  let status = protection;
  // Register writes have no checksum: one that was damaged on its way looks like a flash that refuses.
  for (let attempt = 0; attempt < 2 && (status & protection) !== 0; attempt += 1) {
    if (attempt > 0) loader.countRepeat();
    await flash.clearStatus(signal);
    status = await settledStatus(loader, flash, signal);
  }
  if ((status & protection) === 0) return;
  throw new StationError('F04', `The status register of the flash stays at ${hexNumber(status, 2)}.`);
}

async function settledStatus(loader: Loader, flash: SpiFlash, signal: AbortSignal): Promise<number> {
  const end = loader.clock.monotonic() + clearLimitMs;
  let status = await flash.readStatus(signal);
  while ((status & busy) !== 0 && loader.clock.monotonic() < end) {
    await loader.clock.sleep(pollMs, signal);
    status = await flash.readStatus(signal);
  }
  return status;
}
