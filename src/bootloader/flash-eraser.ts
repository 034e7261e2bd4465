import type { FlashRange } from './flash-reader.ts';
import { commands } from './commands.ts';
import { refusal, silence } from './loader-faults.ts';
import type { Loader } from './loader.ts';

/** Erased with one request: short enough to show how far it is and to stop in between. */
const pieceBytes = 0x100000;
const flashBusy = 0xc4;
const blockBytes = 0x10000;
const sectorBytes = 0x1000;
/** One block of a worn flash (protocol reference §9.2). */
const longestEraseMs = 3_000;

/**
 * Erases whole sectors through the RAM loader, in pieces that end at multiples of 1 MB.
 *
 * @param range address and bytes are multiples of 0x1000 (protocol reference §3.10)
 * @param erased told of all bytes erased so far
 * @throws StationError F05 when it does not end in time, W01 or W03 when it is refused; a loader that only gives up waiting
 *   is believed to have begun, so that the caller has to look at the flash
 */
export async function eraseRange(
  loader: Loader,
  { address, bytes }: FlashRange,
  signal: AbortSignal,
  erased: (bytes: number) => void = () => undefined,
): Promise<void> {
  const end = address + bytes;
  for (let at = address; at < end;) {
    const next = Math.min(end, at - (at % pieceBytes) + pieceBytes);
    await erasePiece(loader, { address: at, bytes: next - at }, signal);
    at = next;
    erased(at - address);
  }
}

async function erasePiece(loader: Loader, piece: FlashRange, signal: AbortSignal): Promise<void> {
  if (await eraseAtOnce(loader, piece, signal)) return;
  for (const unit of eraseUnits(piece)) {
    // The flash goes on with what it has begun; the next request would be lost in that time.
    if (!(await eraseAtOnce(loader, unit, signal))) await loader.clock.sleep(longestEraseMs, signal);
  }
}

/**
 * One loader gives up after 120 ms a sector, less than a worn flash may take (protocol reference §3.10, §9.2).
 *
 * @returns false when it has given up
 */
async function eraseAtOnce(loader: Loader, range: FlashRange, signal: AbortSignal): Promise<boolean> {
  const answer = await loader.exchange(commands.eraseRegion, range, signal);
  if (answer.kind === 'done') return true;
  if (answer.kind === 'silent') throw silence(commands.eraseRegion);
  if (answer.reply.status !== flashBusy) throw refusal(commands.eraseRegion, answer.reply);
  loader.countRepeat();
  return false;
}

/** What the flash erases at once: blocks where they fit, else sectors (protocol reference §3.10). */
function eraseUnits({ address, bytes }: FlashRange): FlashRange[] {
  const units: FlashRange[] = [];
  const end = address + bytes;
  for (let at = address; at < end; at += units.at(-1)?.bytes ?? bytes) {
    const fits = at % blockBytes === 0 && end - at >= blockBytes;
    units.push({ address: at, bytes: fits ? blockBytes : sectorBytes });
  }
  return units;
}
