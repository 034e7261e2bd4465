import type { DialogueStep } from '../../firmware/job.ts';
import type { BootEar } from './boot-ear.ts';
import { afterwards } from './boot-times.ts';
import { printable } from './printable.ts';

// Adapters hand bytes on up to 16 ms late: what was said before the question is no answer to it.
const quietMs = 20;
const chatterMs = 500;

/**
 * Says the lines of the dialogue one after the other and waits for each answer.
 *
 * @param unanswered makes the fault of a step whose answer does not come
 * @throws StationError B03, B05, B06, B08 that the text shows, what `unanswered` makes, S04
 */
export async function holdDialogue(
  ear: BootEar,
  steps: readonly DialogueStep[],
  unanswered: (detail: string) => Promise<Error>,
  signal: AbortSignal,
): Promise<void> {
  for (const [index, step] of steps.entries()) {
    await ear.untilQuiet(quietMs, chatterMs, signal);
    ear.text.begin(step);
    const lineMs = await ear.say(step.send, signal);
    if (!(await ear.until(() => ear.text.isAnswered, lineMs + step.withinMs, signal))) {
      const what = `Step ${index + 1} of the dialogue, "${printable(step.send)}"`;
      throw await unanswered(
        `${what}, was not answered as expected within ${step.withinMs} ms: ${ear.text.lastWords}.`,
      );
    }
  }
  if (steps.length > 0 && ear.text.isWatched) await ear.untilQuiet(afterwards.quietMs, afterwards.atMostMs, signal);
}
