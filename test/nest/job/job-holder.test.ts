import { describe, expect, test } from 'vitest';
import { StationError } from '../../../src/foundation/faults.ts';
import { silentLogger } from '../../../src/foundation/logger.ts';
import { Refusal } from '../../../src/foundation/refusal.ts';
import type { Job } from '../../../src/firmware/job.ts';
import { JobApprovals } from '../../../src/nest/job/job-approvals.ts';
import { JobHolder } from '../../../src/nest/job/job-holder.ts';
import { benchJob } from '../../support/bench-job.ts';
import { MemoryStanding } from '../../support/memory-standing.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const job: Job = benchJob({ regions: [[0, Uint8Array.of(1, 2, 3, 4)]] });
const hashA = 'sha256:aaaa';
const hashB = 'sha256:bbbb';
const jobA: Job = { ...job, hash: hashA };
const jobB: Job = { ...job, hash: hashB };

interface Options {
  readonly approved?: readonly string[] | null;
  readonly standing?: MemoryStanding;
  readonly clock?: VirtualClock;
}

/** Loads what it is given, one after the other; an error is thrown. */
function holder(loads: readonly (Job | Error | Promise<Job>)[], options: Options = {}) {
  const { approved = null, standing = new MemoryStanding(), clock = new VirtualClock() } = options;
  const asked: string[] = [];
  const loaded: (readonly [string | null, string])[] = [];
  const load = async (name: string): Promise<Job> => {
    const next = loads[Math.min(asked.length, loads.length - 1)];
    asked.push(name);
    if (next instanceof Error || next === undefined) throw next ?? new Error('nothing to load');
    return next;
  };
  const jobs = new JobHolder('first', {
    load,
    approvals: new JobApprovals(approved, standing, silentLogger()),
    clock,
    log: silentLogger(),
    onLoaded: (now, before) => loaded.push([before?.hash ?? null, now.hash]),
  });
  return { jobs, asked, loaded, standing, clock, calls: () => asked.length };
}

/** A start; what it throws at once and what it rejects with is the same to the nest. */
const start = async (jobs: JobHolder): Promise<Job> => jobs.current();
const refused = (code: string): unknown => expect.objectContaining({ name: 'StationError', code }) as unknown;
const idle = (): void => undefined;
const busy = (): void => {
  throw new Refusal('A run is under way.');
};
/** A job whose files are no longer what is in memory while `files.changed`. */
function changing(from: Job): { readonly job: Job; readonly files: { changed: boolean } } {
  const files = { changed: false };
  const assertUnchanged = (): void => {
    if (files.changed) throw new StationError('J03', 'fw.bin has been changed since the job was loaded.');
  };
  return { job: { ...from, assertUnchanged }, files };
}

test('a start gets the job that was loaded, after its files were compared', async () => {
  let compared = 0;
  const { jobs } = holder([{ ...job, assertUnchanged: () => void (compared += 1) }]);
  await jobs.load();
  expect([await start(jobs), compared]).toEqual([jobs.job, 1]);
  await start(jobs);
  expect(compared).toBe(2);
});

test('with a job in memory a start needs no promise, so that a row can be opened at once', async () => {
  const { jobs } = holder([job]);
  await jobs.load();
  expect(jobs.current()).toBe(job);
});

