import { createHash } from 'node:crypto';
import type { ChipDefinition } from '../chips/chip-definition.ts';
import { pack, u32 } from '../foundation/byte-fields.ts';
import { concatBytes, hex, hexNumber } from '../foundation/bytes.ts';
import { within } from '../foundation/deadline.ts';
import { StationError } from '../foundation/faults.ts';
import { commands } from './commands.ts';
import { refusal } from './loader-faults.ts';
import type { Loader } from './loader.ts';
import { refusalFault, refusalText } from './rom-status.ts';
import { encodeSlip } from './slip.ts';

/** A range of flash in bytes. */
export interface FlashRange {
  readonly address: number;
  readonly bytes: number;
}

/** Asked for with one request and proved by one digest: what has to come again when a byte of it is damaged. */
const chunkBytes = 0x10000;

const blockBytes = 0x1000;
const wordBytes = 4;
const digestBytes = 16;
const frameLimitMs = 3_000;
const triesAtMost = 4;
const askedAtMost = 4;
const askedLimitMs = 300;
const writeLimitMs = 1_000;
const quietMs = 100;
const quietLimitMs = 3_000;

/**
 * Reads a range of flash through the RAM loader, whatever its alignment, in chunks whose length and digest were
 * checked. A damaged chunk is asked for again, three times at most, and in smaller pieces from then on. Source: protocol
 * reference §6.8.
 *
 * @param received told of the bytes of the chunk under way as they come; they may come again
 * @throws StationError C04 when a chunk stays damaged, C06 when nothing comes any more, W03 when the flash cannot be read
 */
export async function* readFlash(
  loader: Loader,
  chip: ChipDefinition,
  { address, bytes }: FlashRange,
  signal: AbortSignal,
  received: (chunkBytes: number) => void = () => undefined,
): AsyncGenerator<Uint8Array> {
  const end = address + bytes;
  let pieceBytes = chunkBytes;
  let tries = 0;
  for (let at = address; at < end;) {
    const next = Math.min(end, at - (at % pieceBytes) + pieceBytes);
    // The first generation reads whole words only.
    const from = at - (at % wordBytes);
    const to = Math.ceil(next / wordBytes) * wordBytes;
    const reading = await tryChunk(loader, { address: from, bytes: to - from }, signal, received);
    if (reading.kind === 'read') {
      yield reading.bytes.subarray(at - from, next - from);
      at = next;
      tries = 0;
      continue;
    }
    const failed = await endStream(loader, chip, signal);
    tries += 1;
    if (tries === triesAtMost) throw failed ?? reading.fault;
    loader.countRepeat();
    pieceBytes = Math.max(blockBytes, pieceBytes / 4);
  }
}

/** As `readFlash`, for a range that is held in memory as a whole. */
export async function readFlashBytes(
  loader: Loader,
  chip: ChipDefinition,
  range: FlashRange,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readFlash(loader, chip, range, signal)) chunks.push(chunk);
  return concatBytes(chunks);
}

type Reading =
  { readonly kind: 'read'; readonly bytes: Uint8Array } | { readonly kind: 'failed'; readonly fault: StationError };

async function tryChunk(
  loader: Loader,
  { address, bytes }: FlashRange,
  signal: AbortSignal,
  received: (bytes: number) => void,
): Promise<Reading> {
  // The first generation counts bytes in flight and the second ignores the number: so both send one block at a time.
  const request = { address, bytes, blockBytes, inFlight: blockBytes };
  const answer = await loader.exchange(commands.readFlash, request, signal);
  const where = `the flash from ${hexNumber(address)} on`;
  const failed = (code: 'C04' | 'C06', what: string): Reading => {
    return { kind: 'failed', fault: new StationError(code, `Reading ${where}: ${what}`) };
  };
  if (answer.kind === 'silent') return failed('C06', 'the module did not answer.');
  if (answer.kind === 'refused') return { kind: 'failed', fault: refusal(commands.readFlash, answer.reply) };
  const data = new Uint8Array(bytes);
  for (let total = 0; total < bytes;) {
    const expected = Math.min(blockBytes, bytes - total);
    const frame = await loader.frame(frameLimit(loader, expected), signal);
    if (frame === null) return failed('C06', `the block at ${hexNumber(address + total)} did not come.`);
    if (frame.length !== expected) return failed('C04', `a block came with ${frame.length} of ${expected} bytes.`);
    data.set(frame, total);
    total += expected;
    await acknowledge(loader, total, signal);
    received(total);
  }
  const digest = await loader.frame(frameLimit(loader, digestBytes), signal);
  if (digest === null) return failed('C06', 'the digest did not come.');
  const actual = createHash('md5').update(data).digest('hex');
  if (hex(digest) !== actual) return failed('C04', 'the bytes that came do not have the digest that the module sent.');
  return { kind: 'read', bytes: data };
}

/** Time for one frame: twice its bytes when each of them is escaped. */
function frameLimit(loader: Loader, bytes: number): number {
  return frameLimitMs + loader.wireMs(2 * bytes + 2);
}

/** The bytes that have come so far, as a frame without a header. Bounded: a port may take no bytes any more. */
async function acknowledge(loader: Loader, total: number, signal: AbortSignal): Promise<void> {
  const wire = encodeSlip(pack([u32('total')], { total }));
  const stuck = (): Error => new StationError('S04', `Port ${loader.link.path} takes no bytes any more.`);
  const limitMs = writeLimitMs + loader.wireMs(wire.length);
  await within(loader.clock, limitMs, stuck, signal, (own) => loader.link.write(wire, own));
}

/**
 * Brings the loader back to its commands, wherever in a stream it is. A frame that is no acknowledgement ends a stream,
 * and this one is a harmless request when there is no stream.
 *
 * @returns the error of the flash that the loader kept for its next command, or null
 * @throws StationError C06 when it does not answer any more
 */
async function endStream(loader: Loader, chip: ChipDefinition, signal: AbortSignal): Promise<StationError | null> {
  const once = { ...commands.readReg, tries: 1 };
  let kept: StationError | null = null;
  for (let asked = 0; asked < askedAtMost; asked += 1) {
    await loader.untilQuiet(quietMs, quietLimitMs, signal);
    await loader.leaveFrame(signal);
    const answer = await loader.exchange(once, { address: chip.registers.detect }, signal, { allowMs: askedLimitMs });
    if (answer.kind === 'refused' && refusalFault('verify', answer.reply) === 'W03') {
      kept = new StationError('W03', `The module cannot read its flash: ${refusalText(answer.reply)}.`);
    }
    if (answer.kind !== 'done') continue;
    // An answer to an earlier one would pass for data of the next stream.
    if (asked > 0) await loader.untilQuiet(quietMs, quietLimitMs, signal);
    return kept;
  }
  throw kept ?? new StationError('C06', 'The module does not answer after a read of its flash was broken off.');
}
