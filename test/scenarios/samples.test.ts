import { expect, test } from 'vitest';
import { StationError } from '../../src/foundation/faults.ts';
import type { RunResult } from '../../src/nest/run/run-result.ts';
import { behaviourStation, goodModule } from '../support/behaviour-station.ts';
import type { BehaviourOptions } from '../support/behaviour-station.ts';
import { atMoment, cutPowerAt, refusal, run, runToEnd } from '../support/station-steps.ts';
import type { VirtualStation } from '../support/virtual-station.ts';

type Sample = 'golden' | 'limit' | 'production';

async function tell(at: VirtualStation, mode: Sample): Promise<string> {
  return at.station.actions.perform({ verb: 'next-run', nest: 1, mode }, 'eve');
}

/** A station that was told to run a golden sample next. */
async function withGolden(options: BehaviourOptions = {}): Promise<VirtualStation> {
  const at = await behaviourStation(options);
  await tell(at, 'golden');
  return at;
}

function recorded(at: VirtualStation): (readonly [RunResult['mode'], string])[] {
  return at.station.ledger
    .runs()
    .map(({ mode, code }) => [mode, code ?? 'PASS'] as const)
    .toReversed();
}

/** The redo is golden too, counts nowhere, and the module after it is production. */
async function isJudgedNext(at: VirtualStation): Promise<void> {
  expect(await run(at)).toMatchObject({ mode: 'golden', outcome: 'PASS', attempt: null });
  at.insert(1, goodModule());
  await at.elapse(200);
  expect(await run(at)).toMatchObject({ mode: 'production', outcome: 'PASS', attempt: 1 });
  expect(at.station.ledger.figures.yieldOf()).toMatchObject({ units: 1, fpy: { part: 1, whole: 1 } });
}

test('a golden sample whose run was cut off by a power cut is golden at the redo', async () => {
  await using at = await withGolden();
  await cutPowerAt(at, 'write');
  await at.start();
  expect(recorded(at)).toEqual([['golden', 'S05']]);
  at.button(1).pull(null);
  await at.elapse(200);
  await isJudgedNext(at);
});

test('what was told before a restart holds after it', async () => {
  await using at = await withGolden();
  await at.stop();
  await at.start();
  await isJudgedNext(at);
});

test('a golden sample that was lifted in mid-run is golden when it is back', async () => {
  await using at = await withGolden({ sensor: true });
  const { chip } = at.nest(1).socket;
  if (chip === null) throw new Error('A module is wanted.');
  atMoment(at, 'write', () => at.nest(1).remove());
  await runToEnd(at);
  expect(recorded(at)).toEqual([['golden', 'O02']]);
  at.nest(1).insert(chip);
  await at.elapse(500);
  await isJudgedNext(at);
});

test('a golden sample with bad contact is golden at the press that the lamp asks for', async () => {
  await using at = await withGolden();
  const { chip } = at.nest(1).socket;
  if (chip === null) throw new Error('A module is wanted.');
  at.nest(1).remove();
  expect(await run(at)).toMatchObject({ mode: 'golden', outcome: 'FAIL', code: 'C01', mac: null });
  at.nest(1).insert(chip);
  await at.elapse(300);
  await isJudgedNext(at);
});

test('a start that is refused does not use the sample up', async () => {
  let hasJob = false;
  await using at = await withGolden({
    setup: ({ loadJob }) => ({
      loadJob: (name) => (hasJob ? loadJob(name) : Promise.reject(new StationError('J01'))),
    }),
  });
  expect(await refusal(at)).toMatchObject({ code: 'J01' });
  hasJob = true;
  await isJudgedNext(at);
});

test('a limit sample that fails as it should was judged', async () => {
  await using at = await behaviourStation();
  await tell(at, 'limit');
  at.insert(1, goodModule({ application: { regions: [], banner: '', baud: 115_200 } }));
  await at.elapse(200);
  const { mac, outcome, mode } = await run(at);
  expect([mac === null, outcome, mode]).toEqual([false, 'FAIL', 'limit']);
  at.insert(1, goodModule());
  await at.elapse(200);
  expect(await run(at)).toMatchObject({ mode: 'production' });
});

test('a sample that is told while another one runs is for the run after it, also after a restart', async () => {
  await using at = await withGolden();
  await at.elapse(1_000);
  atMoment(at, 'boot', () => void tell(at, 'golden'));
  expect(await run(at)).toMatchObject({ mode: 'golden', outcome: 'PASS' });
  await at.stop();
  await at.start();
  await isJudgedNext(at);
});

test('a person can take it back, and the audit trail has both', async () => {
  await using at = await withGolden();
  const { standing } = at.station.ledger;
  expect(standing.of('sample')).toMatchObject([{ key: '1', value: 'golden', who: 'eve' }]);
  expect(await tell(at, 'production')).toBe('The next run of nest 1 is one of production.');
  expect(standing.of('sample')).toEqual([]);
  expect(await run(at)).toMatchObject({ mode: 'production', attempt: 1 });
});