describe('without a job', () => {
  test('a start loads it', async () => {
    const { jobs } = holder([job]);
    expect(jobs.job).toBeNull();
    expect(await jobs.current()).toBe(job);
    expect(jobs.current()).toBe(job);
  });

  test.for([
    { name: 'the fault of the job', error: new StationError('J02', 'fw.bin is missing.'), code: 'J02' },
    { name: 'J01 for a file that is no job', error: Object.assign(new Error('bad'), { problems: [] }), code: 'J01' },
    { name: 'S99 for a defect', error: new TypeError('undefined is not a function'), code: 'S99' },
  ])('a start is refused with $name', async ({ error, code }) => {
    const { jobs } = holder([error]);
    await jobs.load();
    await expect(jobs.current()).rejects.toMatchObject({ code });
    expect(jobs.fault).toMatchObject({ code });
  });

  test('the first start after a file was put in place finds it', async () => {
    const { jobs } = holder([new StationError('J02'), job]);
    await jobs.load();
    expect(await jobs.current()).toBe(job);
    expect(jobs.fault).toBeNull();
  });

  test('many starts load once at a time', async () => {
    const { jobs, calls } = holder([new StationError('J02')]);
    const starts = [1, 2, 3, 4, 5].map(() => jobs.current());
    for (const start of starts) await expect(start).rejects.toMatchObject({ code: 'J02' });
    expect(calls()).toBe(1);
  });

  test('a load that does not end is given up after 10 s, and the next start begins another', async () => {
    const { jobs, clock } = holder([new Promise<Job>(() => undefined), job]);
    const stuck = expect(jobs.current()).rejects.toThrow('J01 NO_JOB: Job first could not be read within 10 s.');
    clock.advance(10_000);
    await stuck;
    expect(await jobs.current()).toBe(job);
  });
});

describe('promise 6: only what is in memory and approved is flashed', () => {
  test('with a list, a job with another hash is refused, and the hash to approve is named', async () => {
    const { jobs, standing } = holder([job], { approved: ['sha256:other'] });
    await jobs.load();
    await expect(start(jobs)).rejects.toThrow(
      'J03 FILE_CHANGED: Job bench has the hash sha256:0, which is not in "approved".',
    );
    expect(jobs.job).toBeNull();
    expect(standing.rows).toEqual([]);
  });

  test('with a list, a job with an approved hash is taken', async () => {
    const { jobs, standing } = holder([job], { approved: ['sha256:other', 'sha256:0'] });
    expect(await start(jobs)).toBe(job);
    expect(standing.rows).toEqual([]);
  });

  test('nothing is approved by an empty list', async () => {
    const { jobs } = holder([job], { approved: [] });
    await expect(start(jobs)).rejects.toEqual(refused('J03'));
  });

  test('without a list, the hash that is seen first is approved, and no other', async () => {
    const standing = new MemoryStanding();
    await holder([jobA], { standing }).jobs.load();
    expect(standing.of('job-approval')).toMatchObject([{ key: 'first', value: hashA, who: 'station' }]);
    const { jobs } = holder([jobB], { standing });
    await expect(start(jobs)).rejects.toThrow(
      `J03 FILE_CHANGED: Job first has the hash ${hashB}; approved is ${hashA}. \`jigd approve ${hashB} --job first\` allows it.`,
    );
    expect(standing.of('job-approval')).toMatchObject([{ value: hashA }]);
  });

  test('an approval that cannot be saved just now holds until the station stops', async () => {
    const { jobs, standing } = holder([jobA]);
    standing.full = true;
    expect(await start(jobs)).toBe(jobA);
    expect(standing.rows).toEqual([]);
  });

  test('an approval that could not be saved is saved by a later start', async () => {
    const { jobs, standing } = holder([jobA]);
    standing.full = true;
    await jobs.load();
    standing.full = false;
    expect(await start(jobs)).toBe(jobA);
    expect(standing.of('job-approval')).toMatchObject([{ key: 'first', value: hashA, who: 'station' }]);
  });

  test('a job that cannot be loaded again leaves the one in memory', async () => {
    const { jobs } = holder([job, new StationError('J02')]);
    await jobs.load();
    await jobs.load();
    expect(await start(jobs)).toBe(job);
  });
});

