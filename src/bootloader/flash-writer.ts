import { hexNumber } from '../foundation/bytes.ts';
import { StationError } from '../foundation/faults.ts';
import { commands, scaledMs } from './commands.ts';
import { blockBytes, sentBytes } from './deflate-blocks.ts';
import { refusal, silence } from './loader-faults.ts';
import type { Loader } from './loader.ts';
import { isOfDamage, mayResend, refusalFault } from './rom-status.ts';
import { dataCommand, dataHeader, streamOf } from './write-plan.ts';
import type { EraseStep, PlanStep, WriteStep } from './write-plan.ts';

/** Told while a region is written. */
export interface WriteWatch {
  /** A block has been acknowledged. */
  acknowledged(flashBytes: number, sentBytes: number): void;
  /** A block was refused for the line's sake and is sent again. */
  resent(): void;
}

const resendsAtMost = 2;
const stay = 1;
const stepBytes = 32_768;
const eraseBytes = 65_536;

/** Erases the whole flash. @throws StationError F05 when it does not end in time, W03 when it is refused */
export async function eraseFlash(loader: Loader, flashBytes: number, signal: AbortSignal): Promise<void> {
  // A worn part of 4 MB takes 50 s, one of 16 MB 200 s (protocol reference §9.2).
  const allowMs = scaledMs(30, flashBytes);
  const answer = await loader.exchange(commands.eraseFlash, {}, signal, { allowMs });
  if (answer.kind === 'done') return;
  // Silence has lasted long enough; a refusal may be the line's.
  if (answer.kind === 'silent') throw silence(commands.eraseFlash);
  if (!isOfDamage(answer.reply)) throw refusal(commands.eraseFlash, answer.reply);
  loader.countRepeat();
  await loader.leaveFrame(signal);
  await loader.send(commands.eraseFlash, {}, signal, { allowMs });
}

/**
 * Brings one region into the flash through the RAM loader and waits until its last byte is there. A block is sent only
 * when the one before was acknowledged.
 *
 * @throws StationError W01 … W04, F05
 */
export async function writeRegion(
  loader: Loader,
  steps: readonly PlanStep[],
  watch: WriteWatch,
  signal: AbortSignal,
): Promise<void> {
  for (const step of steps) {
    if (step.kind === 'write') {
      await writeStream(loader, step, watch, signal);
      continue;
    }
    await leaveBlank(loader, step, watch, signal);
    watch.acknowledged(step.bytes, 0);
  }
}

/**
 * Erases without sending anything. The RAM loader gives up after 120 ms a sector, less than a worn flash may take
 * (protocol reference §3.10, §9.2); in a write it waits as long as it takes.
 */
async function leaveBlank(loader: Loader, step: EraseStep, watch: WriteWatch, signal: AbortSignal): Promise<void> {
  const { address, bytes } = step;
  const answer = await loader.exchange(commands.eraseRegion, { address, bytes }, signal);
  if (answer.kind === 'done') return;
  if (answer.kind === 'silent') throw silence(commands.eraseRegion);
  const blank = await streamOf(address, new Uint8Array(bytes).fill(0xff), { baud: loader.link.baud, erased: false });
  const quiet = { acknowledged: () => undefined, resent: () => watch.resent() };
  await writeStream(loader, blank, quiet, signal);
}

async function writeStream(loader: Loader, step: WriteStep, watch: WriteWatch, signal: AbortSignal): Promise<void> {
  const { compressed, blocks } = step;
  // The loader multiplies both: at least as many bytes as are sent (protocol reference §6.6).
  const fullBlocks = Math.ceil(sentBytes(blocks) / blockBytes);
  const begin = { bytes: step.bytes, blocks: fullBlocks, blockBytes, offset: step.address };
  if (compressed) await loader.send(commands.flashDeflBegin, { ...begin, encrypted: 0 }, signal);
  else await loader.send(commands.flashBegin, begin, signal);
  let previousFlashBytes = 0;
  for (const [sequence, block] of blocks.entries()) {
    await writeBlock(loader, step, sequence, blockLimitMs(previousFlashBytes), watch, signal);
    previousFlashBytes = block.flashBytes;
  }
  // The end is a barrier: it answers when the last block is in the flash, and with the error of that block.
  const end = compressed ? commands.flashDeflEnd : commands.flashEnd;
  await loader.send(end, { stay }, signal, { allowMs: blockLimitMs(previousFlashBytes) });
}

async function writeBlock(
  loader: Loader,
  { address, compressed, blocks, frames }: WriteStep,
  sequence: number,
  allowMs: number,
  watch: WriteWatch,
  signal: AbortSignal,
): Promise<void> {
  const [block, frame] = [blocks[sequence], frames[sequence]];
  if (block === undefined || frame === undefined) throw new Error(`A stream has no block ${sequence}.`);
  const command = dataCommand(compressed);
  const where = `block ${sequence} of the write at ${hexNumber(address)}`;
  for (let resends = 0; ; resends += 1) {
    const answer = await loader.exchange(command, dataHeader(block.bytes, sequence), signal, { frame, allowMs });
    if (answer.kind === 'done') {
      watch.acknowledged(block.flashBytes, block.bytes.length);
      return;
    }
    if (answer.kind === 'silent') throw new StationError('W02', `The module did not answer ${where}.`);
    const { reply } = answer;
    // Other errors belong to the block before, which was acknowledged and is lost (protocol reference §6.5).
    if (!mayResend(reply) || resends === resendsAtMost) {
      const code = refusalFault(command.step, reply);
      throw new StationError(code, `At ${where}: ${refusal(command, reply).detail}`);
    }
    watch.resent();
    // A byte that turned into a delimiter leaves a RAM loader in the middle of a frame (protocol reference §2.1).
    await loader.leaveFrame(signal);
  }
}

/**
 * How long the acknowledgement of a block may take. The loader acknowledges before it writes, so the wait covers the
 * block before: its flash bytes and the erases they may need (protocol reference §6.5).
 */
export function blockLimitMs(previousFlashBytes: number): number {
  const erased = (Math.ceil(previousFlashBytes / stepBytes) + 1) * eraseBytes;
  return scaledMs(40, previousFlashBytes + erased);
}
