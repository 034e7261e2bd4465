import type { StationDrivers, StationSetup } from '../../src/daemon/station-setup.ts';
import type { StationEvent } from '../../src/nest/station-event.ts';
import type { OpenSerialLink } from '../../src/serial/serial-link.ts';
import type { ModuleOptions } from './virtual-station-nest.ts';
import type { VirtualClock } from './virtual-clock.ts';
import type { VirtualStation } from './virtual-station.ts';

/** Something that the station told, and when on the monotonic clock. */
export interface Told {
  readonly atMs: number;
  readonly event: StationEvent;
}

export interface VirtualStationOptions {
  /** Each nest has a sensor for its module and its lid. Default: none. */
  readonly sensor?: boolean;
  /** What is put into each nest before the start; null: nothing. Default: a good blank module. */
  readonly module?: (nest: number) => ModuleOptions | null;
  readonly setup?: (setup: StationSetup) => Partial<StationSetup>;
  /** Default: one of its own. */
  readonly clock?: VirtualClock;
  /** Folder of the ledger, which the caller keeps. Default: one of its own. */
  readonly folder?: string;
  /** False: `told` stays empty, for what runs long. Default: true. */
  readonly remember?: boolean;
  readonly drivers?: Pick<StationDrivers, 'isPortThere' | 'isClockSynced'>;
  /** In the place of a nest's port, or what its opening throws; undefined: as usual. */
  readonly openLink?: (path: string) => ReturnType<OpenSerialLink> | undefined;
  /** Called before each start, when lines and sockets are there. */
  readonly beforeStart?: (station: VirtualStation) => void;
}
