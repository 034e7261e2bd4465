import { StationError } from '../../foundation/faults.ts';
import type { BootCheck, DialogueStep } from '../../firmware/job.ts';
import type { BootSigns } from './boot-signs.ts';
import { printable, printableEnd } from './printable.ts';

const keptText = 65_536;

/** The text of the application as far as it is known, and what the boot check of the job makes of it. */
export class ApplicationText {
  readonly #check: BootCheck;
  readonly #signs: BootSigns;
  #text: string;
  /** Where the text begins that came after the last thing the station said. */
  #answerAt = 0;
  #step: DialogueStep | null = null;

  /** @param text what is known already; `signs` have read it */
  constructor(check: BootCheck, signs: BootSigns, text: string) {
    this.#check = check;
    this.#signs = signs;
    this.#text = text;
  }

  add(bytes: Uint8Array): void {
    const text = Buffer.from(bytes).toString('latin1');
    this.#signs.add(text);
    const all = this.#text + text;
    const dropped = Math.max(0, all.length - keptText);
    this.#text = all.slice(dropped);
    this.#answerAt = Math.max(0, this.#answerAt - dropped);
  }

  /** From here on the step of the dialogue is to be answered. */
  begin(step: DialogueStep): void {
    this.#step = step;
    this.#answerAt = this.#text.length;
  }

  /** What ends the check at once: B06 before all, B08, B05, then C06, B03. */
  get fault(): StationError | null {
    const failed = find(this.#check.fail, this.#text) ?? find(this.#step?.fail ?? null, this.#answer);
    const forbidden = find(this.#check.forbid, this.#text);
    return (
      this.#signs.radioFault ??
      (failed && new StationError('B08', `The firmware reports "${printable(failed[0])}".`)) ??
      (forbidden && new StationError('B05', `The module printed "${printable(forbidden[0])}".`)) ??
      this.#signs.restartFault
    );
  }

  /** The expected text is there. */
  get isStarted(): boolean {
    return this.#banner !== null;
  }

  /** Its version may not be complete, or the rest of its line may tell a fault. */
  get startMayGrow(): boolean {
    return this.#mayGrow(this.#banner, this.#text, true);
  }

  /** The first group of the expected text, else the text; null before it has come. */
  get version(): string | null {
    const match = this.#banner;
    return match === null ? null : printable(match[1] ?? match[0]);
  }

  get isAnswered(): boolean {
    return this.#reply !== null;
  }

  /** The rest of the line of the answer may tell a fault. */
  get answerMayGrow(): boolean {
    return this.#mayGrow(this.#reply, this.#answer, false);
  }

  /** What came last since the station has said something, as part of a sentence. */
  get lastWords(): string {
    const words = printableEnd(this.#answer);
    return words === '' ? 'nothing came' : `the last that came is "${words}"`;
  }

  get #answer(): string {
    return this.#text.slice(this.#answerAt);
  }

  get #banner(): RegExpExecArray | null {
    return find(this.#check.expect, this.#text);
  }

  get #reply(): RegExpExecArray | null {
    return find(this.#step?.expect ?? null, this.#answer);
  }

  #mayGrow(match: RegExpExecArray | null, text: string, isRead: boolean): boolean {
    if (match === null) return false;
    const rest = text.slice(match.index + match[0].length);
    const { fail, forbid } = this.#check;
    const isWatched = fail !== null || forbid !== null || (this.#step?.fail ?? null) !== null;
    return (isRead && rest === '') || (isWatched && !/[\r\n]/.test(match[0].slice(-1) + rest));
  }
}

function find(pattern: RegExp | null, text: string): RegExpExecArray | null {
  return pattern?.exec(text) ?? null;
}
