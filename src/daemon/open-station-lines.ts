import type { StationDrivers, StationSetup } from './station-setup.ts';
import type { EventStream } from '../foundation/event-stream.ts';
import { watchDebounced } from '../gpio/debounce.ts';
import type { WatchedContact } from '../gpio/debounce.ts';
import type { ContactSpec, LineSpec } from '../gpio/line.ts';
import type { NamedLine } from '../gpio/release-lines.ts';
import { EmergencyStop } from '../nest/emergency-stop.ts';
import type { HaltedNest } from '../nest/emergency-stop.ts';
import { FaultLamp } from '../nest/lamps/fault-lamp.ts';
import type { StationEvent } from '../nest/station-event.ts';
import { linesOfNest } from './open-nest.ts';

/** What the lines are for, in errors and for the kernel. */
const faultLampUse = 'station fault';
const estopUse = 'station estop';

/** Every line of the station, for whoever has to make it safe. */
export function linesOf({ nests, faultLamp, estop }: StationSetup): readonly NamedLine[] {
  const own: NamedLine[] = [];
  if (faultLamp !== null) own.push({ spec: faultLamp, use: faultLampUse, direction: 'out' });
  if (estop !== null) own.push({ spec: estop, use: estopUse, direction: 'in' });
  return [...nests.flatMap(linesOfNest), ...own];
}

/** Lights the lamp by what the station tells; null without such a lamp. @throws StationError S03 */
export async function openFaultLamp(
  spec: LineSpec | null,
  { lines, log }: StationDrivers,
  events: EventStream<StationEvent>,
): Promise<(Disposable & { readonly lamp: FaultLamp }) | null> {
  if (spec === null) return null;
  const line = await lines.openOutput(spec, faultLampUse);
  const lamp = new FaultLamp(line, (error) => {
    log.error({ event: 'line-failed', err: error });
  });
  const watch = events.subscribe((event) => lamp.accept(event));
  return {
    lamp,
    [Symbol.dispose]() {
      watch[Symbol.dispose]();
      lamp[Symbol.dispose]();
      line[Symbol.dispose]();
    },
  };
}

export type OpenedEmergencyStop = Disposable & {
  readonly estop: EmergencyStop;
  /** Looks at the switch, from now on. @throws StationError S03 */
  start(): void;
};

/**
 * Claims the line of the emergency stop; null without one.
 * @param failed the switch cannot be read any more; it has been logged
 * @throws StationError S03
 */
export async function openEmergencyStop(
  spec: ContactSpec | null,
  nests: readonly HaltedNest[],
  { lines, clock, log }: StationDrivers,
  tell: (event: StationEvent) => void,
  failed: () => void,
): Promise<OpenedEmergencyStop | null> {
  if (spec === null) return null;
  const line = await lines.openInput(spec, estopUse, { debounceMs: spec.debounceMs });
  const estop = new EmergencyStop({ nests, clock, log, tell });
  const unreadable = (error: unknown): void => {
    log.error({ event: 'line-failed', err: error });
    estop.unreadable();
    failed();
  };
  let watch: WatchedContact | null = null;
  return {
    estop,
    start() {
      watch = watchDebounced(line, clock, spec.debounceMs, (pressed) => estop.level(pressed), unreadable);
      if (watch.active) estop.level(true);
    },
    [Symbol.dispose]() {
      watch?.[Symbol.dispose]();
      line[Symbol.dispose]();
    },
  };
}
