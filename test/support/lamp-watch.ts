import type { Clock } from '../../src/foundation/clock.ts';
import { lampPatterns } from '../../src/nest/lamps/lamp-patterns.ts';
import type { LampName } from '../../src/nest/lamps/lamp-patterns.ts';
import type { LineWire } from '../../src/simulator/bench/line-wire.ts';

/** Longer than the slowest pattern takes to show every step but one. */
export const lookMs = 2_100;
/** Steps that last so long are a change of what is shown, not a step: two lamps of a step do not switch at once. */
const instantMs = 0.001;

interface Shown {
  readonly fromMs: number;
  readonly lit: string;
}

/** Looks at the lamps of a nest as a person does, who knows the table of patterns and nothing else. */
export class LampWatch implements Disposable {
  readonly #wires: ReadonlyMap<LampName, LineWire>;
  readonly #clock: Clock;
  readonly #watches: readonly Disposable[];
  #shown: readonly Shown[] = [];

  constructor(wires: ReadonlyMap<LampName, LineWire>, clock: Clock) {
    this.#wires = wires;
    this.#clock = clock;
    this.#note();
    this.#watches = [...wires.values()].map((wire) => wire.onChange(() => this.#note()));
  }

  /** The lamps that are lit at this moment. */
  get lit(): readonly LampName[] {
    return [...this.#wires].flatMap(([name, wire]) => (wire.level === 'high' ? [name] : []));
  }

  /** The name of the pattern that was shown for the last two seconds; `dark`, or what was seen where it is none. */
  get pattern(): string {
    const nowMs = this.#clock.monotonic();
    const steps = this.#shown
      .map(({ fromMs, lit }, index) => ({ lit, fromMs, toMs: this.#shown[index + 1]?.fromMs ?? nowMs }))
      .filter(({ fromMs, toMs }) => toMs - fromMs > instantMs && toMs > nowMs - lookMs)
      .map(({ lit, fromMs, toMs }) => {
        // The first step began before somebody looked, the last one is not over.
        const whole = fromMs >= nowMs - lookMs && toMs < nowMs;
        return { lit, ms: whole ? Math.round(toMs - fromMs) : null };
      });
    const seen = new Set(steps.map(({ lit }) => lit));
    if (seen.size === 1 && seen.has('')) return 'dark';
    const found = lampPatterns.find(({ steps: of }) => {
      const known = of.map(({ lit, ms }) => ({ lit: lit.join('+'), ms }));
      const fits = steps.every(({ lit, ms }) =>
        known.some((step) => step.lit === lit && (ms === null || step.ms === ms)),
      );
      return fits && known.every(({ lit }) => seen.has(lit));
    });
    return found?.name ?? steps.map(({ lit, ms }) => `${lit}@${ms ?? '?'}`).join(' ');
  }

  [Symbol.dispose](): void {
    for (const watch of this.#watches) watch[Symbol.dispose]();
  }

  #note(): void {
    const fromMs = this.#clock.monotonic();
    const recent = this.#shown.filter((_, index) => {
      const next = this.#shown[index + 1];
      return next === undefined || next.fromMs > fromMs - lookMs;
    });
    this.#shown = [...recent, { fromMs, lit: this.lit.join('+') }];
  }
}
