import { expect, test } from 'vitest';
import { parseStationConfig } from '../../src/config/station-config.ts';
import { stationLines } from '../../src/config/station-lines.ts';
import { linesOfNest } from '../../src/daemon/open-nest.ts';
import { smallStation } from '../config/config-samples.ts';

test('of the lines of a nest the straps come first, then the supply of the module', () => {
  const text = `${smallStation}      power: 13\n      ready: 16\n`;
  const { id, serial, lines, stuckAfterMs } = parseStationConfig(text, '/etc/jigd/jigd.yaml').nests[0]!;
  const { gpio0, rst, ...others } = lines;
  if (gpio0 === null) throw new Error('This nest has straps.');
  const setup = { id, port: serial.path, baud: serial.baud, lines: { ...others, rst, gpio0 }, stuckAfterMs };
  const uses = linesOfNest(setup).map(({ use }) => use);
  expect(uses.slice(0, 3)).toEqual(['nest 1 gpio0', 'nest 1 rst', 'nest 1 power']);
  expect(uses).toHaveLength(8);
});

test.for([
  { name: 'the smallest nest', text: smallStation },
  {
    name: 'a nest with a supply, a sensor and EN',
    text: `${smallStation.replace('rst: 6', 'en: 6')}      power: 13\n      present: 19\n      ready: 16\n`,
  },
  {
    name: 'a nest without straps',
    text: `${smallStation.replace('      gpio0: 5\n      rst: 6\n', '')}      power: 13\n    reset: dtr-rts\n`,
  },
])('$name is released by the station as by `jigd release-lines`', ({ text }) => {
  const config = parseStationConfig(text, '/etc/jigd/jigd.yaml');
  const { id, serial, lines, resetPin, stuckAfterMs } = config.nests[0]!;
  const released = linesOfNest({ id, port: serial.path, baud: serial.baud, lines, resetPin, stuckAfterMs });
  const named = ({ use, direction, spec, feeds }: (typeof released)[number]): unknown => [
    use,
    direction,
    spec.bcm,
    feeds ?? false,
  ];
  expect(released.map(named).toSorted()).toEqual(stationLines(config).map(named).toSorted());
});
