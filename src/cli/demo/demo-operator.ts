import type { Clock } from '../../foundation/clock.ts';
import { StationError } from '../../foundation/faults.ts';
import type { Station } from '../../daemon.ts';
import type { RunResult } from '../../nest/run/run-result.ts';
import type { NestLocks } from '../../nest/nest-locks.ts';
import type { Place } from '../../nest/station-actions.ts';
import type { Alarm, Notice, StationEvent } from '../../nest/station-event.ts';
import type { BenchNest } from '../../simulator/bench/bench-nest.ts';
import type { SimulatedBench } from '../../simulator/bench/bench.ts';
import type { Application } from '../../simulator/chip/chip-options.ts';
import type { DemoModules } from '../../simulator/demo/demo-modules.ts';
import { DemoFinger } from './demo-finger.ts';
import { isGood } from './demo-tray.ts';
import type { JudgedRun } from './demo-tray.ts';

export interface DemoOperatorParts {
  readonly bench: SimulatedBench;
  readonly modules: DemoModules;
  readonly events: Station['events'];
  readonly locks: Pick<NestLocks, 'isLocked' | 'unlock'>;
  /** Otherwise somebody else does, with `jigd unlock`. */
  readonly unlocksItself: boolean;
  readonly application: Application;
  readonly clock: Clock;
  /** How many runs to start by itself; null: none. */
  readonly runs: number | null;
}

/** How long a nest is empty, and the next module in it before the press, ms: longer than its sensor bounces. */
const handMs = 60;
/** How long the technician looks at what has locked, ms. */
const technicianMs = 500;

/**
 * The person at the bench: looks at the lamp, puts the next module in where one is done, and presses. Where something is
 * locked it is the technician too, who unlocks it.
 */
export class DemoOperator implements Disposable {
  readonly #parts: DemoOperatorParts;
  readonly #watch: Disposable;
  readonly #judging: Promise<JudgedRun>[] = [];
  readonly #fingers: readonly DemoFinger[];
  /** Nests whose module is done, or is being exchanged. */
  readonly #exchanges = new Map<number, () => Promise<void>>();
  /** Nests whose press waits for the technician. */
  readonly #waiting = new Set<number>();
  #disposed = false;
  #started = 0;
  #finished = 0;
  #onFinished: (() => void) | null = null;
  #onRefused: ((fault: StationError) => void) | null = null;

  constructor(parts: DemoOperatorParts) {
    this.#parts = parts;
    this.#fingers = parts.bench.nests.map((nest) => new DemoFinger(nest, parts.clock));
    for (const nest of parts.bench.nests) nest.insert(parts.modules.next().chip);
    this.#watch = parts.events.subscribe((event) => this.#take(event));
    // With `--data` a demo of before may have left a lock.
    for (const place of [...parts.bench.nests.map(({ number }) => number), 'station'] as const) {
      if (parts.locks.isLocked(place)) this.#unlockSoon(place);
    }
  }

  /** Presses and releases the button of a nest; nothing happens when there is no such nest. */
  press(number: number): void {
    const exchange = this.#exchanges.get(number);
    if (exchange === undefined) this.#pressNow(number);
    else void exchange().then(() => this.#pressNow(number));
  }

  /**
   * Starts the wanted number of runs, on all nests at once, and resolves when the last module is judged.
   * @throws StationError when a start is refused or a result cannot be saved; the signal's reason
   */
  async work(signal: AbortSignal): Promise<void> {
    const { bench, runs } = this.#parts;
    const done = new Promise<void>((resolve, reject) => {
      const abort = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      this.#onRefused = (fault) => {
        signal.removeEventListener('abort', abort);
        reject(fault);
      };
      this.#onFinished = () => {
        if (this.#finished < (runs ?? 0)) return;
        signal.removeEventListener('abort', abort);
        resolve();
      };
    });
    for (const nest of bench.nests) this.#pressNext(nest.number);
    await done;
    await this.judged();
  }

  /** Every verdict so far beside the truth. */
  judged(): Promise<JudgedRun[]> {
    return Promise.all(this.#judging);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#watch[Symbol.dispose]();
    for (const finger of this.#fingers) finger[Symbol.dispose]();
  }

  #take(event: StationEvent): void {
    if (event.kind === 'runStarted') this.#fingers[(event.opening.nest ?? 0) - 1]?.answered();
    if (event.kind === 'notice') this.#notice(event.notice);
    if (event.kind === 'alarm') this.#alarm(event.alarm);
    if (event.kind === 'runResult' && event.result.nest !== null) this.#judging.push(this.#next(event.result));
  }

  #notice({ kind, nest, code, detail }: Notice): void {
    if (nest !== null) this.#fingers[nest - 1]?.answered();
    // It was locked while the finger was on its way.
    if (nest !== null && kind === 'blocked-start' && code === 'S07') this.#pressNow(nest);
    else if (kind !== 'press-ignored' && code !== null) this.#onRefused?.(new StationError(code, detail));
  }

  #alarm({ slug, active, nest }: Alarm): void {
    const place = nest ?? 'station';
    if (slug !== 'station-locked' && slug !== `nest-locked-${nest ?? 0}`) return;
    if (active) this.#unlockSoon(place);
    else for (const waiting of [...this.#waiting]) this.#pressNow(waiting);
  }

  #unlockSoon(place: Place): void {
    if (!this.#parts.unlocksItself) return;
    this.#parts.clock.after(technicianMs, () => {
      if (!this.#disposed) this.#parts.locks.unlock(place, 'the technician');
    });
  }

  #pressNow(number: number): void {
    const { locks } = this.#parts;
    this.#waiting.delete(number);
    if (locks.isLocked(number) || locks.isLocked('station')) this.#waiting.add(number);
    else this.#fingers[number - 1]?.press();
  }

  async #next(result: RunResult): Promise<JudgedRun> {
    const { bench, application, clock } = this.#parts;
    const nest = bench.nest(result.nest ?? 0);
    const { chip } = nest;
    if (chip === null) throw new Error(`Nest ${nest.number} reported a run without a module.`);
    const good = await isGood(chip, application, clock);
    this.#exchanges.set(
      nest.number,
      once(() => this.#exchange(nest)),
    );
    this.#finished += 1;
    this.#pressNext(nest.number);
    this.#onFinished?.();
    return { result, good };
  }

  /** The sensor of the nest sees one module go and the other come. */
  async #exchange(nest: BenchNest): Promise<void> {
    const { clock, modules } = this.#parts;
    nest.remove();
    await clock.sleep(handMs);
    if (this.#disposed) return;
    nest.insert(modules.next().chip);
    await clock.sleep(handMs);
    this.#exchanges.delete(nest.number);
  }

  #pressNext(number: number): void {
    if (this.#started >= (this.#parts.runs ?? 0)) return;
    this.#started += 1;
    this.press(number);
  }
}

/** The same work for everybody who asks. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => (done ??= work());
}
