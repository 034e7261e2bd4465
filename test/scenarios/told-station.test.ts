import { utimesSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadJob } from '../../src/cli/job/load-job.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import type { Notice } from '../../src/nest/station-event.ts';
import { temporaryFolder } from '../ledger/runs.ts';
import { behaviour } from '../support/behaviour.ts';
import { secondImage, StationBench, usualJob } from '../support/station-bench.ts';
import type { FilePath } from '../support/station-bench.ts';

const twoJobs = {
  arrange: (file: FilePath) => writeFileSync(file('other.yaml'), usualJob.replace("release: '1.2'", "release: '1.3'")),
};

/** A station whose jobs are files of the bench. */
const withJobs = (file: { path: FilePath }) => ({
  setup: () => ({ loadJob: (name: string) => loadJob(file.path(`${name}.yaml`)), job: 'job' }),
  arrange: (path: FilePath) => {
    file.path = path;
    twoJobs.arrange(path);
  },
});

function noticesOf(bench: StationBench): readonly Pick<Notice, 'kind' | 'nest' | 'detail' | 'who'>[] {
  return bench.events.flatMap((event) => {
    if (event.kind !== 'notice') return [];
    const { kind, nest, detail, who } = event.notice;
    return [{ kind, nest, detail, ...(who === undefined ? {} : { who }) }];
  });
}

async function isRefused(bench: StationBench, nest: number, says: string): Promise<void> {
  await expect(bench.run(nest)).rejects.toThrow(says);
  // The refusal comes before the finger has left the button.
  while (bench.nest(nest).wire('button').level === 'low') await systemClock.sleep(5);
  await systemClock.sleep(50);
}

test('a file that is replaced stops every nest, and an approval lets every nest go on with the new one', async () => {
  await using bench = await StationBench.open({ nests: 2 });
  const before = bench.station.job?.hash;
  for (const nest of [1, 2]) {
    bench.insert({}, nest);
    expect(await bench.run(nest)).toMatchObject({ outcome: 'PASS', job_hash: before });
  }
  writeFileSync(bench.file('second.bin'), secondImage.toReversed());
  const now = (await loadJob(bench.file('job.yaml'))).hash;
  for (const nest of [1, 2]) {
    bench.insert({}, nest);
    await isRefused(
      bench,
      nest,
      `J03 second.bin has been changed since the job was loaded. ` +
        `The job was loaded with ${before} and is ${now} now; \`jigd approve ${now} --job job\` allows it.`,
    );
  }
  const done = `Job job may be flashed with the hash ${now}; it is loaded.`;
  expect(await bench.station.actions.perform({ verb: 'approve', job: null, hash: now }, 'eve')).toBe(done);
  for (const nest of [1, 2]) expect(await bench.run(nest)).toMatchObject({ outcome: 'PASS', job_hash: now });
  expect(noticesOf(bench).slice(-2)).toEqual([
    { kind: 'job-changed', nest: null, detail: `The job is bench-job, hash ${now}.`, who: 'eve' },
    { kind: 'action', nest: null, detail: done, who: 'eve' },
  ]);
  expect((await bench.told('action'))[0]).toMatchObject({ who: 'eve', detail: done, code: null });
});

test('files that are put back let every nest go on by themselves', async () => {
  await using bench = await StationBench.open({ nests: 2 });
  writeFileSync(bench.file('second.bin'), secondImage.toReversed());
  for (const nest of [1, 2]) {
    bench.insert({}, nest);
    await isRefused(bench, nest, 'J03');
  }
  writeFileSync(bench.file('second.bin'), secondImage);
  utimesSync(bench.file('second.bin'), 1_000_000_000, 1_000_000_000);
  for (const nest of [1, 2]) expect(await bench.run(nest)).toMatchObject({ outcome: 'PASS' });
});

behaviour(
  'job change requested while running',
  'is refused, the run ends with its own job, and at rest it is taken',
  async () => {
    const file = { path: (name: string) => name };
    await using bench = await StationBench.open(withJobs(file));
    bench.insert();
    let refused: Promise<unknown> = Promise.resolve();
    bench.inMidWrite(() => {
      refused = expect(
        bench.station.actions.perform({ verb: 'select-job', job: 'other' }, 'eve'),
      ).rejects.toMatchObject({
        name: 'Refusal',
        message: 'A run is under way on nest 1: the job changes only while every nest is idle.',
      });
    });
    expect(await bench.run()).toMatchObject({ outcome: 'PASS', release: '1.2' });
    await refused;
    expect(bench.station.ledger.standing.of('job')).toEqual([]);
    await bench.station.actions.perform({ verb: 'select-job', job: 'other' }, 'eve');
    bench.insert();
    expect(await bench.run()).toMatchObject({ outcome: 'PASS', release: '1.3' });
    await bench.consumer.until(() => bench.consumer.on('jigd/bench/job').at(-1)?.['release'] === '1.3');
    expect(bench.station.ledger.standing.of('job')).toMatchObject([{ key: 'station', value: 'other', who: 'eve' }]);
  },
);

