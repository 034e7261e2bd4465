import { expect, test } from 'vitest';
import { AlarmWatch } from '../../src/alarms/alarm-watch.ts';
import { usualAlarmLimits } from '../../src/foundation/alarm-limits.ts';
import type { AlarmLimits } from '../../src/foundation/alarm-limits.ts';
import type { FaultCode } from '../../src/foundation/faults.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { Alarm } from '../../src/nest/station-event.ts';
import { failed, opening, passed, temporaryFolder } from '../ledger/runs.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { fail, pass, runsOf, said } from './run-traces.ts';

const noLimits: AlarmLimits = {
  ...{ nestFails: null, stationFails: null, sameCode: null, nestYield: null, falseFails: null, lotYield: null },
  ...{ noFailures: null, marginalRate: null, linkTime: null, newFlashId: false, blockedStarts: null },
};

/** A ledger, and watches on it that can be started again. */
async function opened() {
  const folder = temporaryFolder();
  const clock = new VirtualClock();
  const ledger = await Ledger.open(folder.file('ledger.sqlite'), { clock });
  let runs = 0;
  return {
    ...{ ledger, clock },
    watch(limits: AlarmLimits = usualAlarmLimits, lot: string | null = null) {
      const alarms: Alarm[] = [];
      const watch = new AlarmWatch({
        ...{ limits, nests: [1, 2], lot, figures: ledger.figures, standing: ledger.standing, clock },
        jobFault: () => null,
        log: silentLogger(),
        tell: (event) => {
          if (event.kind === 'alarm') alarms.push(event.alarm);
        },
      });
      const start = (): void => watch.start([1, 2].flatMap((nest) => ledger.figures.recentRuns(nest, 400)));
      return { watch, alarms, start };
    },
    /** A run in the ledger, each of a module of its own unless one is named. */
    record(report = passed(), changes: Partial<Parameters<typeof opening>[1]> = {}) {
      runs += 1;
      const mac = `5c:cf:7f:00:${String(Math.floor(runs / 100)).padStart(2, '0')}:${String(runs % 100).padStart(2, '0')}`;
      ledger.openRun(opening(`r${runs}`, changes));
      const identity = { mac, chip: 'ESP8266EX', flashId: 'ef4016', flashBytes: 4_194_304 };
      return ledger.closeRun(`r${runs}`, { ...report, identity }, { finishedAt: clock.now() });
    },
    [Symbol.dispose]: () => {
      ledger.close();
      folder[Symbol.dispose]();
    },
  };
}

const refused = (code: FaultCode) =>
  ({ kind: 'notice', notice: { kind: 'blocked-start', nest: 1, code, detail: 'No.', at: 0 } }) as const;
const jobInfo = { job: 'j', jobHash: 'h', operation: 'o', product: 'p', release: null };

test('an alarm is told once when it begins and once when it ends, and its numbers are no news', async () => {
  using here = await opened();
  const { watch, alarms } = here.watch();
  for (const run of runsOf('V01 V01 V01 V01 V01 V01 V01')) watch.recorded(run);
  for (let run = 0; run < 20; run += 1) watch.recorded(pass());
  expect(said(alarms)).toEqual(['+same-code', '-same-code']);
  expect(alarms[0]).toMatchObject({ nest: null, code: 'V01', since: here.clock.now() });
});

test('another code is another alarm', async () => {
  using here = await opened();
  const { watch, alarms } = here.watch();
  for (const run of runsOf('V01 V01 V01 V01 V01 C01 C01 C01 C01 C01 C01 C01')) watch.recorded(run);
  expect(alarms.map(({ active, code }) => [active, code])).toEqual([
    [true, 'V01'],
    [false, 'V01'],
    [true, 'C01'],
  ]);
});

test.for(['golden', 'limit', 'engineering'] as const)(
  'runs in %s are in no rule but that of no failures',
  async (mode) => {
    using here = await opened();
    const { watch, alarms } = here.watch({ ...usualAlarmLimits, noFailures: 100 });
    for (let run = 0; run < 200; run += 1) watch.recorded(fail('V01', { mode, flash_id: `ef40${run}` }));
    for (let run = 0; run < 200; run += 1) watch.recorded(pass({ mode }));
    expect(alarms).toEqual([]);
  },
);

test('after a restart an alarm of the last runs is there at once', async () => {
  using here = await opened();
  for (let run = 0; run < 5; run += 1) here.record(failed());
  const { alarms, start } = here.watch();
  start();
  expect(said(alarms)).toEqual(['+same-code']);
});

