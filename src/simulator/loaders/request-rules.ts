import { op } from './ram-opcodes.ts';
import { DATA_HEADER_BYTES, HEADER_BYTES, parseRequest, type Request, word } from '../uart/wire.ts';

/** Requests whose header carries the checksum of their data; protocol reference §2.2. */
const checked: ReadonlySet<number> = new Set([op.flashData, op.memoryData, op.deflateData]);
const begins: ReadonlySet<number> = new Set([op.flashBegin, op.deflateBegin]);
const SYNC_BYTES = 36;
const SECTOR_BYTES = 0x1000;
/** The answer to a block of READ_FLASH has no header. */
const ACK_BYTES = 4;

/** Names what a host must not put into a request although the loader lets it pass; protocol reference §2, §3. */
export function judgeFrame(frame: Uint8Array, loader: 'rom' | 'ram', note: (violation: string) => void): void {
  if (frame.length === 0) return;
  if (frame.length < HEADER_BYTES) {
    const what = frame.length === ACK_BYTES ? 'An acknowledgement that nobody waits for' : 'A frame without a header';
    note(`${what} was sent: ${frame.length} bytes.`);
    return;
  }
  const request = parseRequest(frame);
  const name = `Request 0x${request.op.toString(16)}`;
  // The second generation refuses this itself; the others use what the buffer held before.
  if (request.length !== request.payload.length) {
    note(`${name} says ${request.length} bytes follow, but ${request.payload.length} do.`);
    return;
  }
  if (!checked.has(request.op) && request.checksum !== 0) note(`${name} has a checksum, but no data.`);
  const problem = contentProblem(request, loader);
  if (problem !== undefined) note(`${name} ${problem}.`);
}

function contentProblem({ op: opcode, length, payload }: Request, loader: 'rom' | 'ram'): string | undefined {
  if (opcode === op.sync && length !== SYNC_BYTES) return `is a SYNC of ${length} bytes`;
  if (checked.has(opcode) && length - DATA_HEADER_BYTES !== word(payload, 0)) {
    return `says ${word(payload, 0)} bytes of data follow, but ${length - DATA_HEADER_BYTES} do`;
  }
  if (opcode === op.memoryBegin && blocksFor(payload) !== word(payload, 1)) return countProblem(payload);
  if (!begins.has(opcode)) return undefined;
  if (word(payload, 3) % SECTOR_BYTES !== 0) return 'begins inside a sector, whose first bytes it erases';
  if (length > 16 && word(payload, 4) !== 0) return 'asks for an encryption that the chip does not have';
  // The ROM is told what to erase, a stream how long it is uncompressed: only here do both count the same bytes.
  const countsBytes = loader === 'ram' && opcode === op.flashBegin;
  return countsBytes && blocksFor(payload) !== word(payload, 1) ? countProblem(payload) : undefined;
}

function blocksFor(payload: Uint8Array): number {
  const blockBytes = word(payload, 2);
  return blockBytes === 0 ? 0 : Math.ceil(word(payload, 0) / blockBytes);
}

function countProblem(payload: Uint8Array): string {
  return `announces ${word(payload, 1)} blocks for ${word(payload, 0)} bytes in blocks of ${word(payload, 2)}`;
}
