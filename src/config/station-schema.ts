import * as z from 'zod';
import { duration, id, label, textLike, wholeNumber } from './fields.ts';
import { mismatch } from './expectation.ts';
import { line } from './line-schema.ts';
import { alarms } from './alarm-schema.ts';

const station = z.strictObject({
  id: id().describe('Name of the station: part of the MQTT topics and of every record.'),
  line: id().optional().describe('Name of the production line, for records.'),
  timezone: z
    .string()
    .refine(isTimezone, { error: 'expected a name of the IANA time zones, such as Europe/Berlin.' })
    .optional()
    .describe('Time zone of the shifts, an IANA name. Default: that of the host.'),
  shifts: z
    .array(textLike(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time from 00:00 to 23:59'))
    .min(1)
    .optional()
    .describe("Local times at which a shift starts, ascending, as '06:00'."),
  language: z.enum(['en', 'zh']).default('en').describe('Language of the texts for operators.'),
});

const ledger = z.strictObject({
  path: label(1024).default('/var/lib/jigd/ledger.sqlite').describe('The database that records every run.'),
  backup: z
    .strictObject({
      to: label(1024).describe(
        'Folder of the copies, best on another medium. It must be there: a medium that is not mounted is told, not replaced.',
      ),
      every: duration(3_600_000, 720 * 3_600_000, "'24h'")
        .prefault('24h')
        .describe("How often a copy is made and checked: '24h', 1 h to 720 h, or milliseconds."),
      keep: wholeNumber(1, 365).default(7).describe('How many copies are kept; the oldest goes.'),
    })
    .optional()
    .describe('Copies of the ledger, made while the station works. Left out: none.'),
});

const mqtt = z.strictObject({
  url: textLike(
    /^mqtts?:\/\/[^/@\s]+\/?$/,
    'mqtt://host:port or mqtts://host:port, without user and password',
  ).describe('The broker; mqtts for TLS.'),
  protocol: z
    .union([z.literal(5), z.literal('5'), z.literal('3.1.1')], { error: 'expected 5 or 3.1.1.' })
    .default(5)
    .describe('Version of MQTT that the broker speaks: 5 or 3.1.1.'),
  username: label(256).optional().describe('User name at the broker.'),
  passwordFile: label(1024).optional().describe('File whose first line is the password; needs `username`.'),
  baseTopic: label(256)
    .default('jigd/${station}')
    .describe('What every topic starts with. ${station} and ${line} stand for the names above.'),
  commands: z
    .array(z.string())
    .max(0, { error: 'commands over MQTT are not supported by this version; leave the list empty.' })
    .optional()
    .describe('Commands that are accepted over MQTT. Only the empty list in this version.'),
});

const gpio = z.strictObject({
  driver: z
    .enum(['auto', 'onoff', 'chardev'])
    .default('auto')
    .describe(
      'How lines are reached: onoff on sysfs, or chardev on `/dev/gpiochip*`, kernel interface v2. auto takes onoff, or chardev ' +
        'when sysfs GPIO is missing or read-only, or a line asks for a `pull`.',
    ),
});

const nest = z.strictObject({
  id: wholeNumber(1, 99).describe('Number on the jig.'),
  serial: z
    .strictObject({
      path: textLike(/^\/[^\s]+$/, 'the absolute path of a device, such as /dev/ttyAMA0').describe(
        'Serial port of the nest; a by-path name stays the same when adapters are plugged again.',
      ),
      baud: wholeNumber(9_600, 4_000_000)
        .default(921_600)
        .describe('Highest rate while flashing, baud; the station falls back when a link is bad.'),
    })
    .describe('The serial port.'),
  lines: z
    .strictObject({
      gpio0: line('Boot strap of the module. Needed, except with `reset: dtr-rts`. Open-drain, active low.').optional(),
      rst: line(
        'Reset of the module. Needed, or `en` in its place, except with `reset: dtr-rts`. Open-drain, active low.',
      ).optional(),
      en: line(
        'EN (CH_PD) of the module, to reset it by that pin instead of RST: where GPIO16 is wired to RST, for example. ' +
          'Open-drain, active low.',
      ).optional(),
      power: line(
        'Switch of the supply of the module, which is fed only during a run. Push-pull, active high.',
      ).optional(),
      button: line('Start button of the nest. Input, active low.'),
      present: line('Sensor of the lid or of the module: without it in, no start. Input, active low.').optional(),
      pass: line('Green lamp. Push-pull, active high.'),
      fail: line('Red lamp. Push-pull, active high.'),
      busy: line('Yellow lamp. Push-pull, active high.'),
      ready: line(
        'White lamp, lit while the nest is ready; without it, busy winks. Push-pull, active high.',
      ).optional(),
      buzzer: line('Buzzer with a tone of its own, sounded in pulses. Push-pull, active high.').optional(),
    })
    .describe(
      "The nest's lines: 17, GPIO17, or { line: 17, active: low|high, pull: up|down|off, drive: open-drain|push-pull }; " +
        'an input also takes `debounce`.',
    ),
  stuckAfter: z
    .union([z.literal('off'), ...duration(1000, 60_000, "'5s', or off").options], {
      error: (issue) => mismatch("a time from 1 s to 60 s, such as '5s', or off", issue.input),
    })
    .prefault('5s')
    .describe(
      "The button is stuck once it has been held this long, `O04`: '5s' or milliseconds, 1 s to 60 s. off: for a contact " +
        'that stays closed, such as a lid switch or the START of a handler.',
    ),
  reset: z
    .enum(['lines', 'dtr-rts'])
    .default('lines')
    .describe(
      'How the module is reset. lines: by its lines gpio0 and rst or en. dtr-rts: by DTR and RTS of the port, for boards ' +
        'with auto-reset; then gpio0, rst and en are left out.',
    ),
});

/** The station file, /etc/jigd/jigd.yaml (design §6, §7). */
export const stationSchema = z.strictObject({
  station: station.describe('Who this station is.'),
  ledger: ledger.prefault({}).describe('Where runs are recorded.'),
  mqtt: mqtt.optional().describe('Where results are published; left out: nowhere.'),
  gpio: gpio.prefault({}).describe('How the header of the Pi is reached.'),
  alarms: alarms
    .prefault({})
    .describe('When failures lock a nest or the station, and what is told as an alarm; off: never.'),
  control: z
    .strictObject({
      socket: label(100)
        .default('/run/jigd/control.sock')
        .describe('Socket for the commands that change a running station, such as `jigd unlock`.'),
    })
    .prefault({})
    .describe('How commands reach the running station.'),
  stopWithin: duration(0, 600_000, "'60s'")
    // Whoever writes 60 means seconds, and would abort every run.
    .refine((ms) => ms === 0 || ms >= 1_000, {
      error: "expected 0 or a time from 1 s to 600 s, such as '60s'; a number without a unit is milliseconds.",
    })
    .prefault('60s')
    .describe(
      "How long a stop of the service waits for the runs under way: '60s' or milliseconds, 1 s to 600 s, or 0. After that they are aborted. " +
        'systemd is told to wait as long, whatever TimeoutStopSec says.',
    ),
  nests: z.array(nest).min(1).max(99).describe('One entry for each place for a module.'),
  lines: z
    .strictObject({
      estop: line(
        'Auxiliary contact of the emergency stop, normally closed to GND: pressed and a broken wire both read high. The ' +
          'stop itself is the work of hardware; the station ends its runs and refuses starts until the switch is released and ' +
          'a press has acknowledged it. Input, active high.',
      ).optional(),
      fault: line(
        'Lamp for who looks after the station: lit while a nest shows a code S or J, while a button is stuck, from an ' +
          'emergency stop until it is acknowledged, while there is no job, and once a line has failed. Push-pull, active high.',
      ).optional(),
    })
    .prefault({})
    .describe('Lines of the station as a whole.'),
  jobs: label(1024).default('/etc/jigd/jobs').describe('Directory of the job files.'),
  job: id().optional().describe('Name of the first job: its file in `jobs` without .yaml.'),
  lot: label()
    .optional()
    .describe(
      'The lot that is being made, for the records and the yields. Edit it and start the station again for the next.',
    ),
  workOrder: label()
    .optional()
    .describe('The work order that is being made, for the records. Edit it and start the station again for the next.'),
  approved: z
    .array(textLike(/^sha256:[0-9a-f]{64}$/, 'a hash as `jigd job hash` prints it: sha256: and 64 digits'))
    .min(1)
    .optional()
    .describe(
      'Hashes of the jobs that may be flashed. Left out: of each job the hash that was seen first, until `jigd approve` names another.',
    ),
});

/** The file as the schema leaves it: defaults filled in, lines as they are written. */
export type StationFile = z.output<typeof stationSchema>;

/** Keys of the design that do nothing in this version. */
export const stationKeysNotYet = ['page'] as const;

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
