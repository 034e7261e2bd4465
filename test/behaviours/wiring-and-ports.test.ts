import { expect } from 'vitest';
import { behaviour } from '../support/behaviour.ts';
import { behaviourStation, nextPasses } from '../support/behaviour-station.ts';
import { virtualNestSetup } from '../support/virtual-station-nest.ts';
import { atShare, lamps, press, refusal, run, untilIdle } from '../support/station-steps.ts';

behaviour(
  'nest UART vanishes',
  'is S04 for that nest alone: its neighbour passes, and it works when the port is back',
  async () => {
    let isThere = true;
    await using at = await behaviourStation({
      nests: 2,
      drivers: { isPortThere: (path) => Promise.resolve(isThere || path !== '/dev/nest-1') },
    });
    atShare(at, 0.5, () => {
      isThere = false;
      at.nest(1).socket.unplug();
    });
    await press(at, 1);
    await press(at, 2);
    await untilIdle(at);
    const [second, first] = at.station.ledger.runs().toSorted((one, other) => (other.nest ?? 0) - (one.nest ?? 0));
    expect(first).toMatchObject({ outcome: 'ERROR', code: 'S04', phase: 'write', dirty: 1, attempt: null });
    expect(second).toMatchObject({ outcome: 'PASS' });
    expect([await lamps(at, 1), await lamps(at, 2)]).toEqual(['no-verdict', 'pass']);
    expect(await refusal(at, 1)).toMatchObject({ code: 'S04' });
    isThere = true;
    at.nest(1).socket.plugIn();
    expect(await lamps(at, 1)).toBe('ready');
    expect(await run(at, 1)).toMatchObject({ outcome: 'PASS', mac: first?.mac, seq: 3, attempt: 1, reflash: 0 });
  },
);

behaviour(
  'GPIO line busy',
  'keeps the station from starting with S03 and the name of the line, and leaves all lines safe',
  async () => {
    await using at = await behaviourStation({ nests: 2 });
    await at.stop();
    const { pass } = virtualNestSetup(2, false).lines;
    await at.lines.openOutput(pass, 'another program');
    const busy = { code: 'S03', message: expect.stringMatching(/nest 2 pass .* in use as another program/) as string };
    await expect(at.start()).rejects.toMatchObject(busy);
    for (const { wires } of at.nests.map((nest) => ({
      wires: ['rst', 'gpio0'].map((name) => nest.wire(name as 'rst')),
    }))) {
      expect(wires.map(({ level, openedBy }) => [level, openedBy])).toEqual([
        ['high', null],
        ['high', null],
      ]);
    }
    await at.start();
    await nextPasses(at, 2);
  },
);
