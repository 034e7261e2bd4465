import { createInflate } from 'node:zlib';
import { scaledMs } from './commands.ts';

/** What the writer needs of a region; every time the same object for the same bytes. */
export interface FlashRegion {
  /** Flash address in bytes, a multiple of 4096. */
  readonly address: number;
  readonly data: Uint8Array;
  /** MD5 of `data`, lower-case hexadecimal. */
  readonly md5: string;
  /** `data` as one zlib stream. */
  readonly compressed: Uint8Array;
}

export interface Block {
  /** As sent. */
  readonly bytes: Uint8Array;
  /** Bytes of flash that it fills. */
  readonly flashBytes: number;
}

export interface BlockPlan {
  readonly compressed: boolean;
  readonly blocks: readonly Block[];
}

/** The RAM loader's block (protocol reference §3). */
export const blockBytes = 0x4000;

// A block that fills more of the flash than this is split: a slow flash would keep it past any time limit.
const mostFlashBytes = 1_048_576;
// Deflate shrinks to 1/1032 at best, so no piece of this size fills more than a block may.
const pieceBytes = 256;
const stepBytes = 32_768;
const eraseBytes = 65_536;
const plans = new WeakMap<FlashRegion, Promise<BlockPlan>>();

/** The blocks of a region, compressed when that is shorter. Made once per region, however many nests write it. */
export function planBlocks(region: FlashRegion): Promise<BlockPlan> {
  let plan = plans.get(region);
  if (plan === undefined) {
    plan = makePlan(region);
    plans.set(region, plan);
  }
  return plan;
}

async function makePlan({ data, compressed }: FlashRegion): Promise<BlockPlan> {
  if (compressed.length >= data.length) {
    return { compressed: false, blocks: cut(data, blockBytes).map((bytes) => ({ bytes, flashBytes: bytes.length })) };
  }
  const blocks = await inflatedSizes(cut(compressed, blockBytes));
  if (blocks.every(({ flashBytes }) => flashBytes <= mostFlashBytes)) return { compressed: true, blocks };
  return { compressed: true, blocks: joined(compressed, await inflatedSizes(cut(compressed, pieceBytes))) };
}

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) blocks.push(bytes.subarray(at, at + size));
  return blocks;
}

/** Neighbouring pieces of the stream as blocks, each as long as both limits allow. */
function joined(stream: Uint8Array, pieces: readonly Block[]): Block[] {
  const blocks: Block[] = [];
  let start = 0;
  let end = 0;
  let flashBytes = 0;
  const close = (): void => {
    if (end > start) blocks.push({ bytes: stream.subarray(start, end), flashBytes });
    start = end;
    flashBytes = 0;
  };
  for (const piece of pieces) {
    const tooLong = end + piece.bytes.length - start > blockBytes;
    if (tooLong || flashBytes + piece.flashBytes > mostFlashBytes) close();
    end += piece.bytes.length;
    flashBytes += piece.flashBytes;
  }
  close();
  return blocks;
}

/** How much of the flash each piece of the stream fills. */
async function inflatedSizes(pieces: readonly Uint8Array[]): Promise<Block[]> {
  const inflate = createInflate();
  let inflated = 0;
  inflate.on('data', (chunk: Buffer) => {
    inflated += chunk.length;
  });
  const blocks: Block[] = [];
  for (const bytes of pieces) {
    const before = inflated;
    await new Promise<void>((resolve, reject) => {
      inflate.once('error', reject);
      inflate.write(bytes, () => {
        inflate.off('error', reject);
        resolve();
      });
    });
    blocks.push({ bytes, flashBytes: inflated - before });
  }
  inflate.destroy();
  return blocks;
}

/**
 * How long the acknowledgement of a block may take. The loader acknowledges before it writes, so the wait covers the
 * block before: its flash bytes and the erases they may need (protocol reference §6.5).
 */
export function blockLimitMs(previousFlashBytes: number): number {
  const erased = (Math.ceil(previousFlashBytes / stepBytes) + 1) * eraseBytes;
  return scaledMs(40, previousFlashBytes + erased);
}
