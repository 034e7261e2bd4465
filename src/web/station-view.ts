/** Header of a request that means the station of this id, and no other that has the same socket. */
export const stationHeader = 'jigd-station';

/** The station as it is now, for `jigd status`: every key always there, null where nothing is known. */
export interface StationView {
  readonly station: string;
  readonly software: string;
  /** By which the job was chosen; null: none was. */
  readonly job_name: string | null;
  /** The job in memory; null: there is none, `job_fault` says why. */
  readonly job: {
    readonly job: string;
    readonly job_hash: string;
    readonly operation: string;
    readonly product: string;
    readonly release: string | null;
  } | null;
  readonly job_fault: { readonly code: string; readonly error: string; readonly action: string } | null;
  readonly nests: readonly NestView[];
  /** Who may not start, and why. */
  readonly locks: readonly {
    readonly place: number | 'station';
    readonly code: string;
    readonly detail: string;
    readonly at: string;
    readonly who: string;
    /** false: the storage has refused it, and a restart may forget it. */
    readonly saved: boolean;
  }[];
  /** What lasts now: `alarm` is the name for `jigd acknowledge` and of the topic. */
  readonly alarms: readonly {
    readonly alarm: string;
    readonly nest: number | null;
    readonly code: string | null;
    readonly detail: string;
    readonly since: string;
  }[];
  /** Modules that are held: more than one seems to have the MAC. */
  readonly holds: readonly {
    readonly mac: string;
    readonly code: string;
    readonly at: string;
    /** false: the storage has refused it so far. */
    readonly saved: boolean;
  }[];
}

export interface NestView {
  readonly nest: number;
  readonly state: string;
  readonly code: string | null;
  readonly phase: string | null;
  /** Share of the bytes written, 0 … 1. */
  readonly progress: number | null;
  readonly run_id: string | null;
  /** The next run, and the one under way where it is that, is with a sample, until it was judged; null: production. */
  readonly sample: 'golden' | 'limit' | null;
}
