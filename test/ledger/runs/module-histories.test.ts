import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FaultCode } from '../../../src/foundation/faults.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import {
  countableRunsQuery,
  flashIdQuery,
  hasPassedQuery,
  runsWithQuery,
} from '../../../src/ledger/runs/module-histories.ts';
import { openLedgerFile } from '../../../src/ledger/file/open-ledger-file.ts';
import type { LedgerFile } from '../../../src/ledger/file/open-ledger-file.ts';
import type { ModuleHistory } from '../../../src/nest/identity/module-history.ts';
import { noHistory } from '../../../src/nest/identity/module-history.ts';
import type { RunReport } from '../../../src/nest/run/outcome.ts';
import type { RunOpening } from '../../../src/nest/run/run-result.ts';
import { acceptPart, releaseModule } from '../../../src/nest/identity/standing-modules.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { failed, finishedAt, identity, opening, passed, silent, temporaryFolder } from '../runs.ts';

const { mac } = identity;
const { operation, product } = opening('');
const clock = new VirtualClock();
let folder: ReturnType<typeof temporaryFolder>;
let file: LedgerFile;
let ledger: Ledger;
let runs = 0;

beforeEach(async () => {
  folder = temporaryFolder();
  file = await openLedgerFile(folder.file('ledger.sqlite'), clock);
  ledger = new Ledger(file, clock);
});

afterEach(() => {
  ledger.close();
  folder[Symbol.dispose]();
});

function record(report: RunReport, changes: Partial<RunOpening> = {}): void {
  runs += 1;
  ledger.openRun(opening(`r${runs}`, changes));
  ledger.closeRun(`r${runs}`, report, { finishedAt });
}

const fail = (code: FaultCode, changes: Partial<RunReport> = {}): RunReport => failed({ code, ...changes });
const history = (): ModuleHistory => ledger.modules.of({ mac, operation, product });

test('of a module that nobody has seen nothing is known', () => {
  record(passed({ identity: { ...identity, mac: '5c:cf:7f:00:00:01' } }));
  expect(history()).toEqual(noHistory);
});

describe('the failures that count', () => {
  test('are those since the last pass, the last one first', () => {
    record(fail('C06'));
    record(passed());
    record(fail('V01'));
    record(fail('W02'));
    expect(history().failures).toEqual(['W02', 'V01']);
    record(passed());
    expect(history().failures).toEqual([]);
  });

  test('are those since the last release, which another module has not', () => {
    record(fail('V04'));
    releaseModule(ledger.standing, '5c:cf:7f:00:00:01', 'anna');
    expect(history().failures).toEqual(['V04']);
    releaseModule(ledger.standing, mac, 'anna');
    expect(history().failures).toEqual([]);
    record(fail('V01'));
    expect(history().failures).toEqual(['V01']);
  });

  test.for<{ name: string; report: RunReport; changes?: Partial<RunOpening> }>([
    { name: 'not identified', report: silent() },
    { name: 'of another module', report: fail('V01', { identity: { ...identity, mac: '5c:cf:7f:00:00:01' } }) },
    { name: 'under another operation', report: fail('V01'), changes: { operation: 'other' } },
    { name: 'of a golden run', report: fail('V01'), changes: { mode: 'golden' } },
    { name: 'of an engineering run', report: fail('V01'), changes: { mode: 'engineering' } },
    { name: 'aborted', report: fail('O01', { outcome: 'ABORTED' }) },
    { name: 'of the station', report: fail('S04', { outcome: 'ERROR' }) },
  ])('are not those $name', ({ report, changes }) => {
    record(report, changes);
    expect(history().failures).toEqual([]);
  });

  test('are not those that were adopted from the nest', () => {
    record(silent());
    record(fail('V01'));
    expect(ledger.runs().map(({ adopts }) => adopts === null)).toEqual([false, true]);
    expect(history().failures).toEqual(['V01']);
  });

  test('are not ended by a pass of a golden run or of another operation', () => {
    record(fail('V01'));
    record(passed(), { mode: 'golden' });
    record(passed(), { operation: 'other' });
    expect(history().failures).toEqual(['V01']);
  });
});

