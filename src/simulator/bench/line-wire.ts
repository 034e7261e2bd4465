export type Level = 'low' | 'high';

/** One wire of the simulated bench: the station's line at one end, a module, a button or a lamp at the other. */
export class LineWire {
  readonly bcm: number;
  readonly #rest: Level;
  readonly #listeners = new Set<(level: Level) => void>();
  #level: Level;
  #bias: Level | null = null;
  #station: Level | null = null;
  #outside: Level | null = null;
  #openedBy: string | null = null;

  /** @param rest the level that the resistors on the board give it while nobody drives it */
  constructor(bcm: number, rest: Level) {
    this.bcm = bcm;
    this.#rest = rest;
    this.#level = rest;
  }

  get level(): Level {
    return this.#level;
  }

  /** The use for which the station has the line open, as in "nest 1 rst"; null when it has not. */
  get openedBy(): string | null {
    return this.#openedBy;
  }

  /** Who drives the wire at this moment: a use of the station, the outside world, or nobody. */
  get drivenBy(): string | null {
    if (this.#station !== null) return this.#openedBy;
    return this.#outside === null ? null : 'outside';
  }

  /** What the outside world does to the wire: a pressed button, a short; null lets go. Low wins over high. */
  pull(level: Level | null): void {
    this.#outside = level;
    this.#settle();
  }

  /** Calls back with the new level after each change. */
  onChange(listener: (level: Level) => void): Disposable {
    this.#listeners.add(listener);
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(listener);
      },
    };
  }

  /** For the line driver: the station opens the line. @param bias the resistor of the station's own pin */
  open(use: string, bias: Level | null): void {
    this.#openedBy = use;
    this.#bias = bias;
    this.#settle();
  }

  /** For the line driver: the station drives the line, or with null lets go of it. */
  drive(level: Level | null): void {
    this.#station = level;
    this.#settle();
  }

  /** For the line driver: the station closes the line; a closed line is an input. */
  close(): void {
    this.#openedBy = null;
    this.#bias = null;
    this.drive(null);
  }

  #settle(): void {
    const ends = [this.#station, this.#outside];
    const driven = ends.includes('low') ? 'low' : ends.includes('high') ? 'high' : null;
    const level = driven ?? this.#bias ?? this.#rest;
    if (level === this.#level) return;
    this.#level = level;
    for (const listener of [...this.#listeners]) listener(level);
  }
}
