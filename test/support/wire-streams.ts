import { concatBytes } from '../../src/foundation/bytes.ts';
import { op } from './reference-bench.ts';
import type { SentRequest, WireTap } from './wire-tap.ts';

/** The requests of one write. */
export interface Stream {
  readonly begin: SentRequest;
  readonly blocks: readonly SentRequest[];
  readonly end: SentRequest | undefined;
}

/** All writes in their order. */
export function streams(wire: WireTap): Stream[] {
  const found: { begin: SentRequest; blocks: SentRequest[]; end: SentRequest | undefined }[] = [];
  for (const request of wire.requests) {
    const { opcode } = request;
    if (opcode === op.deflBegin || opcode === op.flashBegin) found.push({ begin: request, blocks: [], end: undefined });
    const last = found.at(-1);
    if (last === undefined) continue;
    if (opcode === op.deflData || opcode === op.flashData) last.blocks.push(request);
    if (opcode === op.deflEnd || opcode === op.flashEnd) last.end = request;
  }
  return found;
}

/** The data of blocks, without their headers. */
export const payloadOf = (blocks: readonly SentRequest[]): Uint8Array =>
  concatBytes(blocks.map(({ payload }) => payload.subarray(16)));
