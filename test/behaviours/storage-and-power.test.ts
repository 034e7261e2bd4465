import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { openForWriting } from '../../src/ledger/file/database.ts';
import { temporaryFolder } from '../ledger/runs.ts';
import { behaviour } from '../support/behaviour.ts';
import { behaviourJob } from '../support/behaviour-job.ts';
import { behaviourStation, goodModule, nextPasses } from '../support/behaviour-station.ts';
import { canMount, fillDisk, mountedDisk } from '../support/own-disk.ts';
import { atMoment, cutPowerAt, lamps, refusal, run, verdicts } from '../support/station-steps.ts';
import type { VirtualStation, VirtualStationOptions } from '../support/virtual-station.ts';

const moments = ['opening', 'connect', 'identify', 'loader', 'erase', 'write', 'verify', 'boot', 'closing'] as const;
/** From here on the ledger knows that the module is being written. */
const dirtyFrom = moments.indexOf('loader');
/** With all of the flash erased, so that erasing is a phase of its own. */
const everyPhase: VirtualStationOptions = {
  setup: () => ({ loadJob: () => Promise.resolve({ ...behaviourJob, erase: 'all' }) }),
};

/** The run that was cut off is there with its number, and the module that lay there is flashed as if for the first time. */
async function recovers(at: VirtualStation, moment: (typeof moments)[number]): Promise<void> {
  const dirty = moments.indexOf(moment) >= dirtyFrom ? 1 : 0;
  const found = at.station.ledger.runs();
  const interrupted = { outcome: 'ABORTED', code: 'S05', pass: 0, attempt: null };
  expect(found, moment).toEqual([expect.objectContaining({ ...interrupted, seq: 1, dirty })]);
  expect(at.station.ledger.notice, moment).toBeNull();
  // Somebody has to look at that nest: it asks for a redo.
  expect(at.state(1), moment).toMatchObject({ name: 'shown', outcome: 'ABORTED', fault: { code: 'S05' } });
  expect(await lamps(at), moment).toBe('no-verdict');
  expect(await run(at), moment).toMatchObject({ outcome: 'PASS', seq: 2, attempt: 1, reflash: 0 });
  expect(await lamps(at)).toBe('pass');
}

behaviour(
  'power cut at each phase (OPEN run found later)',
  'is S05, dirty once it was written, the nest asks for a redo, and the redo passes',
  async () => {
    for (const moment of moments) {
      await using at = await behaviourStation(everyPhase);
      await cutPowerAt(at, moment);
      await at.start();
      await recovers(at, moment);
    }
  },
);

behaviour(
  'power cut at each phase (OPEN run found later)',
  'after the commit is a pass: it stays one, and is not flashed again',
  async () => {
    await using at = await behaviourStation();
    await cutPowerAt(at, 'passed');
    await at.start();
    expect(verdicts(at)).toEqual(['PASS']);
    expect(await refusal(at)).toMatchObject({ code: 'D05' });
    await nextPasses(at);
  },
);

behaviour(
  'kill -9 at each phase',
  'is S05, dirty once it was written, the nest asks for a redo, and the redo passes',
  async () => {
    using folder = temporaryFolder();
    const folders = new Map(moments.map((moment) => [moment, `${folder.path}/${moment}`]));
    // Three processes at a time.
    for (let first = 0; first < moments.length; first += 3) {
      await Promise.all([...folders].slice(first, first + 3).map(([moment, path]) => killedAt(moment, path)));
    }
    for (const [moment, path] of folders) {
      await using at = await behaviourStation({ ...everyPhase, folder: path });
      await recovers(at, moment);
    }
  },
  { timeout: 120_000 },
);

/** A station in a process of its own, which is killed at that moment of its run. */
async function killedAt(moment: string, folder: string): Promise<void> {
  const program = join(import.meta.dirname, 'killed-at-moment.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', program, folder, moment], { stdio: 'inherit' });
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  expect(signal, moment).toBe('SIGKILL');
}

behaviour('database locked', 'at the commit is no pass: NOT SAVED, and the next run counts it as S01', async () => {
  await using at = await behaviourStation();
  const other = await openForWriting(at.ledgerPath);
  atMoment(at, 'closing', () => other.exec('BEGIN IMMEDIATE'));
  const module = goodModule();
  at.insert(1, module);
  expect(await refusal(at)).toMatchObject({ kind: 'result-not-saved', code: 'S01' });
  expect(await lamps(at)).toBe('no-verdict');
  other.exec('ROLLBACK');
  other.close();
  expect(await run(at)).toMatchObject({ outcome: 'PASS', seq: 2, mac: module.mac, attempt: 1 });
  expect(verdicts(at)).toEqual(['S01', 'PASS']);
  expect(await lamps(at)).toBe('pass');
});

describe.skipIf(!canMount())('on a disk of its own (needs root and the right to mount)', () => {
  behaviour(
    'disk full at commit',
    'the run under way is saved with the room kept back; the next start is S02',
    async () => {
      using folder = temporaryFolder();
      using disk = mountedDisk(folder.file('disk'), 48);
      await using at = await behaviourStation({ folder: folder.file('disk') });
      atMoment(at, 'closing', () => fillDisk(disk.file('filler')));
      expect(await run(at)).toMatchObject({ outcome: 'PASS', seq: 1 });
      expect(await lamps(at)).toBe('pass');
      at.insert(1, goodModule());
      expect(await refusal(at)).toMatchObject({ kind: 'blocked-start', code: 'S02' });
      expect(await lamps(at)).toBe('no-verdict');
      rmSync(disk.file('filler'));
      await nextPasses(at);
    },
  );

  behaviour(
    'disk full at commit',
    'without anything kept back is no pass: NOT SAVED, and S01 once there is room',
    async () => {
      using folder = temporaryFolder();
      using disk = mountedDisk(folder.file('disk'), 48);
      await using at = await behaviourStation({ folder: folder.file('disk') });
      atMoment(at, 'closing', () => {
        rmSync(`${at.ledgerPath}.ballast`);
        fillDisk(disk.file('filler'));
      });
      expect(await refusal(at)).toMatchObject({ kind: 'result-not-saved', code: 'S02' });
      expect(await lamps(at)).toBe('no-verdict');
      rmSync(disk.file('filler'));
      expect(await run(at)).toMatchObject({ outcome: 'PASS', seq: 2, attempt: 1 });
      expect(verdicts(at)).toEqual(['S01', 'PASS']);
    },
  );
});
