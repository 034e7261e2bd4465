import { CpuLimitError, withinCpu } from '../../foundation/cpu-limit.ts';
import { StationError } from '../../foundation/faults.ts';
import type { BootCheck, DialogueStep } from '../../firmware/job.ts';
import type { BootSigns } from './boot-signs.ts';
import { printable, printableEnd } from './printable.ts';
import { SettledText } from './settled-text.ts';
import { TextSearch } from './text-search.ts';

// Thousands of times what a search takes, as a busy machine may stand still for a moment; all other nests wait meanwhile.
const searchLimitMs = 1_000;

/** The text of the application as far as it is known, and what the boot check of the job makes of it. */
export class ApplicationText {
  readonly #signs: BootSigns;
  readonly #text: SettledText;
  readonly #banner: TextSearch | null;
  readonly #forbidden: TextSearch | null;
  /** What the firmware says of a bad module, in the job and in the steps of the dialogue up to now. */
  readonly #failures: TextSearch[];
  #reply: TextSearch | null = null;
  /** Where the text begins that came after the last thing the station said. */
  #answerAt = 0;
  #slowPattern: StationError | null = null;

  /** @param text what the application has said already; `signs` have read it */
  constructor({ expect, forbid, fail }: BootCheck, signs: BootSigns, text: string) {
    this.#signs = signs;
    this.#banner = expect && new TextSearch(expect, 0);
    this.#forbidden = forbid && new TextSearch(forbid, 0);
    this.#failures = fail === null ? [] : [new TextSearch(fail, 0)];
    this.#text = new SettledText(
      (settled) => this.#look(settled),
      (count) => this.#dropped(count),
    );
    this.#text.add(text);
  }

  add(bytes: Uint8Array): void {
    const text = Buffer.from(bytes).toString('latin1');
    this.#signs.add(text);
    this.#text.add(text);
  }

  /** A line has begun whose rest may still come. */
  get hasTail(): boolean {
    return this.#text.hasTail;
  }

  /** Nothing more has come for a while: the line that has begun counts as it is. */
  settle(): void {
    this.#text.settle();
  }

  /** From here on the step of the dialogue is to be answered. */
  begin({ expect, fail }: DialogueStep): void {
    this.#text.settle();
    this.#answerAt = this.#text.text.length;
    this.#reply = new TextSearch(expect, this.#answerAt);
    if (fail !== null) this.#failures.push(new TextSearch(fail, this.#answerAt));
  }

  /** What ends the check at once: B06 before all, B08, B05, then C06, B03. */
  get fault(): StationError | null {
    const failed = this.#failures.find(({ match }) => match !== null)?.match;
    const forbidden = this.#forbidden?.match;
    return (
      this.#signs.radioFault ??
      (failed && new StationError('B08', `The firmware reports "${printable(failed[0])}".`)) ??
      (forbidden && new StationError('B05', `The module printed "${printable(forbidden[0])}".`)) ??
      this.#signs.restartFault ??
      this.#slowPattern
    );
  }

  /** The expected text is there. */
  get isStarted(): boolean {
    return (this.#banner?.match ?? null) !== null;
  }

  /** The first group of the expected text, else the text; null before it has come. */
  get version(): string | null {
    const match = this.#banner?.match ?? null;
    return match === null ? null : printable(match[1] ?? match[0]);
  }

  get isAnswered(): boolean {
    return (this.#reply?.match ?? null) !== null;
  }

  /** There is text that must not come. */
  get isWatched(): boolean {
    return this.#forbidden !== null || this.#failures.length > 0;
  }

  /** What came last since the station has said something, as part of a sentence. */
  get lastWords(): string {
    const words = printableEnd(this.#text.all.slice(this.#answerAt));
    return words === '' ? 'nothing came' : `the last that came is "${words}"`;
  }

  get #searches(): readonly TextSearch[] {
    return [this.#banner, this.#forbidden, this.#reply, ...this.#failures].filter((search) => search !== null);
  }

  #look(text: string): void {
    try {
      withinCpu(searchLimitMs, () => {
        for (const search of this.#searches) search.look(text);
      });
    } catch (error) {
      if (!(error instanceof CpuLimitError)) throw error;
      const detail = `A pattern of the job takes too long on what the module printed: ${this.lastWords}.`;
      this.#slowPattern = new StationError('B07', detail, { cause: error });
    }
  }

  #dropped(count: number): void {
    this.#answerAt = Math.max(0, this.#answerAt - count);
    for (const search of this.#searches) search.dropped(count);
  }
}