test('a pass counts no longer once the module was erased at the station, until it passes again', () => {
  const erased = (of: string): void =>
    ledger.standing.set({ kind: 'erased', key: of, value: 'all', detail: null, who: 'anna' });
  record(passed());
  erased('5c:cf:7f:00:00:01');
  expect(history().passed).toBe(true);
  erased(mac);
  expect(history().passed).toBe(false);
  record(passed());
  expect(history().passed).toBe(true);
});

describe('the flash id of a MAC', () => {
  test('is that of the last run that knew it, whatever it was', () => {
    record(passed(), { operation: 'other', mode: 'engineering' });
    expect(history().flashId).toBe('ef4016');
    record(fail('F01', { identity: { mac, chip: 'ESP8266EX' } }));
    expect(history().flashId).toBe('ef4016');
    ledger.openRun(opening('refused'));
    ledger.refuseRun('refused', { code: 'D05', detail: 'x', identity: { ...identity, flashId: 'c84016' }, finishedAt });
    expect(history().flashId).toBe('c84016');
  });

  test('is forgotten when the module is released, and known again from the next run', () => {
    record(passed());
    releaseModule(ledger.standing, mac, 'anna');
    expect(history().flashId).toBeNull();
    record(passed({ identity: { ...identity, flashId: 'c84016' } }));
    expect(history().flashId).toBe('c84016');
  });

  test('is forgotten although a run of another nest that began before was recorded last', () => {
    ledger.openRun(opening('other nest', { nest: 2 }));
    record(passed());
    ledger.closeRun('other nest', silent(), { finishedAt });
    releaseModule(ledger.standing, mac, 'anna');
    expect(history().flashId).toBeNull();
  });

  test('is not that of a run under way', () => {
    ledger.openRun(opening('under way'));
    ledger.markWriting('under way', identity);
    expect(history().flashId).toBeNull();
  });
});

test('a hold is known with its reason until the MAC is released, and parts by their product', () => {
  ledger.standing.set({ kind: 'hold', key: mac, value: 'D04', detail: 'It answered twice.', who: 'station' });
  acceptPart(ledger.standing, product, 'c84016', 'anna');
  acceptPart(ledger.standing, product, '204016', 'anna');
  acceptPart(ledger.standing, 'other', '1f4016', 'anna');
  expect(history()).toMatchObject({ hold: 'It answered twice.', acceptedParts: ['c84016', '204016'] });
  releaseModule(ledger.standing, mac, 'anna');
  expect(history().hold).toBeNull();
  expect(ledger.standing.of('release')).toMatchObject([{ key: mac, who: 'anna' }]);
});

test('the runs with a MAC are counted over all operations', () => {
  record(passed());
  record(passed(), { operation: 'other' });
  record(fail('V01'));
  ledger.openRun(opening('under way'));
  expect(ledger.modules.runsWith(mac)).toEqual({ runs: 3, passed: 2 });
  expect(ledger.modules.runsWith('5c:cf:7f:00:00:01')).toEqual({ runs: 0, passed: 0 });
});

describe('no question reads the whole table', () => {
  test.for([
    { about: 'whether it has passed', query: hasPassedQuery, index: 'runs_of_unit (unit=?)', sorts: true },
    { about: 'its failures', query: countableRunsQuery, index: 'runs_of_unit (unit=? AND operation=?)', sorts: false },
    { about: 'its flash', query: flashIdQuery, index: 'runs_of_mac (mac=?', sorts: false },
    { about: 'how many there are', query: runsWithQuery, index: 'runs_of_mac (mac=?)', sorts: false },
  ])('$about', ({ query, index, sorts }) => {
    const steps = file.connection
      .prepare<[object], { detail: string }>(`EXPLAIN QUERY PLAN ${query}`)
      .all({ mac, operation, released: 0 })
      .map(({ detail }) => detail)
      .join('\n');
    expect(steps).toContain(`SEARCH runs USING INDEX ${index}`);
    expect(steps).not.toContain('SCAN');
    expect(steps.includes('TEMP B-TREE')).toBe(sorts);
  });
});
