import type { FaultCode } from '../foundation/faults.ts';
import { hexNumber } from '../foundation/bytes.ts';
import type { Reply } from './packet.ts';

/** What the talk was about when the loader refused: the same status means different faults. */
export type Step = 'talk' | 'start' | 'erase' | 'write' | 'verify';

/** Error codes of ROM and RAM loader (protocol reference §2.4). */
const meanings: ReadonlyMap<number, string> = new Map([
  [0x05, 'the message is invalid'],
  [0x06, 'it failed to act'],
  [0x07, 'the checksum of the data is wrong'],
  [0x08, 'the flash reads back differently'],
  [0x09, 'the flash cannot be read'],
  [0x0a, 'the length to read is wrong'],
  [0x0b, 'the data do not inflate'],
  [0xc0, 'the length of the data is wrong'],
  [0xc1, 'the checksum of the data is wrong'],
  [0xc2, 'the block size is wrong'],
  [0xc3, 'the command is unknown'],
  [0xc4, 'the flash operation failed'],
  [0xc5, 'the flash cannot be unlocked'],
  [0xc6, 'no write was begun'],
  [0xc7, 'the data do not inflate'],
  [0xc8, 'there are too few data'],
  [0xc9, 'there are too many data'],
  [0xff, 'the command is not implemented'],
]);

const flashFailed: ReadonlySet<number> = new Set([0x06, 0x08, 0x09, 0xc4, 0xc5]);
const inflateFailed: ReadonlySet<number> = new Set([0x0b, 0xc7]);

/** The code of a refusal: the ROM puts it behind a general 1, the RAM loader into the status itself. */
function refusalCode(reply: Pick<Reply, 'status' | 'error'>): number {
  return reply.status >= 0xc0 || reply.error === 0 ? reply.status : reply.error;
}

/** What a refusal says, as the end of a sentence, with the two bytes for the engineer. */
export function refusalText(reply: Pick<Reply, 'status' | 'error'>): string {
  const meaning = meanings.get(refusalCode(reply)) ?? 'the reason is unknown';
  return `${meaning} (status ${hexNumber(reply.status, 2)} ${hexNumber(reply.error, 2)})`;
}

/** True for a block that was not taken and may be sent again as it is (protocol reference §2.4, §6.10). */
export function mayResend(reply: Pick<Reply, 'status' | 'error'>): boolean {
  return reply.status === 0xc0 || reply.status === 0xc1 || reply.status === 0xc3;
}

// 0x01 alone is what the older RAM loader makes of any error of some commands.
const damage: ReadonlySet<number> = new Set([0x01, 0x05, 0xc0, 0xc1, 0xc3, 0xc4, 0xc8]);

/**
 * True when the request may have arrived damaged, or the answer has a status that no loader sends: a command that may be
 * repeated is worth another try.
 */
export function isOfDamage(reply: Pick<Reply, 'status' | 'error'>): boolean {
  const { status } = reply;
  const possible = status === 1 || (status >= 0xc0 && meanings.has(status));
  return !possible || damage.has(refusalCode(reply));
}

/** The fault that a refusal means for the run. */
export function refusalFault(step: Step, reply: Pick<Reply, 'status' | 'error'>): FaultCode {
  const code = refusalCode(reply);
  if (step === 'start') return 'F06';
  if (step === 'talk') return 'C04';
  if (inflateFailed.has(code)) return 'W04';
  if (flashFailed.has(code)) return 'W03';
  if (step === 'erase') return code !== 0x01 && damage.has(code) ? 'W01' : 'W03';
  return step === 'verify' ? 'V02' : 'W01';
}
