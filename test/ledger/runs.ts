import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModuleIdentity, RunReport } from '../../src/nest/run/outcome.ts';
import type { RunOpening } from '../../src/nest/run/run-result.ts';

export const startedAt = Date.UTC(2026, 2, 14, 8, 21, 7, 412);
export const finishedAt = startedAt + 22_548;

export const identity: ModuleIdentity = {
  mac: '5c:cf:7f:12:34:56',
  chip: 'ESP8266EX',
  flashId: 'ef4016',
  flashBytes: 4_194_304,
};

export function opening(runId: string, changes: Partial<RunOpening> = {}): RunOpening {
  return {
    runId,
    station: 'flash-03',
    line: 'smt2',
    nest: 1,
    fixtureId: null,
    startedAt,
    bootId: 'b7c1',
    monoMs: 5_421_973.4,
    clockSynced: true,
    mode: 'production',
    simulated: false,
    job: 'esp12-nodemcu',
    jobHash: 'sha256:aa',
    operation: 'esp12-a:sha256:bb',
    release: '2.3.1',
    product: 'esp12-a',
    workOrder: null,
    lot: null,
    exchanged: null,
    software: '0.1.0',
    ...changes,
  };
}

export function passed(changes: Partial<RunReport> = {}): RunReport {
  return {
    outcome: 'PASS',
    code: null,
    detail: null,
    phase: 'boot',
    identity,
    phaseMs: { connect: 210.4, identify: 35, loader: 100, erase: 0, write: 16_800.6, verify: 420, boot: 900 },
    totalMs: 18_466.2,
    baud: 921_600,
    bytes: 597_664,
    bytesSkipped: 0,
    bytesSent: 398_357,
    retries: 0,
    marginal: false,
    dirty: true,
    digestsExpected: [
      { address: 0x3fc000, md5: 'ee'.repeat(16) },
      { address: 0, md5: 'aa'.repeat(16) },
    ],
    digestsActual: [{ address: 0x10000, md5: 'ab'.repeat(16) }],
    bootMode: '3,7',
    bootVersion: '2.3.1',
    evidence: null,
    ...changes,
  };
}

/** A module that never answered. */
export function silent(): RunReport {
  return failed({ code: 'C01', phase: 'connect', identity: {}, phaseMs: { connect: 2_400 }, dirty: false });
}

export function failed(changes: Partial<RunReport> = {}): RunReport {
  const seen = { outcome: 'FAIL', code: 'V01', detail: 'The digest differs.', phase: 'verify' } as const;
  return passed({ ...seen, bootMode: null, bootVersion: null, ...changes });
}

/** A folder that is removed with everything in it when the scope ends. */
export function temporaryFolder(): Disposable & { readonly path: string; file(name: string): string } {
  const path = mkdtempSync(join(tmpdir(), 'jigd-'));
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.dispose]: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}
