import { disposeAll } from '../foundation/do-all.ts';
import { guardClock } from '../foundation/guarded-clock.ts';
import type { ContactSpec, InputLine, LineDriver, LineSpec, OutputLine } from '../gpio/line.ts';
import { watchDebounced } from '../gpio/debounce.ts';
import type { NamedLine } from '../gpio/release-lines.ts';
import { Button } from '../nest/button.ts';
import { lampNames } from '../nest/lamps/lamp-patterns.ts';
import type { LampName } from '../nest/lamps/lamp-patterns.ts';
import { wireModule } from '../nest/supply/module-wiring.ts';
import { Nest } from '../nest/nest.ts';
import type { NestParts } from '../nest/nest.ts';
import { PatternPlayer } from '../nest/lamps/pattern-player.ts';
import { PortWatch } from '../nest/port-watch.ts';
import type { PowerTurns } from '../nest/supply/power-turns.ts';

/** One nest as it is wired. */
export interface NestSetup {
  readonly id: number;
  /** Path of the serial port. */
  readonly port: string;
  /** Wanted rate of the link, baud. */
  readonly baud: number;
  /** The pin of the module that the line `rst` pulls: named in errors. Default: rst. */
  readonly resetPin?: 'rst' | 'en';
  readonly lines: NestLines;
  /** How long a press may last, ms; null: for ever, as of a lid switch or the START line of a handler. */
  readonly stuckAfterMs: number | null;
}

export type NestLines = Readonly<Record<'pass' | 'fail' | 'busy', LineSpec>> & {
  readonly button: ContactSpec;
  /** Sensor of the lid or of the module. */
  readonly present: ContactSpec | null;
  readonly ready: LineSpec | null;
  readonly buzzer: LineSpec | null;
  /** Feeds the module, only during a run; null: it is always fed. */
  readonly power: LineSpec | null;
} & Straps;

/** The lines that reset the module; null: DTR and RTS of the port do it. */
type Straps = { readonly gpio0: LineSpec; readonly rst: LineSpec } | { readonly gpio0: null; readonly rst: null };

export type OpenedNest = Disposable & {
  readonly nest: Nest;
  /** Looks whether the serial port is there, now and from then on. Does not wait long. */
  watchPort(): Promise<void>;
  /**
   * Shows the nest as ready and listens to its button.
   * @param interrupted the last run, when it was found open: the module is to be done again
   * @throws StationError S03
   */
  start(interrupted: string | null): void;
};

type OwnParts = 'number' | 'port' | 'baud' | 'reset' | 'supply' | 'lamps' | 'buzzer' | 'hasReadyLamp';

export type SharedNestParts = Omit<NestParts, OwnParts> & {
  readonly lines: LineDriver;
  /** The power-ups of all nests. */
  readonly turns: PowerTurns;
  /** Left out: the ports always are there. */
  readonly isPortThere?: (path: string) => Promise<boolean>;
  /** A lamp, the buzzer, the button or the sensor does not obey; it has been logged. */
  readonly lineFailed: () => void;
};

/** The lines of a nest as it is wired: straps first, then the supply of the module, then the others. */
export function linesOfNest(setup: NestSetup): readonly NamedLine[] {
  const { gpio0, rst, power, ...others } = setup.lines;
  return Object.entries({ gpio0, rst, power, ...others }).flatMap(([name, spec]) => {
    if (spec === null) return [];
    const direction = isInput(name) ? 'in' : 'out';
    return [{ spec, use: useOf(setup, name), direction, feeds: name === 'power' }];
  });
}

/** What a line is for, as errors name it. */
function useOf({ id, resetPin = 'rst' }: NestSetup, name: string): string {
  return `nest ${id} ${name === 'rst' ? resetPin : name}`;
}

