import type { ChipDefinition } from '../chips/chip-definition.ts';
import type { ValuesOf } from '../foundation/byte-fields.ts';
import { StationError } from '../foundation/faults.ts';
import { commands } from './commands.ts';
import { decodeReply } from './packet.ts';
import { refusal } from './loader-faults.ts';
import type { Loader } from './loader.ts';
import type { FlashReading } from './flash-probe.ts';
import type { RamSegment, RamStub } from './ram-stub.ts';
import { ramLoaderMark, synchronise } from './synchronise.ts';
import { writeRegisters } from './registers.ts';

const greeting = Uint8Array.of(0x4f, 0x48, 0x41, 0x49);
const greetingLimitMs = 3_000;
const uploads = 2;

/**
 * Uploads the RAM loader and waits for its greeting. The ROM takes no block twice, so a failed upload starts again
 * from the beginning, once (protocol reference §3.2, §6.2).
 *
 * @returns how many uploads had to be repeated
 * @throws StationError F06 when it does not arrive or start: only a reset helps then; C06 when the module is silent
 */
export async function startRamLoader(
  loader: Loader,
  chip: ChipDefinition,
  stub: RamStub,
  signal: AbortSignal,
): Promise<number> {
  for (let upload = 1; ; upload += 1) {
    const problem = (await uploadStub(loader, chip, stub, signal)) ?? (await start(loader, stub.entry, signal));
    if (problem === null) {
      await assertAlive(loader, chip, signal);
      return upload - 1;
    }
    await loader.untilQuiet(50, 500, signal);
    await assertAlive(loader, chip, signal);
    if (upload === uploads) throw problem;
  }
}

/**
 * The ROM refuses addresses above its own idea of the size; the RAM loader calls it (protocol reference §6.9).
 *
 * @returns whether the ROM knows the size now
 */
export async function tellRomFlashSize(
  loader: Loader,
  chip: ChipDefinition,
  flash: FlashReading,
  signal: AbortSignal,
): Promise<boolean> {
  if (flash.bytes <= chip.rom.flashCeilingBytes) return true;
  const answer = await loader.exchange(commands.spiSetParams, geometryOf(flash), signal);
  return answer.kind === 'done';
}

/**
 * The same while the RAM loader runs: one generation hands the size on to the ROM, the other keeps it to itself, so the
 * ROM's record is corrected where it still holds the default (protocol reference §3.7, §6.9).
 */
export async function tellRamLoaderFlashSize(
  loader: Loader,
  chip: ChipDefinition,
  flash: FlashReading,
  signal: AbortSignal,
): Promise<void> {
  const { flashCeilingBytes, flashRecord } = chip.rom;
  if (flash.bytes <= flashCeilingBytes) return;
  await loader.exchange(commands.spiSetParams, geometryOf(flash), signal);
  const record = await loader.readRegister(flashRecord.pointer, signal);
  const sizeWord = record + 4;
  if (record % 4 !== 0 || record < flashRecord.ramStart || sizeWord >= flashRecord.ramEnd) return;
  const known = await loader.readRegister(sizeWord, signal);
  if (known === flashCeilingBytes) {
    await writeRegisters(loader, [{ address: sizeWord, value: flash.bytes }], signal);
  }
}

function geometryOf({ bytes }: FlashReading): ValuesOf<typeof commands.spiSetParams.request> {
  return { id: 0, flashBytes: bytes, blockBytes: 0x10000, sectorBytes: 0x1000, pageBytes: 0x100, statusMask: 0xffff };
}

/** @returns what went wrong, or null */
async function uploadStub(
  loader: Loader,
  chip: ChipDefinition,
  stub: RamStub,
  signal: AbortSignal,
): Promise<StationError | null> {
  return (
    (await uploadSegment(loader, chip, stub.text, signal)) ?? (await uploadSegment(loader, chip, stub.data, signal))
  );
}

async function uploadSegment(
  loader: Loader,
  chip: ChipDefinition,
  { address, bytes }: RamSegment,
  signal: AbortSignal,
): Promise<StationError | null> {
  const blockBytes = chip.rom.memoryBlockBytes;
  const blocks = Math.ceil(bytes.length / blockBytes);
  const begin = { bytes: bytes.length, blocks, blockBytes, offset: address };
  const begun = await loader.exchange(commands.memBegin, begin, signal);
  if (begun.kind === 'refused') return refusal(commands.memBegin, begun.reply);
  if (begun.kind === 'silent') return noAnswer(commands.memBegin.name);
  for (let sequence = 0; sequence < blocks; sequence += 1) {
    const data = bytes.subarray(sequence * blockBytes, (sequence + 1) * blockBytes);
    const header = { dataBytes: data.length, sequence, unused1: 0, unused2: 0 };
    const taken = await loader.exchange(commands.memData, header, signal, { data });
    if (taken.kind === 'refused') return refusal(commands.memData, taken.reply);
    if (taken.kind === 'silent') return noAnswer(commands.memData.name);
  }
  return null;
}

/**
 * The answer to the start may be lost in the jump, so only the greeting counts; where that is lost, who answers then.
 *
 * @returns what went wrong in a ROM that still listens, or null
 * @throws StationError F06 when nobody answers
 */
async function start(loader: Loader, entry: number, signal: AbortSignal): Promise<StationError | null> {
  await loader.post(commands.memEnd, { stay: 0, entry }, signal);
  const end = loader.clock.monotonic() + greetingLimitMs;
  for (;;) {
    const frame = await loader.frame(Math.max(1, end - loader.clock.monotonic()), signal);
    if (frame === null) return whoAnswers(loader, signal);
    if (Buffer.compare(frame, greeting) === 0) return null;
    const reply = decodeReply(frame);
    if (reply?.opcode === commands.memEnd.opcode && reply.status !== 0) return refusal(commands.memEnd, reply);
  }
}

async function whoAnswers(loader: Loader, signal: AbortSignal): Promise<StationError | null> {
  await loader.leaveFrame(signal);
  const mark = await synchronise(loader, { tries: 3, firstMs: 50, answerMs: 100 }, signal);
  if (mark === ramLoaderMark) return null;
  const problem = new StationError('F06', 'The RAM loader did not greet after its start.');
  if (mark === null) throw problem;
  return problem;
}

async function assertAlive(loader: Loader, chip: ChipDefinition, signal: AbortSignal): Promise<void> {
  await loader.readRegister(chip.registers.detect, signal);
}

function noAnswer(name: string): StationError {
  return new StationError('F06', `The module did not answer ${name}.`);
}
