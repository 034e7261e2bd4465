import type { FlashRange } from './flash-reader.ts';
import { commands } from './commands.ts';
import type { Loader } from './loader.ts';

/** Erased with one request: short enough to show how far it is and to stop in between. */
const pieceBytes = 0x100000;

/**
 * Erases whole sectors through the RAM loader, in pieces that end at multiples of 1 MB.
 *
 * @param range address and bytes are multiples of 0x1000 (protocol reference §3.10)
 * @param erased told of all bytes erased so far
 * @throws StationError F05 when it does not end in time, W03 when it is refused
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
    await loader.send(commands.eraseRegion, { address: at, bytes: next - at }, signal);
    at = next;
    erased(at - address);
  }
}
