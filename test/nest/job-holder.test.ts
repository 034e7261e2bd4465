import { describe, expect, test } from 'vitest';
import { StationError } from '../../src/foundation/faults.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import type { Job } from '../../src/firmware/job.ts';
import { JobHolder } from '../../src/nest/job-holder.ts';
import { benchJob } from '../support/bench-job.ts';

const job: Job = benchJob({ regions: [[0, Uint8Array.of(1, 2, 3, 4)]] });

/** Loads what it is given, one after the other; an error is thrown. */
function holder(loads: readonly (Job | Error)[], approved: readonly string[] | null = null) {
  let calls = 0;
  const load = async (): Promise<Job> => {
    const next = loads[Math.min(calls, loads.length - 1)];
    calls += 1;
    if (next instanceof Error || next === undefined) throw next ?? new Error('nothing to load');
    return next;
  };
  return { jobs: new JobHolder(load, approved, silentLogger()), calls: () => calls };
}

/** A start; what it throws at once and what it rejects with is the same to the nest. */
const start = async (jobs: JobHolder): Promise<Job> => jobs.current();
const refused = (code: string): unknown => expect.objectContaining({ name: 'StationError', code }) as unknown;

test('a start gets the job that was loaded, after its files were compared', async () => {
  let compared = 0;
  const { jobs } = holder([{ ...job, assertUnchanged: () => void (compared += 1) }]);
  await jobs.load();
  expect([await start(jobs), compared]).toEqual([jobs.job, 1]);
  await start(jobs);
  expect(compared).toBe(2);
});

test('a start is refused while the files differ from what was loaded, and goes on when they do not', async () => {
  let changed = true;
  const assertUnchanged = (): void => {
    if (changed) throw new StationError('J03', 'fw.bin has been changed since the job was loaded.');
  };
  const { jobs, calls } = holder([{ ...job, assertUnchanged }]);
  await jobs.load();
  await expect(start(jobs)).rejects.toEqual(refused('J03'));
  changed = false;
  expect((await start(jobs)).name).toBe('bench');
  expect(calls()).toBe(1);
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
  });

  test('the first start after a file was put in place finds it', async () => {
    const { jobs } = holder([new StationError('J02'), job]);
    await jobs.load();
    expect(await jobs.current()).toBe(job);
  });

  test('many starts load once at a time', async () => {
    const { jobs, calls } = holder([new StationError('J02')]);
    const starts = [1, 2, 3, 4, 5].map(() => jobs.current());
    for (const start of starts) await expect(start).rejects.toMatchObject({ code: 'J02' });
    expect(calls()).toBe(1);
  });
});

describe('promise 6: approval', () => {
  test('a job with another hash is refused, and the hash to approve is named', async () => {
    const { jobs } = holder([job], ['sha256:other']);
    await jobs.load();
    await expect(start(jobs)).rejects.toThrow(
      'J03 FILE_CHANGED: Job bench has the hash sha256:0, which is not in "approved".',
    );
    expect(jobs.job).toBeNull();
  });

  test('a job with an approved hash is taken', async () => {
    const { jobs } = holder([job], ['sha256:other', 'sha256:0']);
    expect(await start(jobs)).toBe(job);
  });

  test('nothing is approved by an empty list', async () => {
    const { jobs } = holder([job], []);
    await expect(start(jobs)).rejects.toEqual(refused('J03'));
  });

  test('a job that cannot be loaded again leaves the one in memory', async () => {
    const { jobs } = holder([job, new StationError('J02')]);
    await jobs.load();
    await jobs.load();
    expect(await start(jobs)).toBe(job);
  });
});
