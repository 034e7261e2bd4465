import type { LineDriver, LineSpec } from '../../src/gpio/line.ts';

export type Level = 'low' | 'high';
/** What a line is told to be; released: an input. */
export type Driven = Level | 'released';

/** What not every driver, or not every rig, can do. */
export type Ability =
  /** The driver sets pulls. */
  | 'pulls'
  /** The driver reports edges that come faster than it is called. */
  | 'bursts'
  /** Lines are those of a header, and other programs may hold them. */
  | 'kernel';

/** One way of reaching lines, with both ends of every wire in the hand of the test. */
export interface LineRig {
  readonly abilities: ReadonlySet<Ability>;
  openDriver(): Promise<LineDriver>;
  /** What resistors, buttons and modules give the line while the station does not drive it. */
  world(bcm: number, level: Level): void;
  /** The level on the wire, seen from outside. */
  level(bcm: number): Level;
  /** Everything that the line was told to be while the work was done, also for the shortest time. */
  drivenDuring(bcm: number, work: () => Promise<void>): Promise<readonly Driven[]>;
  /** Who has the line open; null: nobody. */
  holder(bcm: number): string | null;
  /** Another program takes the line. @returns its name */
  occupy(bcm: number): Disposable & { readonly name: string };
  /** A program opens the line as an output, makes it active and is killed. */
  leaveByKill(spec: LineSpec, use: string): Promise<void>;
  /** The level that such a program leaves on an open-drain line whose resistor pulls up. */
  readonly levelAfterKill: Level;
}

/** Something that every driver does. */
export interface Behaviour {
  readonly name: string;
  /** Left out where the rig cannot do it; with `without`, where it can. */
  readonly needs?: Ability;
  readonly without?: Ability;
  readonly check: (rig: LineRig) => Promise<void>;
}

export function applies({ needs, without }: Behaviour, { abilities }: LineRig): boolean {
  return (needs === undefined || abilities.has(needs)) && (without === undefined || !abilities.has(without));
}
