/** Alarms of the station as a whole: the last level of the topic `alarm/<slug>`. */
export const stationAlarms = [
  'estop',
  'ledger',
  'storage',
  'backup',
  'result-not-saved',
  'job',
  'station-locked',
  'same-code',
  'false-fails',
  'lot-yield',
  'no-failures',
  'marginal-rate',
  'blocked-starts',
  'new-flash-id',
  'duplicate-mac',
] as const;

/** Alarms of one nest; its number follows the name. */
export const nestAlarms = [
  'button-stuck',
  'port-missing',
  'nest-locked',
  'nest-yield',
  'connect-time',
  'write-time',
] as const;

export type NestAlarm = (typeof nestAlarms)[number];

/** Names an alarm; of each there is one at the most. */
export type AlarmSlug = (typeof stationAlarms)[number] | `${NestAlarm}-${number}`;

/** Whether the alarm lasts until somebody has seen it; every other one ends with its cause. */
export function lastsUntilSeen(alarm: AlarmSlug): boolean {
  return alarm === 'new-flash-id' || alarm === 'ledger';
}

/** Every alarm that a station with these nests can have. */
export function alarmSlugs(nests: readonly number[]): AlarmSlug[] {
  return [...stationAlarms, ...nestAlarms.flatMap((name) => nests.map((nest) => `${name}-${nest}` as const))];
}

/** Narrows a text that a person has typed. @param nests numbers of the nests of the station */
export function isAlarmSlug(text: string, nests: readonly number[]): text is AlarmSlug {
  return alarmSlugs(nests).some((slug) => slug === text);
}
