import { commands } from './commands.ts';
import type { Loader } from './loader.ts';
import { decodeReply } from './packet.ts';

export interface SyncTries {
  /** How many SYNCs are sent at most. */
  readonly tries: number;
  /** Wait for the answer to the first one, which the auto-baud of a fresh ROM loader eats (protocol reference §1.8), ms. */
  readonly firstMs: number;
  /** Wait for the answer to the others, ms. */
  readonly answerMs: number;
}

const marker = 0x20120707;
const training = new Uint8Array(32).fill(0x55);
const repliesToSync = 8;
// Between two of the eight answers to one SYNC; the adapter may hand them on in pieces 16 ms apart.
const replyGapMs = 40;
/** What a RAM loader answers to SYNC; the ROM answers with the word it was sent (protocol reference §4.1). */
export const ramLoaderMark = 0;

/**
 * Sends SYNC until it is answered, and takes all eight answers off the line. What may still come late has the opcode of
 * SYNC and is dropped by whoever waits for another one.
 *
 * @returns the mark of who answered (0: a RAM loader), or null
 */
export async function synchronise(
  loader: Loader,
  { tries, firstMs, answerMs }: SyncTries,
  signal: AbortSignal,
): Promise<number | null> {
  let mark: number | null = null;
  let before: number | null = null;
  let last = tries;
  for (let sent = 1; sent <= last; sent += 1) {
    const allowMs = sent === 1 ? firstMs : answerMs;
    const answer = await loader.exchange(commands.sync, { marker }, signal, { data: training, allowMs });
    if (answer.kind === 'silent') continue;
    await takeOtherAnswers(loader, signal);
    if (answer.kind === 'refused') continue;
    mark = answer.reply.value;
    // A ROM that heard half a SYNC answers with an old word: any other mark than the ROM's must come twice.
    if (mark === marker || mark === before) {
      // The first is eaten, the second answered; of a third, one more set of answers may be on its way.
      if (sent > 2) await loader.untilQuiet(50, 500, signal);
      break;
    }
    if (before === null) last = Math.max(last, sent + 1);
    before = mark;
  }
  return mark;
}

async function takeOtherAnswers(loader: Loader, signal: AbortSignal): Promise<void> {
  for (let taken = 1; taken < repliesToSync; taken += 1) {
    const frame = await loader.frame(replyGapMs, signal);
    // Fewer, or something else among them: the line is not in step yet.
    if (frame === null) return;
    if (decodeReply(frame)?.opcode !== commands.sync.opcode) return loader.untilQuiet(50, 500, signal);
  }
}
