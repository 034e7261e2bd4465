import { closeSync, openSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askStation } from '../../src/cli/station/control-client.ts';
import type { StationSetup } from '../../src/daemon/station-setup.ts';
import { StationError } from '../../src/foundation/faults.ts';
import type { StationView } from '../../src/web/station-view.ts';
import { temporaryFolder } from '../ledger/runs.ts';
import { behaviourJob } from '../support/behaviour-job.ts';
import { behaviourStation, goodModule, silentApplication } from '../support/behaviour-station.ts';
import { run } from '../support/station-steps.ts';
import type { VirtualStation } from '../support/virtual-station.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());

/** A station that tells its alarms at a socket, those of its start too. */
const stationWith = (changes: (setup: StationSetup) => Partial<StationSetup> = () => ({}), nests = 1) =>
  behaviourStation({ nests, setup: (setup) => ({ controlSocket: folder.file('socket'), ...changes(setup) }) });

/** The alarms that last. */
async function lasting(at: VirtualStation): Promise<StationView['alarms']> {
  expect(await at.station.control?.listening).toBe(true);
  return (await askStation<StationView>({ socket: folder.file('socket'), station: null }, '/state')).alarms;
}

async function restart(at: VirtualStation): Promise<void> {
  await at.stop();
  await at.start();
}

function damage(path: string, page: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(4096, 0x5a), 0, 4096, (page - 1) * 4096);
  closeSync(file);
}

test('passes of a nest that has left the station file still end a row of failures', async () => {
  let nests = 2;
  await using at = await stationWith((setup) => ({ nests: setup.nests.filter(({ id }) => id <= nests) }), 2);
  for (let module = 1; module <= 4; module += 1) {
    at.insert(1, goodModule({ application: silentApplication }));
    expect(await run(at, 1)).toMatchObject({ outcome: 'FAIL' });
    at.insert(2, goodModule());
    expect(await run(at, 2)).toMatchObject({ outcome: 'PASS' });
  }
  expect(at.station.ledger.standing.of('lock')).toEqual([]);
  nests = 1;
  await restart(at);
  expect(at.station.ledger.standing.of('lock')).toEqual([]);
});

test('a job that is refused at the start is an alarm at once, and ends when it is loaded', async () => {
  let mended = false;
  await using at = await stationWith(() => ({
    loadJob: () => (mended ? Promise.resolve(behaviourJob) : Promise.reject(new StationError('J02'))),
  }));
  expect(await lasting(at)).toMatchObject([{ alarm: 'job', code: 'J02' }]);
  mended = true;
  await run(at);
  expect(await lasting(at)).toEqual([]);
});

test('a job that an approval takes out of memory is an alarm without a press', async () => {
  await using at = await stationWith();
  const hash = `sha256:${'ab'.repeat(32)}`;
  await at.station.actions.perform({ verb: 'approve', job: null, hash }, 'eve');
  expect(at.station.job).toBeNull();
  expect(await lasting(at)).toMatchObject([{ alarm: 'job', code: 'J03' }]);
});

test('that the ledger was damaged is told until somebody has seen it, also after a restart', async () => {
  await using at = await stationWith();
  await run(at);
  await at.stop();
  damage(at.ledgerPath, 2);
  await at.start();
  const [first] = await lasting(at);
  expect(first).toMatchObject({
    alarm: 'ledger',
    code: 'S01',
    detail: expect.stringContaining('was damaged') as string,
  });
  await at.elapse(24 * 3_600_000);
  await restart(at);
  expect(await lasting(at)).toEqual([first]);
  const acknowledge = { verb: 'acknowledge', alarm: 'ledger' } as const;
  expect(await at.station.actions.perform(acknowledge, 'eve')).toBe('The alarm ledger is acknowledged.');
  expect(await lasting(at)).toEqual([]);
  await expect(at.station.actions.perform(acknowledge, 'eve')).rejects.toThrow('The alarm ledger is not active.');
  await restart(at);
  expect(await lasting(at)).toEqual([]);
});