describe('a file that changes while the station runs', () => {
  test('refuses starts, names both hashes and the command, and the restored one goes on by itself', async () => {
    const { job: watched, files } = changing(jobA);
    const { jobs, loaded } = holder([watched, jobB]);
    await jobs.load();
    files.changed = true;
    await expect(start(jobs)).rejects.toThrow(
      'J03 FILE_CHANGED: fw.bin has been changed since the job was loaded. ' +
        `The job was loaded with ${hashA} and is ${hashB} now; \`jigd approve ${hashB} --job first\` allows it.`,
    );
    files.changed = false;
    expect(await start(jobs)).toBe(watched);
    expect(loaded).toEqual([[null, hashA]]);
  });

  test.for([
    { name: 'is not on the list', approved: [hashA], says: 'that is not in "approved".' },
    { name: 'is on it too', approved: [hashA, hashB], says: 'that is approved, and `jigd select-job first` loads it.' },
  ])('is not flashed with a list, and it is said whether the new hash $name', async ({ approved, says }) => {
    const { job: watched, files } = changing(jobA);
    const { jobs } = holder([watched, jobB], { approved });
    await jobs.load();
    files.changed = true;
    await expect(start(jobs)).rejects.toThrow(says);
    expect(jobs.job).toBe(watched);
  });

  test('is J03 as well when it is no job any more', async () => {
    const { job: watched, files } = changing(jobA);
    const { jobs } = holder([watched, new StationError('J04')]);
    await jobs.load();
    files.changed = true;
    await expect(start(jobs)).rejects.toThrow('J03 FILE_CHANGED: fw.bin has been changed since the job was loaded.');
  });

  test('that is restored while it is compared is the job in memory', async () => {
    const { job: watched, files } = changing(jobA);
    const { jobs } = holder([watched, jobA]);
    await jobs.load();
    files.changed = true;
    const starting = jobs.current();
    files.changed = false;
    expect(await starting).toBe(watched);
  });

  test('is J03 where the job can only be had from memory again, as in a demo', async () => {
    const { job: watched, files } = changing(jobA);
    const { jobs } = holder([watched]);
    await jobs.load();
    files.changed = true;
    await expect(start(jobs)).rejects.toEqual(refused('J03'));
  });
});

describe('an approval by a person', () => {
  test('of the new hash loads the changed job without a restart', async () => {
    const { job: watched, files } = changing(jobA);
    const { jobs, loaded, standing } = holder([watched, jobB]);
    await jobs.load();
    files.changed = true;
    expect(await jobs.approve(null, hashB, 'eve', idle)).toBe(
      `Job first may be flashed with the hash ${hashB}; it is loaded.`,
    );
    expect(jobs.current()).toBe(jobB);
    expect(loaded).toEqual([
      [null, hashA],
      [hashA, hashB],
    ]);
    expect(standing.of('job-approval')).toMatchObject([{ key: 'first', value: hashB, who: 'eve' }]);
  });

  test('before the file is there stops the old one, and the first start after it came goes on', async () => {
    const { jobs } = holder([jobA, jobA, jobA, jobB]);
    await jobs.load();
    expect(await jobs.approve(null, hashB, 'eve', idle)).toMatch(/is not loaded: J03 .*has the hash sha256:aaaa/);
    expect(jobs.job).toBeNull();
    await expect(start(jobs)).rejects.toEqual(refused('J03'));
    expect(await start(jobs)).toBe(jobB);
  });

  test('of another job than the chosen one loads nothing', async () => {
    const { jobs, calls } = holder([jobA]);
    await jobs.load();
    expect(await jobs.approve('second', hashB, 'eve', busy)).toBe(`Job second may be flashed with the hash ${hashB}.`);
    expect([jobs.job, calls()]).toEqual([jobA, 1]);
  });

  test('of what is approved already changes nothing', async () => {
    const { jobs, calls } = holder([jobA]);
    await jobs.load();
    expect(await jobs.approve(null, hashA, 'eve', busy)).toBe('Job first had this hash already; it is loaded.');
    expect(calls()).toBe(1);
  });

  test('is refused while a run is under way with the old one', async () => {
    const { jobs, standing } = holder([jobA, jobB]);
    await jobs.load();
    await expect(jobs.approve(null, hashB, 'eve', busy)).rejects.toThrow('A run is under way.');
    expect(standing.of('job-approval')).toMatchObject([{ value: hashA }]);
    expect(jobs.current()).toBe(jobA);
  });

  test('is refused where the station file has a list, which decides alone', async () => {
    const { jobs, standing } = holder([jobA], { approved: [hashA] });
    await jobs.load();
    await expect(jobs.approve(null, hashB, 'eve', idle)).rejects.toMatchObject({
      name: 'Refusal',
      action: 'Put the hash into its key `approved` and start the station again.',
    });
    expect(standing.rows).toEqual([]);
  });

  test('that cannot be saved changes nothing', async () => {
    const { jobs, standing } = holder([jobA, jobB]);
    await jobs.load();
    standing.full = true;
    await expect(jobs.approve(null, hashB, 'eve', idle)).rejects.toEqual(refused('S02'));
    expect(jobs.current()).toBe(jobA);
  });
});