test('a press while another job is being read starts with the old one, and the change is refused', async () => {
  let arrive: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const file = { path: (name: string) => name };
  await using bench = await StationBench.open({
    ...withJobs(file),
    setup: () => ({
      loadJob: async (name) => {
        if (name === 'other') await arrived;
        return loadJob(file.path(`${name}.yaml`));
      },
      job: 'job',
    }),
  });
  bench.insert();
  const selecting = expect(bench.station.actions.perform({ verb: 'select-job', job: 'other' }, 'eve')).rejects.toThrow(
    'A run is under way on nest 1',
  );
  const began = bench.next('runStarted').then(() => arrive());
  expect(await bench.run()).toMatchObject({ outcome: 'PASS', release: '1.2' });
  await Promise.all([began, selecting]);
  expect(bench.station.job).toMatchObject({ release: '1.2' });
});

test('with a list in the station file that list decides alone', async () => {
  using folder = temporaryFolder();
  let hash = '';
  {
    await using bench = await StationBench.open();
    hash = bench.station.job?.hash ?? '';
  }
  await using bench = await StationBench.open({ folder: folder.path, setup: () => ({ approved: [hash] }) });
  const other = `sha256:${'1'.repeat(64)}`;
  await expect(bench.station.actions.perform({ verb: 'approve', job: null, hash: other }, 'eve')).rejects.toMatchObject(
    { name: 'Refusal', action: 'Put the hash into its key `approved` and start the station again.' },
  );
  expect(noticesOf(bench)).toEqual([]);
  bench.insert();
  expect(await bench.run()).toMatchObject({ outcome: 'PASS', job_hash: hash });
});

test('a module that is held is released with one word of who did it', async () => {
  await using bench = await StationBench.open();
  const { standing } = bench.station.ledger;
  const mac = '5c:cf:7f:00:00:01';
  standing.set({ kind: 'hold', key: mac, value: 'D04', detail: null, who: 'station' });
  expect(await bench.station.actions.perform({ verb: 'release', mac: '5C-CF-7F-00-00-01' }, 'eve')).toBe(
    `The module ${mac} is held no longer and may be tried again.`,
  );
  expect([standing.of('hold'), standing.of('release')]).toMatchObject([[], [{ key: mac, who: 'eve' }]]);
});

test('an accepted part is one of the product, and what it has locked stays locked', async () => {
  await using bench = await StationBench.open();
  const { standing } = bench.station.ledger;
  expect(await bench.station.actions.perform({ verb: 'accept-part', flashId: 'C84016' }, 'eve')).toBe(
    'The flash part c84016 is accepted for bench-module.',
  );
  standing.set({ kind: 'lock', key: '1', value: 'F02', detail: 'New part.', who: 'station' });
  expect(await bench.station.actions.perform({ verb: 'accept-part', flashId: 'ef4016' }, 'eve')).toBe(
    'The flash part ef4016 is accepted for bench-module. What was locked for it stays locked until `jigd unlock`.',
  );
  expect(standing.of('part', 'bench-module').map(({ value }) => value)).toEqual(['c84016', 'ef4016']);
});

test('the next run is the sample that was told, and only that one; an unknown nest and a quiet alarm are refused', async () => {
  await using bench = await StationBench.open();
  const { actions } = bench.station;
  expect(await actions.perform({ verb: 'next-run', nest: 1, mode: 'golden' }, 'eve')).toBe(
    'The next run of nest 1 is one with a golden sample, until that was judged; it counts in no yield.',
  );
  for (const mode of ['golden', 'production']) {
    bench.insert();
    expect(await bench.run()).toMatchObject({ outcome: 'PASS', mode });
  }
  await expect(actions.perform({ verb: 'next-run', nest: 2, mode: 'limit' }, 'eve')).rejects.toThrow(
    'There is no nest 2; this station has 1.',
  );
  await expect(actions.perform({ verb: 'acknowledge', alarm: 'same-code' }, 'eve')).rejects.toThrow(
    'The alarm same-code waits for nobody to see it: it ends with its cause.',
  );
  await expect(actions.perform({ verb: 'acknowledge', alarm: 'new-flash-id' }, 'eve')).rejects.toThrow(
    'The alarm new-flash-id is not active.',
  );
});
