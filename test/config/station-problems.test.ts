import { expect, test } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { parseStationConfig } from '../../src/config/station-config.ts';
import { problemsOf, shortly, smallStation } from './config-samples.ts';

const parse = (text: string): ReturnType<typeof parseStationConfig> => parseStationConfig(text, '/etc/jigd/jigd.yaml');

const secondNest = `  - id: 2
    serial: { path: /dev/ttyS1 }
    lines: { gpio0: 7, rst: 8, button: 9, pass: 10, fail: 11, busy: 12 }
`;

test.for([
  {
    name: 'an unknown key that is close to a known one',
    text: smallStation.replace('button: 4', 'buton: 4'),
    problems: [
      /^5:5 nests\[0\]\.lines\.button: expected a BCM number such as 17/,
      /^8:7 nests\[0\]\.lines\.buton: unknown key\. Did you mean button\?$/,
    ],
  },
  {
    name: 'an unknown key that is like nothing',
    text: `${smallStation}colour: red\n`,
    problems: [
      '12:1 colour: unknown key. Possible here: station, ledger, mqtt, gpio, alarms, control, stopWithin, nests, lines, jobs, job, lot, workOrder, approved.',
    ],
  },
  {
    name: 'an unknown key inside a line',
    text: smallStation.replace('rst: 6', 'rst: { line: 6, activ: low }'),
    problems: ['7:23 nests[0].lines.rst.activ: unknown key. Did you mean active?'],
  },
  {
    name: 'a key of a later version',
    text: `${smallStation}page: { listen: 127.0.0.1:8080 }\n`,
    problems: ['12:1 page: this key is not supported by this version; take it out.'],
  },
  {
    name: 'seconds that are read as milliseconds',
    text: `${smallStation}stopWithin: 60\n`,
    problems: [
      "12:13 stopWithin: expected 0 or a time from 1 s to 600 s, such as '60s'; a number without a unit is milliseconds.",
    ],
  },
  {
    name: 'text that YAML reads as a number',
    text: smallStation.replace('s1', '12'),
    problems: ['1:16 station.id: expected text, found the number 12; put it in quotes.'],
  },
  {
    name: 'a bad id',
    text: smallStation.replace('s1', 'Flash 3'),
    problems: ["1:16 station.id: expected lower-case letters, digits, - and _, at most 64, found 'Flash 3'."],
  },
  {
    name: 'a number out of its bounds',
    text: smallStation.replace('id: 1', 'id: 100'),
    problems: ['3:9 nests[0].id: expected a whole number from 1 to 99, found the number 100.'],
  },
  {
    name: 'a missing key',
    text: smallStation.replace('path: /dev/ttyS0', ''),
    problems: ['4:5 nests[0].serial.path: this key is missing; expected text.'],
  },
  {
    name: 'a list where a mapping belongs',
    text: smallStation.replace('{ id: s1 }', '[s1]'),
    problems: ['1:10 station: expected a mapping, found a list.'],
  },
  {
    name: 'no nests',
    text: 'station: { id: s1 }\nnests: []\n',
    problems: ['2:8 nests: expected at least one entry.'],
  },
  {
    name: 'nothing',
    text: '',
    problems: ['1:1 : expected a mapping, found nothing.'],
  },
  {
    name: 'a line that is no header line',
    text: smallStation.replace('pass: 17', 'pass: 529').replace('fail: 27', 'fail: GPIO28'),
    problems: [
      '9:13 nests[0].lines.pass: expected a whole number from 0 to 27, found the number 529.',
      "10:13 nests[0].lines.fail: expected a BCM number, 0 to 27 or GPIO0 to GPIO27, found 'GPIO28'.",
    ],
  },
  {
    name: 'one line used twice in two spellings',
    text: smallStation + secondNest.replace('pass: 10', 'pass: { line: GPIO17 }'),
    problems: ['14:49 nests[1].lines.pass: GPIO17 is already used by nests[0].lines.pass.'],
  },
  {
    name: 'one line used twice in a nest',
    text: smallStation.replace('fail: 27', 'fail: 17'),
    problems: ['10:13 nests[0].lines.fail: GPIO17 is already used by nests[0].lines.pass.'],
  },
  {
    name: 'one line used by a nest and by the station',
    text: `${smallStation}lines: { fault: 22 }\n`,
    problems: ['12:17 lines.fault: GPIO22 is already used by nests[0].lines.busy.'],
  },
  {
    name: 'a buzzer that is no line',
    text: `${smallStation}      buzzer: 28\n`,
    problems: ['12:15 nests[0].lines.buzzer: expected a whole number from 0 to 27, found the number 28.'],
  },
  {
    name: 'one port and one number used twice',
    text: smallStation + secondNest.replace('/dev/ttyS1', '/dev//ttyS0').replace('id: 2', 'id: 1'),
    problems: [
      '12:9 nests[1].id: the number 1 is already used by nests[0].id.',
      '13:21 nests[1].serial.path: /dev/ttyS0 is already used by nests[0].serial.path.',
    ],
  },
  {
    name: 'a pull with the driver that cannot set one',
    text: smallStation.replace('button: 4', 'button: { line: 4, pull: up }') + 'gpio: { driver: onoff }\n',
    problems: [
      '8:32 nests[0].lines.button.pull: the driver onoff cannot set a pull, because sysfs cannot; let gpio.driver be auto or chardev, write gpio=4=pu into config.txt of the Pi, or use a resistor.',
    ],
  },
  {
    name: 'a driven button and an open-drain lamp that is active high',
    text: smallStation
      .replace('button: 4', 'button: { line: 4, drive: push-pull }')
      .replace('pass: 17', 'pass: { line: 17, drive: open-drain }'),
    problems: [
      '8:33 nests[0].lines.button.drive: this line is an input and is never driven; take the key out.',
      '9:7 nests[0].lines.pass.active: an open-drain line is only ever driven low, so it cannot be active high; add drive: push-pull.',
    ],
  },
  {
    name: 'another driver',
    text: `${smallStation}gpio: { driver: gpiod }\n`,
    problems: [/^12:17 gpio\.driver: expected auto or onoff or chardev/],
  },
  {
    name: 'another way to reset',
    text: `${smallStation}    reset: magic\n`,
    problems: ["12:12 nests[0].reset: expected lines or dtr-rts, found 'magic'."],
  },
  {
    name: 'a reset by DTR and RTS and by lines',
    text: `${smallStation}    reset: dtr-rts\n`,
    problems: [
      '6:14 nests[0].lines.gpio0: with reset: dtr-rts the port does the work of this line; take the line out, or reset: dtr-rts.',
      '7:12 nests[0].lines.rst: with reset: dtr-rts the port does the work of this line; take the line out, or reset: dtr-rts.',
    ],
  },
  {
    name: 'a reset by one line and the port',
    text: `${smallStation.replace('      gpio0: 5\n', '')}    reset: dtr-rts\n`,
    problems: [/^6:12 nests\[0\]\.lines\.rst: with reset: dtr-rts the port does the work of this line/],
  },
  {
    name: 'a reset by lines without one of them',
    text: `${smallStation.replace('      rst: 6\n', '')}    reset: lines\n`,
    problems: [
      '5:5 nests[0].lines.rst: this key is missing; expected a BCM number such as 17, here or at en. Or: a board that DTR and RTS of its port reset needs reset: dtr-rts and none of gpio0, rst and en.',
    ],
  },
  {
    name: 'a reset by RST and by EN',
    text: `${smallStation}      en: 13\n`,
    problems: ['12:11 nests[0].lines.en: a module is reset by rst or by en; take one of the two lines out.'],
  },
  {
    name: 'a reset by EN without the other strap',
    text: smallStation.replace('      gpio0: 5\n', '').replace('rst: 6', 'en: 6'),
    problems: [
      '5:5 nests[0].lines.gpio0: this key is missing; expected a BCM number such as 17. Or: a board that DTR and RTS of its port reset needs reset: dtr-rts and none of gpio0, rst and en.',
    ],
  },
  {
    name: 'a reset by DTR and RTS and by EN',
    text: `${smallStation.replace('      gpio0: 5\n', '').replace('rst: 6', 'en: 6')}    reset: dtr-rts\n`,
    problems: [/^6:11 nests\[0\]\.lines\.en: with reset: dtr-rts the port does the work of this line/],
  },
  {
    name: 'an open-drain EN that is active high',
    text: smallStation.replace('rst: 6', 'en: { line: 6, active: high }'),
    problems: [/^7:30 nests\[0\]\.lines\.en\.active: an open-drain line is only ever driven low/],
  },
  {
    name: 'an open-drain supply that is active high by default',
    text: `${smallStation}      power: { line: 13, drive: open-drain }\n`,
    problems: [/^12:7 nests\[0\]\.lines\.power\.active: an open-drain line is only ever driven low/],
  },
  {
    name: 'a driven sensor',
    text: `${smallStation}      present: { line: 13, drive: push-pull }\n`,
    problems: [/^12:35 nests\[0\]\.lines\.present\.drive: this line is an input and is never driven/],
  },
  {
    name: 'a driven e-stop',
    text: `${smallStation}lines: { estop: { line: 13, drive: open-drain } }\n`,
    problems: ['12:36 lines.estop.drive: this line is an input and is never driven; take the key out.'],
  },
  {
    name: 'a switched supply and a strap that is driven high while it is off',
    text: `${smallStation.replace('rst: 6', 'rst: { line: 6, drive: push-pull }')}      power: 13\n`,
    problems: [
      '7:30 nests[0].lines.rst.drive: beside power a strap must not be driven high while the module is off; take push-pull out.',
    ],
  },
  {
    name: 'one supply for two nests',
    text: `${smallStation}      power: 13\n${secondNest.replace('busy: 12', 'busy: 12, power: 13')}`,
    problems: ['15:80 nests[1].lines.power: GPIO13 is already used by nests[0].lines.power.'],
  },
  {
    name: 'one line for a sensor and the e-stop',
    text: `${smallStation}      present: 13\nlines: { estop: GPIO13 }\n`,
    problems: ['13:17 lines.estop: GPIO13 is already used by nests[0].lines.present.'],
  },
  {
    name: 'outputs that bounce',
    text: `${smallStation
      .replace('rst: 6', 'rst: { line: 6, debounce: 20ms }')
      .replace('pass: 17', 'pass: { line: 17, debounce: 20 }')}lines: { fault: { line: 26, debounce: 1s } }\n`,
    problems: [
      '7:33 nests[0].lines.rst.debounce: this line is an output and does not bounce; take the key out.',
      '9:35 nests[0].lines.pass.debounce: this line is an output and does not bounce; take the key out.',
      '12:39 lines.fault.debounce: this line is an output and does not bounce; take the key out.',
    ],
  },
  ...[
    { written: '4ms', found: "'4ms'" },
    { written: '1001', found: 'the number 1001' },
    { written: '1.5s', found: "'1.5s'" },
    { written: 'long', found: "'long'" },
    { written: '2.5', found: 'the number 2.5' },
  ].map(({ written, found }) => ({
    name: `a contact that bounces for ${written}`,
    text: smallStation.replace('button: 4', `button: { line: 4, debounce: ${written} }`),
    problems: [
      `8:36 nests[0].lines.button.debounce: expected a time from 5 ms to 1 s, such as '20ms', found ${found}.`,
    ],
  })),
  ...[
    { written: '5', found: 'the number 5' },
    { written: '999ms', found: "'999ms'" },
    { written: '61s', found: "'61s'" },
    { written: 'on', found: "'on'" },
    { written: 'false', found: 'the value false' },
  ].map(({ written, found }) => ({
    name: `a button that is stuck after ${written}`,
    text: `${smallStation}    stuckAfter: ${written}\n`,
    problems: [`12:17 nests[0].stuckAfter: expected a time from 1 s to 60 s, such as '5s', or off, found ${found}.`],
  })),
  {
    name: 'an e-stop of a nest',
    text: `${smallStation}      estop: 13\n`,
    problems: [
      '12:7 nests[0].lines.estop: unknown key. Possible here: gpio0, rst, en, power, button, present, pass, fail, busy, ready, buzzer.',
    ],
  },
  {
    name: 'no line and no other way to reset',
    text: smallStation.replace('      gpio0: 5\n      rst: 6\n', ''),
    problems: [
      /^5:5 nests\[0\]\.lines\.gpio0: this key is missing/,
      /^5:5 nests\[0\]\.lines\.rst: this key is missing/,
    ],
  },
  {
    name: 'commands over MQTT',
    text: `${smallStation}mqtt: { url: mqtt://b, commands: [lock] }\n`,
    problems: ['12:34 mqtt.commands: commands over MQTT are not supported by this version; leave the list empty.'],
  },
  {
    name: 'a password in the address of the broker',
    text: `${smallStation}mqtt: { url: 'mqtt://me:secret@b' }\n`,
    problems: [/^12:14 mqtt\.url: expected mqtt:\/\/host:port or mqtts:\/\/host:port, without user and password/],
  },
  {
    name: 'a password without a user and a topic with an unknown name',
    text: `${smallStation}mqtt: { url: mqtt://b, passwordFile: p, baseTopic: 'a/\${site}' }\n`,
    problems: [
      '12:52 mqtt.baseTopic: only ${station} can stand in it, and ${line} when station.line is set.',
      '12:38 mqtt.passwordFile: a password needs a user name; add `username`.',
    ],
  },
  {
    name: 'a topic with an empty level',
    text: `${smallStation}mqtt: { url: mqtt://b, baseTopic: jigd/ }\n`,
    problems: [/^12:35 mqtt\.baseTopic: expected levels with \/ between them/],
  },
  {
    name: 'shifts that do not ascend and an unknown time zone',
    text: smallStation.replace('s1', "s1, timezone: Mars/Base, shifts: ['6:00']"),
    problems: [
      '1:30 station.timezone: expected a name of the IANA time zones, such as Europe/Berlin.',
      "1:50 station.shifts[0]: expected a time from 00:00 to 23:59, found '6:00'.",
    ],
  },
  {
    name: 'shifts in the wrong order',
    text: smallStation.replace('s1', "s1, shifts: ['14:00', '06:00']"),
    problems: ['1:38 station.shifts[1]: shifts ascend; 06:00 does not come after 14:00.'],
  },
  {
    name: 'a lot that is a number, and a work order that is too long',
    text: `${smallStation}lot: 4711\nworkOrder: '${'x'.repeat(65)}'\n`,
    problems: [
      '12:6 lot: expected text, found the number 4711; put it in quotes.',
      /^13:12 workOrder: expected 1 to 64 characters in one line/,
    ],
  },
  {
    name: 'a short hash',
    text: `${smallStation}approved: ['sha256:12']\n`,
    problems: [/^12:12 approved\[0\]: expected a hash as `jigd job hash` prints it/],
  },
])('$name is refused where it is written', ({ text, problems }) => {
  const found = shortly(problemsOf(() => parse(text)));
  expect(found).toHaveLength(problems.length);
  for (const [index, problem] of problems.entries()) {
    if (typeof problem === 'string') expect(found[index]).toBe(problem);
    else expect(found[index]).toMatch(problem);
  }
});

test('the message of the error names the file, line and column of each problem', () => {
  const text = smallStation.replace('s1', '12').replace('- id: 1', '- id: 0');
  expect(() => parse(text)).toThrow(
    new ConfigError([
      {
        file: '/etc/jigd/jigd.yaml',
        line: 1,
        column: 16,
        key: 'station.id',
        message: 'expected text, found the number 12; put it in quotes.',
      },
      {
        file: '/etc/jigd/jigd.yaml',
        line: 3,
        column: 9,
        key: 'nests[0].id',
        message: 'expected a whole number from 1 to 99, found the number 0.',
      },
    ]),
  );
});
