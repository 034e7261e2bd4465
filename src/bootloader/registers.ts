import { pack } from '../foundation/byte-fields.ts';
import { concatBytes, hexNumber } from '../foundation/bytes.ts';
import { StationError } from '../foundation/faults.ts';
import { commands } from './commands.ts';
import type { Loader } from './loader.ts';

/** One register to be set; the mask says which bits, all of them when it is left out. */
export interface RegisterWrite {
  readonly address: number;
  readonly value: number;
  readonly mask?: number;
}

const allBits = 0xffffffff;
const readingsAtMost = 5;

/** In their order, in one request: every loader takes several (protocol reference §3.6). @throws StationError C04, C06 */
export async function writeRegisters(
  loader: Loader,
  writes: readonly RegisterWrite[],
  signal: AbortSignal,
): Promise<void> {
  const [first, ...others] = writes.map((write) => ({ mask: allBits, ...write, delayUs: 0 }));
  if (first === undefined) return;
  const data = concatBytes(others.map((write) => pack(commands.writeReg.request, write)));
  await loader.send(commands.writeReg, first, signal, { data });
}

/**
 * Reads a register until two readings in turn agree: answers carry no checksum.
 *
 * @throws StationError C04 when no two do, C06
 */
export async function readRegisterSurely(loader: Loader, address: number, signal: AbortSignal): Promise<number> {
  let value = await loader.readRegister(address, signal);
  for (let reading = 1; reading < readingsAtMost; reading += 1) {
    const again = await loader.readRegister(address, signal);
    if (again === value) return value;
    loader.countRepeat();
    value = again;
  }
  throw new StationError('C04', `Register ${hexNumber(address)} reads differently every time.`);
}