describe('another job', () => {
  test('is loaded and checked, then taken, and its first hash is approved', async () => {
    const { jobs, asked, standing } = holder([jobA, jobB]);
    await jobs.load();
    const kept: (string | null)[] = [];
    await jobs.select('second', idle, () => kept.push(jobs.name));
    expect([jobs.name, jobs.current()]).toEqual(['second', jobB]);
    expect(asked).toEqual(['first', 'second']);
    // The choice is written before the switch.
    expect(kept).toEqual(['first']);
    expect(standing.of('job-approval').map(({ key, value }) => [key, value])).toEqual([
      ['first', hashA],
      ['second', hashB],
    ]);
  });

  test.for([
    { name: 'cannot be loaded', load: new StationError('J02', 'fw.bin is missing.'), code: 'J02' },
    { name: 'is no job', load: Object.assign(new Error('bad'), { problems: [] }), code: 'J01' },
    { name: 'is not approved', load: { ...job, hash: 'sha256:cccc' }, code: 'J03' },
  ])('that $name leaves the old one in place', async ({ load, code }) => {
    const { jobs } = holder([jobA, load], { approved: [hashA] });
    await jobs.load();
    await expect(jobs.select('second', idle, idle)).rejects.toMatchObject({ code });
    expect([jobs.name, jobs.current()]).toEqual(['first', jobA]);
  });

  test('is refused while a run is under way, before anything is read', async () => {
    const { jobs, calls } = holder([jobA, jobB]);
    await jobs.load();
    await expect(jobs.select('second', busy, idle)).rejects.toThrow('A run is under way.');
    expect([jobs.name, calls()]).toEqual(['first', 1]);
  });

  test('is refused when a run has begun while it was read: nothing has changed, not even its approval', async () => {
    const { jobs, standing } = holder([jobA, jobB]);
    await jobs.load();
    let begun = false;
    const selecting = jobs.select('second', () => (begun ? busy() : undefined), idle);
    begun = true;
    await expect(selecting).rejects.toThrow('A run is under way.');
    expect([jobs.name, jobs.current()]).toEqual(['first', jobA]);
    expect(standing.of('job-approval', 'second')).toEqual([]);
  });

  test('is refused when the choice cannot be written down', async () => {
    const { jobs } = holder([jobA, jobB]);
    await jobs.load();
    const full = (): void => {
      throw new StationError('S02');
    };
    await expect(jobs.select('second', idle, full)).rejects.toEqual(refused('S02'));
    expect([jobs.name, jobs.current()]).toEqual(['first', jobA]);
  });

  test('that was chosen while the old one was being loaded is the one that stays', async () => {
    let arrive: (job: Job) => void = () => undefined;
    const { jobs } = holder([new Promise<Job>((resolve) => (arrive = resolve)), jobB]);
    const loading = jobs.load();
    await jobs.select('second', idle, idle);
    arrive(jobA);
    await loading;
    expect([jobs.name, jobs.current()]).toEqual(['second', jobB]);
  });
});

test('a station without a choice has no job, and says so', async () => {
  const jobs = new JobHolder(null, {
    load: () => Promise.resolve(job),
    approvals: new JobApprovals(null, new MemoryStanding(), silentLogger()),
    clock: new VirtualClock(),
    log: silentLogger(),
  });
  await expect(start(jobs)).rejects.toEqual(refused('J01'));
  await expect(jobs.approve(null, hashA, 'eve', idle)).rejects.toThrow('No job is chosen.');
});