/** Claims the lines of a nest, straps first, then power, each in its inactive state. @throws StationError S03 */
export async function openNest(setup: NestSetup, shared: SharedNestParts): Promise<OpenedNest> {
  const { lines, turns, log, isPortThere } = shared;
  const { id, port, baud } = setup;
  const clock = guardClock(shared.clock, (error) => log.error({ event: 'timer-failed', nest: id, err: error }));
  const output = (name: keyof NestSetup['lines'], spec: LineSpec): Promise<OutputLine> =>
    lines.openOutput(spec, useOf(setup, name));
  const straps = await openStraps(setup.lines, output);
  const power = setup.lines.power === null ? null : await output('power', setup.lines.power);
  const lampLines = new Map<LampName, OutputLine>();
  for (const name of lampNames) {
    const spec = setup.lines[name];
    if (spec !== null) lampLines.set(name, await output(name, spec));
  }
  const buzzerLine = setup.lines.buzzer === null ? null : await output('buzzer', setup.lines.buzzer);
  const contact = async (name: 'button' | 'present', spec: ContactSpec): Promise<Contact> => ({
    line: await lines.openInput(spec, useOf(setup, name), { debounceMs: spec.debounceMs }),
    debounceMs: spec.debounceMs,
  });
  const button = await contact('button', setup.lines.button);
  const sensor = setup.lines.present === null ? null : await contact('present', setup.lines.present);
  const lineFailed = (error: unknown): void => {
    log.error({ event: 'line-failed', nest: id, err: error });
    shared.lineFailed();
  };
  const lamps = new PatternPlayer(lampLines, clock, lineFailed);
  const buzzer =
    buzzerLine === null ? null : new PatternPlayer<'buzzer'>(new Map([['buzzer', buzzerLine]]), clock, lineFailed);
  const nest = new Nest({
    ...shared,
    number: id,
    port,
    baud,
    ...wireModule({ straps, power }, { clock, turns, failed: lineFailed }),
    lamps,
    buzzer,
    hasReadyLamp: setup.lines.ready !== null,
  });
  const watches: Disposable[] = [];
  const ports = isPortThere && new PortWatch({ nest, port, isPortThere, clock, log, tell: shared.tell });
  const watch = ({ line, debounceMs }: Contact, heard: (active: boolean) => void): boolean => {
    const watched = watchDebounced(line, clock, debounceMs, heard, lineFailed);
    watches.push(watched);
    return watched.active;
  };
  return {
    nest,
    watchPort: () => ports?.start() ?? Promise.resolve(),
    start(interrupted) {
      const pressed = watch(button, (level) => presses.level(level));
      const presses = new Button(pressed, {
        clock,
        stuckAfterMs: setup.stuckAfterMs,
        onPress: () => nest.press(),
        onHeld: () => nest.held(),
        onFreed: () => nest.freed(),
      });
      watches.push(presses);
      const missing = sensor === null ? null : !watch(sensor, (present) => nest.sense(!present));
      nest.start(missing, interrupted);
    },
    [Symbol.dispose]() {
      const players = [lamps, buzzer];
      const contacts = [button.line, sensor?.line ?? null];
      // Straps before the supply: nothing is to be driven into a module that has lost its own.
      const outputs = [...Object.values(straps ?? {}), power, ...lampLines.values(), buzzerLine];
      disposeAll([...watches, ports ?? null, ...players, ...contacts, ...outputs]);
    },
  };
}

/** An input that is open, and how long it may bounce. */
interface Contact {
  readonly line: InputLine;
  readonly debounceMs: number;
}

function isInput(name: string): boolean {
  return name === 'button' || name === 'present';
}

async function openStraps(
  { gpio0, rst }: Straps,
  output: (name: 'gpio0' | 'rst', spec: LineSpec) => Promise<OutputLine>,
): Promise<{ readonly gpio0: OutputLine; readonly rst: OutputLine } | null> {
  if (gpio0 === null) return null;
  return { gpio0: await output('gpio0', gpio0), rst: await output('rst', rst) };
}
