import type { Block } from './deflate-blocks.ts';

/** What the time of a write depends on besides its blocks. */
export interface WriteConditions {
  /** Rate of the link, baud. */
  readonly baud: number;
  /** The whole flash has just been erased. */
  readonly erased: boolean;
}

// Measured with a used 32-Mbit part (protocol reference §6.10): programming 3.5 s and inflating 2 s for 1 MiB.
const programMsPerByte = 3_500 / 1_048_576;
const inflateMsPerByte = 2_000 / 1_048_576;
const eraseMs = 150;
const eraseBytes = 65_536;
// Header, checksum, delimiters and the answer; then the time that loader and host take to answer.
const packetBytes = 38;
const latencyMs = 3;
const escapeGrowth = 1.0078;
const bitsPerByte = 10;

/**
 * How long a stream of blocks takes, each sent after the acknowledgement of the one before, ms. The loader writes one
 * block while it receives the next, and starts one erase with each block as long as there is something left to erase
 * (protocol reference §6.5, §6.10). Good enough to choose between two ways of sending the same bytes.
 */
export function estimateWriteMs(
  blocks: readonly Block[],
  compressed: boolean,
  { baud, erased }: WriteConditions,
): number {
  const flashBytes = blocks.reduce((sum, block) => sum + block.flashBytes, 0);
  let erases = erased ? 0 : Math.ceil(flashBytes / eraseBytes) - 1;
  let acknowledgedMs = 0;
  let loaderFreeMs = 0;
  for (const block of blocks) {
    const wireMs = ((block.bytes.length * escapeGrowth + packetBytes) * bitsPerByte * 1_000) / baud;
    acknowledgedMs = Math.max(acknowledgedMs + wireMs, loaderFreeMs) + latencyMs;
    const inflateMs = compressed ? block.flashBytes * inflateMsPerByte : 0;
    const startsErase = erases > 0;
    if (startsErase) erases -= 1;
    loaderFreeMs =
      acknowledgedMs + Math.max(inflateMs, startsErase ? eraseMs : 0) + block.flashBytes * programMsPerByte;
  }
  return loaderFreeMs;
}
