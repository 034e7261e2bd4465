import { test } from 'vitest';
import { SimulatedLines } from '../../src/simulator/bench/simulated-lines.ts';
import { applies } from './line-rig.ts';
import type { Driven, Level, LineRig } from './line-rig.ts';
import { lineSuite } from './line-suite.ts';

/** The simulated bench: the same suite runs on real kernels with `npm run test:gpio`. */
function simulatedRig(): LineRig {
  const lines = new SimulatedLines();
  const known = new Set<number>();
  return {
    abilities: new Set(['pulls', 'bursts']),
    openDriver: () => Promise.resolve(lines),
    world(bcm, level) {
      // The first one is the resistor on the board, any later one a hand on the wire.
      if (known.has(bcm)) lines.wire(bcm).pull(level);
      else lines.wire(bcm, level);
      known.add(bcm);
    },
    level: (bcm): Level => lines.wire(bcm).level,
    async drivenDuring(bcm, work) {
      const wire = lines.wire(bcm);
      const drive = wire.drive.bind(wire);
      const states: Driven[] = [];
      wire.drive = (level) => {
        states.push(level ?? 'released');
        drive(level);
      };
      await work();
      wire.drive = drive;
      return states;
    },
    holder: (bcm) => lines.wire(bcm).openedBy,
    occupy: () => {
      throw new Error('There are no other programs on the simulated bench.');
    },
    leaveByKill: () => Promise.reject(new Error('There are no processes on the simulated bench.')),
    levelAfterKill: 'high',
  };
}

const applicable = lineSuite.filter((behaviour) => applies(behaviour, simulatedRig()));

test.for(applicable)('simulated lines: $name', async ({ check }) => {
  await check(simulatedRig());
});
