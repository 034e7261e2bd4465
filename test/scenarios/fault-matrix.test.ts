import { describe, expect, test } from 'vitest';
import type { Job } from '../../src/firmware/job.ts';
import type { RunPhase } from '../../src/nest/run/outcome.ts';
import type { SimulatedChip } from '../../src/simulator/chip/chip.ts';
import { benchJob, bootableImage } from '../support/bench-job.ts';
import { phases, smallFlash, strikes } from '../support/fault-cells.ts';
import type { Strike, Verdict } from '../support/fault-cells.ts';
import { faultyModules } from '../support/faulty-modules.ts';
import { noisyBytes } from '../support/regions.ts';
import { holdsJob, noLeaks, VirtualBench } from '../support/virtual-bench.ts';
import type { VirtualModule, VirtualRun, VirtualRunOptions } from '../support/virtual-bench.ts';

const job = benchJob({
  regions: [
    [0, bootableImage(24_000)],
    [0x10000, noisyBytes(8_192, 5)],
  ],
  erase: 'all',
  flashSize: smallFlash.bytes,
});

/** When a fault begins: right at the beginning of a phase, and when it has been at work for a while, ms. */
const moments: readonly { readonly name: string; readonly afterMs: Readonly<Record<RunPhase, number>> }[] = [
  { name: 'at once', afterMs: { connect: 1, identify: 1, loader: 1, erase: 200, write: 20, verify: 1, boot: 1 } },
  { name: 'later', afterMs: { connect: 105, identify: 3, loader: 80, erase: 1500, write: 120, verify: 15, boot: 60 } },
];
/** A dead nest is decided in three seconds; a run that came further may try again. */
const connectLimitMs = 3_000;
const usualLimitMs = 30_000;
/** The time that a chip erase is allowed. */
const eraseLimitMs = 130_000;
/** A host that has waited long enough asks whether the module is still there. */
const askedAgain = /^(A frame|Request 0x[0-9a-f]+) was sent before the reply to the one before/;

interface Cell {
  readonly job: Job;
  readonly verdicts: readonly Verdict[];
  readonly run: VirtualRunOptions;
  readonly limitMs: number;
  readonly goesSilent: boolean;
}

async function check(bench: VirtualBench, chip: SimulatedChip, cell: Cell): Promise<void> {
  const run = await bench.run(cell.job, cell.run);
  const { report } = run;
  expect(cell.verdicts, `${report.phase}: ${report.detail}`).toContain(report.code ?? 'PASS');
  expect(report.outcome).toBe(outcomeOf(report.code));
  expect(run.ms).toBeLessThan(report.phase === 'connect' ? connectLimitMs : cell.limitMs);
  expect(run.leaks).toEqual(noLeaks);
  const violations = chip.violations.filter((violation) => !(cell.goesSilent && askedAgain.test(violation)));
  expect(violations).toEqual([]);
  if (report.outcome === 'PASS') expectProgrammed(bench, run);
  await checkNext(bench);
}

/** A pass is true of the module that is in the nest. */
function expectProgrammed({ mac, socket: { chip } }: VirtualBench, { report }: VirtualRun): void {
  if (chip === null) throw new Error('A pass of an empty nest.');
  expect(holdsJob(chip, job)).toBe(true);
  expect(report.identity.mac).toBe(mac);
}

/** Whatever the run was, the next one on the same nest is none the worse for it. */
async function checkNext(bench: VirtualBench): Promise<void> {
  bench.socket.plugIn();
  const chip = bench.replace({ flash: smallFlash });
  const run = await bench.run(job);
  expect(run.report, run.report.detail ?? '').toMatchObject({ outcome: 'PASS', retries: 0 });
  expect(run.leaks).toEqual(noLeaks);
  expect(chip.violations).toEqual([]);
  expectProgrammed(bench, run);
}

function outcomeOf(code: string | null): string {
  return code === null ? 'PASS' : code.startsWith('S') ? 'ERROR' : 'FAIL';
}

describe.for(strikes)('$name', ({ strike, verdicts, goesSilent = false }: Strike) => {
  for (const { name: moment, afterMs } of moments) {
    for (const phase of phases) {
      const verdict = verdicts[phase].join(' or ');
      test(`in ${phase}, ${moment}: ${verdict}`, async () => {
        const bench = new VirtualBench();
        const chip = bench.insert({ flash: smallFlash });
        const run = { events: [{ at: phase, afterMs: afterMs[phase], do: () => strike(bench) }] };
        const limitMs = verdicts[phase].includes('F05') ? eraseLimitMs : usualLimitMs;
        await check(bench, chip, { job, verdicts: verdicts[phase], run, limitMs, goesSilent });
      });
    }
  }
});

