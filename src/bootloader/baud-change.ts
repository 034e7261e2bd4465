import type { ChipDefinition } from '../chips/chip-definition.ts';
import { commands } from './commands.ts';
import type { Answer, Loader } from './loader.ts';

/**
 * One generation of the RAM loader divides by this whatever the rate is, the other by the old rate that it is told:
 * told this one, both calculate alike (protocol reference §6.4).
 */
const reference = 115_200;
const crystalsMhz = [26, 40] as const;
const crystalTolerance = 0.05;
/** Requests within 5 ms of the answer are lost; the reference recommends 10 to 20 ms. */
export const rateSettleMs = 15;
const proofMs = 200;
const proofs = 3;
const steps = [1_500_000, 921_600, 460_800, 230_400, 115_200] as const;

/** The wanted rate, then the lower ones to fall back on, highest first. */
export function baudLadder(wanted: number): number[] {
  return [wanted, ...steps.filter((rate) => rate < wanted)];
}

/** The next lower step; the lowest one is its own. */
export function lowerBaud(baud: number): number {
  return steps.find((rate) => rate < baud) ?? baud;
}

/** The next higher step; Infinity above the highest. */
export function higherBaud(baud: number): number {
  return steps.findLast((rate) => rate > baud) ?? Infinity;
}

/** The crystal in MHz that fits a trained divider, or null when none does. */
export function crystalOf(chip: ChipDefinition, divider: number, baud: number): number | null {
  const clockHz = divider * baud;
  const fits = (mhz: number): boolean => Math.abs(clockHz / chip.uartClockHz(mhz) - 1) <= crystalTolerance;
  return crystalsMhz.find(fits) ?? null;
}

/**
 * The word of CHANGE_BAUDRATE that makes the RAM loader set exactly the divider nearest to the wanted rate; it computes
 * floor(divider now × 115200 / word). The plain rate is sent where it gives that divider, and where the divider that
 * was read fits no crystal and so cannot be calculated with. Otherwise the word aims at N + 0.5.
 *
 * @param divider what the divider register reads now
 * @param baud the rate of the link now
 */
export function baudWord(chip: ChipDefinition, divider: number, baud: number, wanted: number): number {
  const plain = Math.round((wanted * reference) / baud);
  const crystal = crystalOf(chip, divider, baud);
  if (crystal === null) return plain;
  const target = Math.max(1, Math.round(chip.uartClockHz(crystal) / wanted));
  if (Math.floor((divider * reference) / plain) === target) return plain;
  return Math.round((divider * reference) / (target + 0.5));
}

/** changed: proved at the new rate. refused: still at the old one. lost: nobody answers at the new rate. */
export type BaudChange = 'changed' | 'refused' | 'lost';

/** Asks the RAM loader for another rate, follows it and proves the link. @throws StationError S04, C06 */
export async function changeBaud(
  loader: Loader,
  chip: ChipDefinition,
  wanted: number,
  signal: AbortSignal,
): Promise<BaudChange> {
  const answer = await askForBaud(loader, chip, wanted, signal);
  if (answer.kind === 'refused') return 'refused';
  // Without an answer the change may have happened all the same; the proof decides.
  await loader.link.setBaud(wanted, signal);
  await loader.clock.sleep(rateSettleMs, signal);
  await loader.link.discardInput();
  return (await proveLink(loader, chip, signal)) ? 'changed' : 'lost';
}

/** Asks the RAM loader for another rate and leaves the host at the old one. @throws StationError S04, C06 */
export async function askForBaud(
  loader: Loader,
  chip: ChipDefinition,
  wanted: number,
  signal: AbortSignal,
): Promise<Answer> {
  const divider = await loader.readRegister(chip.registers.uartDivider, signal);
  const word = baudWord(chip, divider & 0xfffff, loader.link.baud, wanted);
  return loader.exchange(commands.changeBaudrate, { wanted: word, current: reference }, signal);
}

/** True when the detect register reads right at the host's rate. */
export async function proveLink(loader: Loader, chip: ChipDefinition, signal: AbortSignal): Promise<boolean> {
  const { detect } = chip.registers;
  const once = { ...commands.readReg, tries: 1 };
  for (let proof = 0; proof < proofs; proof += 1) {
    if (proof > 0) await loader.leaveFrame(signal);
    const answer = await loader.exchange(once, { address: detect }, signal, { allowMs: proofMs });
    if (answer.kind === 'done' && answer.reply.value === chip.magic) return true;
  }
  return false;
}

/**
 * Whether a loader that may be stuck in a block or out of step answers again. It is asked once: frame after frame would
 * only fill its buffer.
 */
export async function stillAnswers(loader: Loader, chip: ChipDefinition, signal: AbortSignal): Promise<boolean> {
  await loader.leaveFrame(signal);
  const once = { ...commands.readReg, tries: 1 };
  const answer = await loader.exchange(once, { address: chip.registers.detect }, signal);
  return answer.kind !== 'silent';
}
