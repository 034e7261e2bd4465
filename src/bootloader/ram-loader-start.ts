import type { ChipDefinition } from '../chips/chip-definition.ts';
import { StationError } from '../foundation/faults.ts';
import { commands } from './commands.ts';
import { decodeReply } from './packet.ts';
import { refusal } from './loader.ts';
import type { Loader } from './loader.ts';
import type { FlashReading } from './flash-probe.ts';
import type { RamSegment, RamStub } from './ram-stub.ts';

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
    const problem = await uploadStub(loader, chip, stub, signal);
    if (problem === null) {
      await start(loader, stub.entry, signal);
      await assertAlive(loader, chip, signal);
      return upload - 1;
    }
    await loader.untilQuiet(50, 500, signal);
    await assertAlive(loader, chip, signal);
    if (upload === uploads) throw problem;
  }
}

/** The ROM refuses addresses above its own idea of the size; the RAM loader calls it (protocol reference §6.9). */
export async function tellRomFlashSize(
  loader: Loader,
  chip: ChipDefinition,
  flash: FlashReading,
  signal: AbortSignal,
): Promise<void> {
  if (flash.bytes <= chip.rom.flashCeilingBytes) return;
  const geometry = { blockBytes: 0x10000, sectorBytes: 0x1000, pageBytes: 0x100, statusMask: 0xffff };
  // A ROM that cannot do it is found out by the first write above its ceiling.
  await loader.exchange(commands.spiSetParams, { id: 0, flashBytes: flash.bytes, ...geometry }, signal);
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

/** The answer to the start may be lost in the jump, so only the greeting counts. */
async function start(loader: Loader, entry: number, signal: AbortSignal): Promise<void> {
  await loader.post(commands.memEnd, { stay: 0, entry }, signal);
  const end = loader.clock.monotonic() + greetingLimitMs;
  for (;;) {
    const frame = await loader.frame(Math.max(1, end - loader.clock.monotonic()), signal);
    if (frame === null) throw new StationError('F06', 'The RAM loader did not greet after its start.');
    if (Buffer.compare(frame, greeting) === 0) return;
    const reply = decodeReply(frame);
    if (reply?.opcode === commands.memEnd.opcode && reply.status !== 0) throw refusal(commands.memEnd, reply);
  }
}

async function assertAlive(loader: Loader, chip: ChipDefinition, signal: AbortSignal): Promise<void> {
  await loader.readRegister(chip.registers.detect, signal);
}

function noAnswer(name: string): StationError {
  return new StationError('F06', `The module did not answer ${name}.`);
}