/** Stations and modules for which a single mishap is repaired in other ways than for a fresh module. */
const settings: readonly Setting[] = [
  {
    name: 'met at 115200',
    job,
    module: { misbehave: [{ kind: 'autoBaudDeaf', aboveBaud: 115_200 }] },
    run: {},
    phases,
    mishaps: isMishap,
  },
  {
    name: 'with the right content already',
    job: { ...job, erase: 'sectors', skip: 'same' },
    module: { flash: { ...smallFlash, content: contentOf(job) } },
    run: {},
    phases: ['connect', 'identify', 'loader', 'verify', 'boot'],
    mishaps: isMishap,
  },
  {
    name: 'in a RAM loader that an earlier session left, no lines',
    job: { ...job, erase: 'sectors' },
    module: { running: { generation: 2, baud: 921_600 } },
    run: { reset: 'none' },
    phases: ['connect', 'identify', 'loader', 'write', 'verify'],
    // A supply that dips needs a reset.
    mishaps: (name) => isMishap(name) && !name.includes('supply'),
    // Which generation was met is not known, and the first takes no stream up again after a block without its answer.
    unrepaired: { connect: ['W01', 'W02'], loader: ['W02'], write: ['W01', 'W02', 'W04'] },
  },
];

interface Setting {
  readonly name: string;
  readonly job: Job;
  readonly module: VirtualModule;
  readonly run: VirtualRunOptions;
  readonly phases: readonly RunPhase[];
  readonly mishaps: (strike: string) => boolean;
  /** Verdicts that are right as well where the mishap cannot be repaired. */
  readonly unrepaired?: Partial<Strike['verdicts']>;
}

function isMishap(strike: string): boolean {
  return /^byte|^an answer is lost|^the supply dips( in an answer)?$/.test(strike);
}

function contentOf(work: Job): Uint8Array {
  const content = new Uint8Array(smallFlash.bytes).fill(0xff);
  for (const { address, data } of work.regionsFor(smallFlash.bytes)) content.set(data, address);
  return content;
}

describe.for(settings)('a module $name', (setting) => {
  const { job: work, module, run: options, phases: its, mishaps, unrepaired } = setting;
  for (const { name, strike, verdicts } of strikes.filter((candidate) => mishaps(candidate.name))) {
    for (const { name: moment, afterMs } of moments) {
      for (const phase of its) {
        const right = [...verdicts[phase], ...(unrepaired?.[phase] ?? [])];
        test(`${name} in ${phase}, ${moment}: ${right.join(' or ')}`, async () => {
          const bench = new VirtualBench();
          const chip = bench.insert({ flash: smallFlash, ...module });
          const run = { ...options, events: [{ at: phase, afterMs: afterMs[phase], do: () => strike(bench) }] };
          const limitMs = right.includes('F05') ? eraseLimitMs : usualLimitMs;
          await check(bench, chip, { job: work, verdicts: right, run, limitMs, goesSilent: false });
        });
      }
    }
  }
});

describe('a module from the tray', () => {
  for (const { name, verdicts, chip: options, run = {}, limitMs = usualLimitMs } of faultyModules) {
    test(`${name}: ${verdicts.join(' or ')}`, async () => {
      const bench = new VirtualBench();
      const chip = bench.insert({ flash: smallFlash, ...options });
      await check(bench, chip, { job, verdicts, run, limitMs, goesSilent: false });
    });
  }
});

test.for(moments.flatMap(({ name, afterMs }) => phases.map((phase) => ({ phase, name, afterMs: afterMs[phase] }))))(
  'an abort in $phase, $name, is O01 and leaves the nest in order',
  async ({ phase, afterMs }) => {
    const bench = new VirtualBench();
    const chip = bench.insert({ flash: smallFlash });
    const stop = new AbortController();
    const run = await bench.run(job, {
      signal: stop.signal,
      events: [{ at: phase, afterMs, do: () => stop.abort() }],
    });
    expect(run.report).toMatchObject({ outcome: 'ABORTED', code: 'O01', phase });
    expect(run.leaks).toEqual(noLeaks);
    expect(chip.violations.filter((violation) => !askedAgain.test(violation))).toEqual([]);
    await checkNext(bench);
  },
);
