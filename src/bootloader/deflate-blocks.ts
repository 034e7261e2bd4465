import { createInflate, deflate } from 'node:zlib';
import { promisify } from 'node:util';

/** One data packet of a write. */
export interface Block {
  /** As sent. */
  readonly bytes: Uint8Array;
  /** Bytes of flash that it fills. */
  readonly flashBytes: number;
}

/** The RAM loader's block (protocol reference §3); smaller ones are slower (§6.10). */
export const blockBytes = 0x4000;

// A block that fills more of the flash than this is split: a slow flash would keep it past any time limit.
const mostFlashBytes = 1_048_576;
// Deflate shrinks to 1/1032 at best, so no piece of this size fills more than a block may.
const pieceBytes = 256;
const shortestTapered = 0x2000;
const compress = promisify(deflate);

/** The bytes as they are, in blocks. */
export function rawBlocks(data: Uint8Array): readonly Block[] {
  return tapered(cut(data, blockBytes)).map((bytes) => ({ bytes, flashBytes: bytes.length }));
}

/** The bytes as one zlib stream of level 9, in blocks (protocol reference §6.6). */
export async function deflateBlocks(data: Uint8Array): Promise<readonly Block[]> {
  const stream = await compress(data, { level: 9 });
  const blocks = await inflatedSizes(tapered(cut(stream, blockBytes)));
  if (blocks.every(({ flashBytes }) => flashBytes <= mostFlashBytes)) return blocks;
  return joined(stream, await inflatedSizes(cut(stream, pieceBytes)));
}

/** Bytes that the blocks put on the line, without headers and escapes. */
export function sentBytes(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) blocks.push(bytes.subarray(at, at + size));
  return blocks;
}

/**
 * The pieces with the last one cut into smaller and smaller ones. What follows the stream waits until its last block is in
 * the flash, and a shorter block is there sooner. Each still takes longer on the line than the one before takes in the
 * flash, up to about 1 Mbaud.
 */
function tapered(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  const last = pieces.at(-1);
  if (last === undefined || last.length < shortestTapered) return pieces;
  const [first, second] = [10, 14].map((sixteenths) => Math.floor((last.length * sixteenths) / 64) * 4);
  return [...pieces.slice(0, -1), last.subarray(0, first), last.subarray(first, second), last.subarray(second)];
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
