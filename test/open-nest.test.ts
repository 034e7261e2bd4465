import { expect, test } from 'vitest';
import { parseStationConfig } from '../src/config/station-config.ts';
import { stationLines } from '../src/config/station-lines.ts';
import { linesOfNest } from '../src/open-nest.ts';
import { smallStation } from './config/config-samples.ts';

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
