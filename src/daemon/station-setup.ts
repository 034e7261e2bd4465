import type { Job } from '../firmware/job.ts';
import type { AlarmLimits } from '../foundation/alarm-limits.ts';
import type { Clock } from '../foundation/clock.ts';
import type { Logger } from '../foundation/logger.ts';
import type { Language } from '../foundation/operator-text.ts';
import type { ContactSpec, LineDriver, LineSpec } from '../gpio/line.ts';
import type { BackupPlan } from '../ledger/backup/backup-schedule.ts';
import type { BrokerOptions } from '../mqtt/connect-options.ts';
import type { OpenSerialLink } from '../serial/serial-link.ts';
import type { NestSetup } from './open-nest.ts';

/** What a station consists of, whether configured or simulated. */
export interface StationSetup {
  readonly station: {
    readonly id: string;
    readonly line: string | null;
    /** What is being made, for the records; null or left out: not said. */
    readonly workOrder?: string | null;
    readonly lot?: string | null;
    /** IANA name of the time zone of the shifts; null or left out: that of the host. */
    readonly timezone?: string | null;
    /** Local times at which a shift begins, `06:00`, ascending; none or left out: the shift is the local day. */
    readonly shifts?: readonly string[];
    /** Of the texts for operators; left out: English. */
    readonly language?: Language;
  };
  readonly simulated: boolean;
  readonly software: string;
  readonly nests: readonly NestSetup[];
  /** The lamp for a fault of the station; null: it has none. */
  readonly faultLamp: LineSpec | null;
  /** The emergency stop of the jig; null: none is observed. */
  readonly estop: ContactSpec | null;
  readonly ledgerPath: string;
  /** Copies of the ledger; null or left out: none are made. */
  readonly ledgerBackup?: BackupPlan | null;
  /** null: nothing is published. */
  readonly mqtt: (BrokerOptions & { readonly baseTopic: string }) | null;
  /** Loads a job by its name. */
  readonly loadJob: (name: string) => Promise<Job>;
  /** The first choice, until a person chooses another; null: none; left out: `loadJob` has only one. */
  readonly job?: string | null;
  /** Hashes of the jobs that may be flashed; null: of each job the one that was seen first. */
  readonly approved: readonly string[] | null;
  /** When failures lock a nest or the station, and when something is told as an alarm; left out: the usual. */
  readonly alarms?: AlarmLimits;
  /** Socket for what people tell the station; null or left out: there is none. */
  readonly controlSocket?: string | null;
}

export interface StationDrivers {
  readonly lines: LineDriver;
  readonly openLink: OpenSerialLink;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether there is something at the path of a serial port; left out: ports always are there. */
  readonly isPortThere?: (path: string) => Promise<boolean>;
  /** Whether the wall clock was set since the boot; null: nobody knows. Left out: what the host says. */
  readonly isClockSynced?: () => boolean | null;
}
