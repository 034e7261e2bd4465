/** When failures lock a place, and when something is told as an alarm (production reference §10); null: never. */
export interface AlarmLimits {
  /** Failures in a row on one nest, all of the contact or all of the station, that lock it. */
  readonly nestFails: number | null;
  /** Failures in a row on any nests that lock the station. */
  readonly stationFails: number | null;
  /** Of the last 20 runs. */
  readonly sameCode: number | null;
  /** Points of run yield. */
  readonly nestYield: number | null;
  /** Percent. */
  readonly falseFails: number | null;
  /** Percent. */
  readonly lotYield: number | null;
  /** Runs. */
  readonly noFailures: number | null;
  /** Times the rate of the last seven days. */
  readonly marginalRate: number | null;
  /** Standard deviations. */
  readonly linkTime: number | null;
  readonly newFlashId: boolean;
  /** For each 100 runs. */
  readonly blockedStarts: number | null;
}

/** What a station file says that says nothing of them. */
export const usualAlarmLimits = {
  nestFails: 3,
  stationFails: 4,
  sameCode: 5,
  nestYield: 3,
  falseFails: 50,
  lotYield: 98,
  noFailures: 2_000,
  marginalRate: 2,
  linkTime: 3,
  newFlashId: true,
  blockedStarts: 10,
} satisfies AlarmLimits;
