import { expect } from 'vitest';
import { behaviour } from '../support/behaviour.ts';
import { behaviourStation, goodModule, nextPasses } from '../support/behaviour-station.ts';
import { plainFigures } from '../support/plain-figures.ts';
import { lamps, run } from '../support/station-steps.ts';

behaviour(
  'unidentified failure adopted by the next MAC, and not adopted after a lid event',
  'without a sensor the next module that answers on that nest had its first attempt there',
  async () => {
    await using at = await behaviourStation();
    const module = goodModule();
    at.insert(1, { ...module, misbehave: [{ kind: 'silent' }] });
    const failure = await run(at);
    expect(failure).toMatchObject({ code: 'C01', mac: null, link: 'none' });
    at.insert(1, module);
    expect(await run(at)).toMatchObject({ outcome: 'PASS', mac: module.mac, adopts: failure.unit, attempt: 2 });
    const { units, fpy, finalYield, inferred } = at.station.ledger.figures.yieldOf();
    expect([units, fpy.part, finalYield.part, inferred.part]).toEqual([1, 0, 1, 1]);
  },
);

behaviour(
  'unidentified failure adopted by the next MAC, and not adopted after a lid event',
  'with a sensor that saw an exchange it stays a unit of its own, which has failed',
  async () => {
    await using at = await behaviourStation({ sensor: true });
    at.insert(1, goodModule({ misbehave: [{ kind: 'silent' }] }));
    await at.elapse(200);
    expect(await run(at)).toMatchObject({ code: 'C01', mac: null });
    at.nest(1).lidOpen = true;
    await at.elapse(500);
    const module = goodModule();
    at.insert(1, module);
    at.nest(1).lidOpen = false;
    await at.elapse(200);
    expect(await run(at)).toMatchObject({ outcome: 'PASS', mac: module.mac, adopts: null, attempt: 1 });
    const { units, fpy, finalYield, unidentified } = at.station.ledger.figures.yieldOf();
    expect([units, fpy.part, finalYield.part, unidentified]).toEqual([2, 1, 1, 1]);
  },
);

behaviour(
  'golden run excluded from every count',
  'it is recorded, green and told, and no yield, count or Pareto knows it; the next run is production again',
  async () => {
    await using at = await behaviourStation();
    await run(at);
    const before = plainFigures(at.station.ledger.figures);
    for (const misbehave of [[], [{ kind: 'silent' }]] as const) {
      at.insert(1, goodModule({ misbehave }));
      await at.station.actions.perform({ verb: 'next-run', nest: 1, mode: 'golden' }, 'eve');
      expect(await run(at)).toMatchObject({ mode: 'golden', pass: misbehave.length === 0 ? 1 : 0, attempt: null });
      expect(await lamps(at)).toBe(misbehave.length === 0 ? 'pass' : 'fail');
    }
    expect(plainFigures(at.station.ledger.figures)).toEqual(before);
    expect(at.station.ledger.lastSeq()).toBe(3);
    // The sample that never answered was not judged.
    await at.station.actions.perform({ verb: 'next-run', nest: 1, mode: 'production' }, 'eve');
    await nextPasses(at);
    const { units, good, runYield } = at.station.ledger.figures.yieldOf();
    expect([units, good, runYield.part, runYield.whole]).toEqual([2, 2, 2, 2]);
  },
);
