import { StationError } from '../foundation/faults.ts';
import { blockBytes, blockLimitMs, planBlocks } from './block-plan.ts';
import type { Block, FlashRegion } from './block-plan.ts';
import { commands } from './commands.ts';
import { refusal } from './loader-faults.ts';
import type { Loader } from './loader.ts';
import { mayResend, refusalFault } from './rom-status.ts';

/** Told while a region is written. */
export interface WriteWatch {
  /** A block has been acknowledged. */
  acknowledged(flashBytes: number, sentBytes: number): void;
  /** A block was refused for the line's sake and is sent again. */
  resent(): void;
}

const resendsAtMost = 2;
const stay = 1;
const bigFlashBytes = 8 * 1024 * 1024;

/** Erases the whole flash. @throws StationError F05 when it does not end in time, W03 when it is refused */
export async function eraseFlash(loader: Loader, flashBytes: number, signal: AbortSignal): Promise<void> {
  // A 128-Mbit part may take 200 s (protocol reference §9.2).
  const allowMs = flashBytes > bigFlashBytes ? 240_000 : 120_000;
  await loader.send(commands.eraseFlash, {}, signal, { allowMs });
}

/**
 * Writes one region through the RAM loader and waits until its last byte is in the flash. A block is sent only when
 * the one before was acknowledged.
 *
 * @throws StationError W01 … W04
 */
export async function writeRegion(
  loader: Loader,
  region: FlashRegion,
  watch: WriteWatch,
  signal: AbortSignal,
): Promise<void> {
  const { compressed, blocks } = await planBlocks(region);
  const begin = { bytes: region.data.length, blocks: blocks.length, blockBytes, offset: region.address };
  if (compressed) await loader.send(commands.flashDeflBegin, { ...begin, encrypted: 0 }, signal);
  else await loader.send(commands.flashBegin, begin, signal);
  const dataCommand = compressed ? commands.flashDeflData : commands.flashData;
  let previousFlashBytes = 0;
  for (const [sequence, block] of blocks.entries()) {
    await writeBlock(loader, dataCommand, { block, sequence, previousFlashBytes, region }, watch, signal);
    previousFlashBytes = block.flashBytes;
  }
  // The end is a barrier: it answers when the last block is in the flash, and with the error of that block.
  const end = compressed ? commands.flashDeflEnd : commands.flashEnd;
  await loader.send(end, { stay }, signal, { allowMs: blockLimitMs(previousFlashBytes) });
}

interface BlockTurn {
  readonly block: Block;
  readonly sequence: number;
  readonly previousFlashBytes: number;
  readonly region: FlashRegion;
}

async function writeBlock(
  loader: Loader,
  command: typeof commands.flashData,
  { block, sequence, previousFlashBytes, region }: BlockTurn,
  watch: WriteWatch,
  signal: AbortSignal,
): Promise<void> {
  const header = { dataBytes: block.bytes.length, sequence, unused1: 0, unused2: 0 };
  const where = `block ${sequence} of the region at 0x${region.address.toString(16)}`;
  for (let resends = 0; ; resends += 1) {
    const answer = await loader.exchange(command, header, signal, {
      data: block.bytes,
      allowMs: blockLimitMs(previousFlashBytes),
    });
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
