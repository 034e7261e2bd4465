import type { StationLine } from '../../config/station-lines.ts';
import type { Clock } from '../../foundation/clock.ts';
import { watchDebounced } from '../../gpio/debounce.ts';
import type { InputLine, LineDriver, OutputLine } from '../../gpio/line.ts';

/** A line as a technician sees it. */
export interface LineView {
  /** Level on the wire; of a push-pull output, what it is driven to. null: it cannot be read. */
  readonly level: 'low' | 'high' | null;
  /** For an input: whether its level is the active one. For an output: whether a key has switched it on. */
  readonly active: boolean;
  /** Presses that the station would count, after debouncing. */
  readonly presses: number;
  /** Raw edges, bounces included. */
  readonly edges: number;
  /** Why the line is not as it should be; null: it is. */
  readonly problem: string | null;
}

type Held = { readonly input: InputLine } | { readonly output: OutputLine };

/**
 * One line that is watched or switched by hand. An open-drain line is an input while it is released, which is the same on
 * the wire and shows who else pulls it. A line that cannot be had says why and stays as it is.
 */
export class TestedLine implements AsyncDisposable {
  readonly place: StationLine;
  readonly #driver: LineDriver;
  readonly #clock: Clock;
  readonly #watches: Disposable[] = [];
  #held: Held | null = null;
  #wanted = false;
  #presses = 0;
  #edges = 0;
  #problem: string | null = null;
  #work: Promise<void> = Promise.resolve();
  #closed = false;

  /** Claims the line in its inactive state. Does not reject: see `view().problem`. */
  static async open(place: StationLine, driver: LineDriver, clock: Clock): Promise<TestedLine> {
    const line = new TestedLine(place, driver, clock);
    await line.#hold();
    return line;
  }

  private constructor(place: StationLine, driver: LineDriver, clock: Clock) {
    this.place = place;
    this.#driver = driver;
    this.#clock = clock;
  }

  view(): LineView {
    const { active } = this.place.spec;
    const counts = { presses: this.#presses, edges: this.#edges };
    const held = this.#held;
    if (held === null) return { level: null, active: false, ...counts, problem: this.#problem };
    let isActive = this.#wanted;
    let problem = this.#problem;
    try {
      if ('input' in held) isActive = held.input.read();
    } catch (error) {
      problem = textOf(error);
      return { level: null, active: false, ...counts, problem };
    }
    const level = isActive ? active : active === 'low' ? 'high' : 'low';
    return { level, active: this.place.direction === 'in' ? isActive : this.#wanted, ...counts, problem };
  }

  /** Switches an output on or off; nothing happens to an input. Resolves when it is done. */
  switch(on: boolean): Promise<void> {
    if (this.place.direction === 'in' || this.#closed) return Promise.resolve();
    this.#wanted = on;
    this.#work = this.#work.then(() => this.#hold());
    return this.#work;
  }

  toggle(): Promise<void> {
    return this.switch(!this.#wanted);
  }

  /** Leaves the line inactive and gives it back. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#wanted = false;
    await this.#work;
    this.#letGo();
  }

  /** Holds the line as it is wanted now. */
  async #hold(): Promise<void> {
    const { spec, use, direction } = this.place;
    try {
      if (direction === 'in' || (spec.drive === 'open-drain' && !this.#wanted)) {
        this.#letGo();
        const input = await this.#driver.openInput(spec, use);
        this.#held = { input };
        if (this.place.direction === 'in') this.#count(input, this.place.spec.debounceMs);
      } else {
        if (this.#held === null || 'input' in this.#held) {
          this.#letGo();
          this.#held = { output: await this.#driver.openOutput(spec, use) };
        }
        // Asked again: it may have been switched off while the line was being opened.
        this.#held.output.set(this.#wanted);
      }
      this.#problem = null;
    } catch (error) {
      this.#wanted = false;
      this.#letGo();
      this.#problem = textOf(error);
    }
  }

  #count(input: InputLine, debounceMs: number): void {
    const rest = input.read();
    let heard = false;
    this.#watches.push(
      input.watch((active) => {
        // sysfs may answer the beginning of a watch with an event that was no edge.
        if (heard || active !== rest) this.#edges += 1;
        heard = true;
      }),
    );
    const pressed = (active: boolean): void => {
      if (active) this.#presses += 1;
    };
    // A level that cannot be read is seen by `view`.
    this.#watches.push(watchDebounced(input, this.#clock, debounceMs, pressed, () => undefined));
  }

  #letGo(): void {
    for (const watch of this.#watches.splice(0)) watch[Symbol.dispose]();
    if (this.#held !== null) ('input' in this.#held ? this.#held.input : this.#held.output)[Symbol.dispose]();
    this.#held = null;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
