import { describe, expect, test } from 'vitest';
import { faultTable } from '../../src/foundation/faults.ts';
import type { FaultCode } from '../../src/foundation/faults.ts';
import type { BootCheck } from '../../src/firmware/job.ts';
import { benchJob } from '../support/bench-job.ts';
import { smallFlash } from '../support/fault-cells.ts';
import { goodApplication, retriedCodes, retriedRegions } from '../support/retried-codes.ts';
import type { Trouble } from '../support/retried-codes.ts';
import { holdsJob, noLeaks, VirtualBench } from '../support/virtual-bench.ts';
import type { VirtualEvent } from '../support/virtual-bench.ts';

const boot: BootCheck = {
  baud: 115_200,
  expect: /NodeMCU (\S+)/,
  version: null,
  forbid: null,
  fail: null,
  dialogue: [],
  withinMs: 5_000,
};
const job = benchJob({ regions: retriedRegions, boot });
/** Raised by nothing: no job can say that a region has to be blank. */
const neverRaised: readonly FaultCode[] = ['V03'];

async function runWith({ module, faults = [], run = {} }: Trouble) {
  const bench = new VirtualBench();
  const chip = bench.insert({ flash: smallFlash, application: goodApplication, ...module });
  const struck = new Set<object>();
  const events = faults.flatMap(({ at, afterMs = 0, fault, endsAfterMs }): VirtualEvent[] => {
    // A phase may come again.
    const strike = (): void => {
      if (!struck.has(fault)) chip.misbehave(fault);
      struck.add(fault);
    };
    const end = (): void => chip.recover(fault.kind);
    return [
      { at, afterMs, do: strike },
      ...(endsAfterMs === undefined ? [] : [{ at, afterMs: afterMs + endsAfterMs, do: end }]),
    ];
  });
  const done = await bench.run(job, { ...run, events });
  expect(done.leaks).toEqual(noLeaks);
  return { chip, ...done, report: done.report };
}

test('every code that the station may mend by itself is here', () => {
  const withA = Object.entries(faultTable).flatMap(([code, { retry }]) =>
    retry.some((letter) => letter === 'A') ? [code] : [],
  );
  expect([...Object.keys(retriedCodes), ...neverRaised].sort()).toEqual(withA.sort());
});

describe.for(Object.entries(retriedCodes))('%s', ([code, { once, always }]) => {
  test('that happens once is mended, and the pass is marginal', async () => {
    const { report, chip } = await runWith(once);
    expect(report, report.detail ?? '').toMatchObject({ outcome: 'PASS', marginal: true });
    expect(report.retries).toBeGreaterThan(0);
    expect(holdsJob(chip, job)).toBe(true);
    expect(chip.state).toBe('application');
  });

  test('that stays is the verdict, in time', async () => {
    const { report, ms } = await runWith(always);
    expect([code, ...(always.or ?? [])], report.detail ?? '').toContain(report.code);
    expect(report.outcome).toBe('FAIL');
    expect(ms).toBeLessThan(always.limitMs);
  });
});