test('runs without a failure are counted on from the ledger', async () => {
  using here = await opened();
  here.record(failed());
  for (let run = 0; run < 100; run += 1) here.record(passed());
  const { watch, alarms, start } = here.watch({ ...noLimits, noFailures: 100 });
  start();
  expect(alarms).toEqual([]);
  watch.recorded(pass());
  watch.recorded(fail('V01', { mode: 'limit' }));
  expect(said(alarms)).toEqual(['+no-failures', '-no-failures']);
});

test('a new flash part lasts until somebody has seen it, also over a restart', async () => {
  using here = await opened();
  here.record(passed());
  const first = here.watch();
  first.start();
  // The part of the runs of before is none.
  first.watch.recorded(pass({ flash_id: 'ef4016' }));
  first.watch.recorded(pass({ flash_id: null }));
  first.watch.recorded(pass({ flash_id: 'c84016', product: 'another' }));
  expect(first.alarms).toEqual([]);
  first.watch.recorded(pass({ flash_id: 'c84016' }));
  first.watch.recorded(pass({ flash_id: 'c84016' }));
  expect(said(first.alarms)).toEqual(['+new-flash-id']);
  expect(first.alarms[0]?.detail).toBe('The flash part c84016 has not been met with esp12-a before.');

  here.clock.advance(60_000);
  const second = here.watch();
  second.start();
  expect(second.alarms).toEqual([first.alarms[0]]);
  expect(second.watch.acknowledge('same-code', 'badge-7')).toBe(false);
  expect(second.watch.acknowledge('new-flash-id', 'badge-7')).toBe(true);
  expect(said(second.alarms)).toEqual(['+new-flash-id', '-new-flash-id']);
  expect(second.watch.acknowledge('new-flash-id', 'badge-7')).toBe(false);

  const third = here.watch();
  third.start();
  third.watch.recorded(pass({ flash_id: 'c84016' }));
  expect(third.alarms).toEqual([]);
});

test('starts that are refused for the job are an alarm, until a start succeeds or a job is loaded', async () => {
  using here = await opened();
  const { watch, alarms } = here.watch();
  for (const code of ['C09', 'D05', 'S07', 'J06'] as const) watch.heard(refused(code));
  expect(alarms).toEqual([]);
  watch.heard(refused('J03'));
  watch.heard(refused('J03'));
  watch.heard({ kind: 'jobLoaded', job: jobInfo });
  watch.heard(refused('J02'));
  watch.heard({ kind: 'runStarted', opening: opening('r') });
  expect(said(alarms)).toEqual(['+job', '-job', '+job', '-job']);
  expect(alarms.map(({ code }) => code)).toEqual(['J03', 'J03', 'J02', 'J02']);
});

test('refused starts beside runs', async () => {
  using here = await opened();
  const { watch, alarms } = here.watch();
  for (let run = 0; run < 20; run += 1) watch.recorded(pass());
  for (let press = 0; press < 3; press += 1) watch.heard(refused('S07'));
  expect(said(alarms)).toEqual(['+blocked-starts']);
});

test('the yield of the lot is read a little later, once for results that come together', async () => {
  using here = await opened();
  const { watch, alarms, start } = here.watch({ ...noLimits, lotYield: 98 }, 'L-1');
  start();
  here.clock.advance(10_000);
  for (let run = 0; run < 10; run += 1) watch.recorded(here.record(failed(), { lot: 'L-1' }));
  expect(alarms).toEqual([]);
  expect(here.clock.pending).toBe(1);
  here.clock.advance(2_000);
  expect(said(alarms)).toEqual(['+lot-yield']);
  expect(here.clock.pending).toBe(0);
  watch[Symbol.dispose]();
});

test('more passes with repeats than in the week before', async () => {
  using here = await opened();
  const { watch, alarms, start } = here.watch({ ...noLimits, marginalRate: 2 });
  for (let run = 0; run < 300; run += 1) {
    here.clock.advance(60_000);
    here.record(passed({ marginal: run >= 290 }));
  }
  start();
  here.clock.advance(2_000);
  expect(said(alarms)).toEqual(['+marginal-rate']);
  watch[Symbol.dispose]();
});

test('off is off', async () => {
  using here = await opened();
  const { watch, alarms } = here.watch(noLimits, 'L-1');
  for (let run = 0; run < 300; run += 1) watch.recorded(here.record(failed(), { lot: 'L-1' }));
  for (let press = 0; press < 300; press += 1) watch.heard(refused('S07'));
  here.clock.advance(10_000);
  expect(alarms).toEqual([]);
  watch[Symbol.dispose]();
});

test('a ledger that cannot be read stops nothing', async () => {
  using here = await opened();
  const { watch, alarms } = here.watch();
  watch.recorded(pass());
  here.ledger.close();
  here.clock.advance(10_000);
  watch.recorded(pass({ flash_id: 'c84016' }));
  expect(alarms).toEqual([]);
  watch[Symbol.dispose]();
});
