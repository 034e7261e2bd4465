import type { ContactSpec, LineSpec } from '../../gpio/line.ts';

export const lineNames = [
  'gpio0',
  'rst',
  'button',
  'pass',
  'fail',
  'busy',
  'ready',
  'buzzer',
  'power',
  'present',
] as const;
export type LineName = (typeof lineNames)[number];

/**
 * Contacts and straps rest high and are active low, lamps and the supply rest low and are active high: as a station has
 * them.
 */
export const electrical: Readonly<Record<LineName, Omit<LineSpec, 'bcm'>>> = {
  gpio0: { active: 'low', drive: 'open-drain' },
  rst: { active: 'low', drive: 'open-drain' },
  button: { active: 'low', drive: 'push-pull' },
  pass: { active: 'high', drive: 'push-pull' },
  fail: { active: 'high', drive: 'push-pull' },
  busy: { active: 'high', drive: 'push-pull' },
  ready: { active: 'high', drive: 'push-pull' },
  buzzer: { active: 'high', drive: 'push-pull' },
  power: { active: 'high', drive: 'push-pull' },
  present: { active: 'low', drive: 'open-drain' },
};

/** How long the contacts of the bench may bounce, as in a station file that does not say, ms. */
export const benchDebounceMs = 20;

/** What a nest has beyond lamps and button. */
export interface BenchNestWiring {
  /** The module is fed only while the line `power` is active. Default: always. */
  readonly power?: boolean;
  /** There is a sensor: the line `present` is active while a module is in and the lid is closed. Default: none. */
  readonly present?: boolean;
}

/** The lines for the station's configuration; null: the nest has none. */
export type BenchNestLines = Readonly<Record<Exclude<LineName, 'button' | 'power' | 'present'>, LineSpec>> & {
  readonly button: ContactSpec;
  readonly power: LineSpec | null;
  readonly present: ContactSpec | null;
};

/** Something for each line of a nest. @param make is given the name and its place in the order */
export function byName<Value>(make: (name: LineName, index: number) => Value): Readonly<Record<LineName, Value>> {
  return Object.fromEntries(lineNames.map((name, index) => [name, make(name, index)])) as Record<LineName, Value>;
}
