import { describe, expect, test } from 'vitest';
import { StationError } from '../../../src/foundation/faults.ts';
import type { FaultCode } from '../../../src/foundation/faults.ts';
import type { JobPolicy } from '../../../src/firmware/job-definition.ts';
import { identityFault } from '../../../src/nest/identity/identity-gates.ts';
import type { GateQuestion } from '../../../src/nest/identity/identity-gates.ts';
import type { ModuleHistory } from '../../../src/nest/identity/module-history.ts';
import type { ModuleIdentity } from '../../../src/nest/run/outcome.ts';
import { identity } from '../../ledger/runs.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import { historyWith } from '../../support/duplicates.ts';

const bench = benchJob({ regions: [[0, bootableImage(4_096)]], flashSize: 4_194_304 });

interface Case {
  readonly name: string;
  readonly read?: Partial<ModuleIdentity>;
  readonly policy?: Partial<JobPolicy>;
  readonly known?: Partial<ModuleHistory>;
  readonly mode?: GateQuestion['mode'];
  readonly code: FaultCode | null;
  readonly says?: RegExp;
}

function faultOf({ read, policy, known, mode = 'production' }: Case): StationError | null {
  return identityFault({
    identity: { ...identity, ...read },
    job: { ...bench, policy: { ...bench.policy, ...policy } },
    mode,
    known: historyWith(known),
  });
}

const ofAnotherLife: Partial<ModuleHistory> = {
  passed: true,
  failures: ['V04'],
  flashId: 'c84016',
  hold: 'Seen twice.',
};

describe('a gate', () => {
  test.for<Case>([
    { name: 'a new module', code: null },
    { name: 'an ESP8266EX that was ordered', policy: { variant: 'esp8266ex' }, code: null },
    {
      name: 'an ESP8285 that was ordered, with its flash in the name',
      read: { chip: 'ESP8285N08' },
      policy: { variant: 'esp8285' },
      code: null,
    },
    {
      name: 'an ESP8285 in place of an ESP8266EX',
      read: { chip: 'ESP8285H16' },
      policy: { variant: 'esp8266ex' },
      code: 'D02',
      says: /an ESP8285H16; the job orders ESP8266EX\./,
    },
    {
      name: 'an ESP8266EX in place of an ESP8285',
      policy: { variant: 'esp8285' },
      code: 'D02',
      says: /an ESP8266EX; the job orders ESP8285\./,
    },
    {
      name: 'a flash that is too small',
      read: { flashBytes: 1_048_576 },
      code: 'F03',
      says: /1048576 bytes; the job expects 4194304\./,
    },
    { name: 'a flash that is larger', read: { flashBytes: 8_388_608 }, code: null },
    { name: 'a part of the list', policy: { flashIds: ['c84016', 'ef4016'] }, code: null },
    {
      name: 'a part that is not on the list',
      policy: { flashIds: ['c84016', '204016'] },
      code: 'F02',
      says: /flash is ef4016; the job allows c84016, 204016\./,
    },
    {
      name: 'a part that was accepted',
      policy: { flashIds: ['c84016'] },
      known: { acceptedParts: ['ef4016'] },
      code: null,
    },
    {
      name: 'a MAC on hold',
      known: { hold: 'It answered twice.' },
      code: 'D04',
      says: /on hold: It answered twice\.$/,
    },
    { name: 'the flash that the MAC had before', known: { flashId: 'ef4016' }, code: null },
    {
      name: 'another flash than the MAC had before',
      known: { flashId: 'c84016' },
      code: 'D04',
      says: /flash c84016 before; this one has ef4016\.$/,
    },
    { name: 'a module that has passed', known: { passed: true }, code: 'D05', says: /has passed with bench before/ },
    {
      name: 'one that has passed, where that is allowed',
      known: { passed: true },
      policy: { reflash: 'allow' },
      code: null,
    },
    { name: 'a module with a try left', known: { failures: ['V02'] }, code: null },
    {
      name: 'a module that was tried out',
      known: { failures: ['V02', 'C06'] },
      code: 'D09',
      says: /failed 2 times \(C06, V02\); "jigd release 5c:cf:7f:12:34:56"/,
    },
    { name: 'a module in quarantine', known: { failures: ['V04'] }, code: 'D09', says: /failed once \(V04\)/ },
  ])('$name: $code', ({ code, says, ...question }) => {
    const fault = faultOf({ code, ...question });
    expect(fault?.code ?? null).toBe(code);
    expect(fault?.detail ?? '').toMatch(says ?? /^$/);
  });

  test.for<Case>([
    { name: 'another variant', read: { chip: 'ESP8285N08', flashBytes: 1 }, code: 'D02' },
    { name: 'too small', read: { flashBytes: 1 }, code: 'F03' },
    { name: 'another part', code: 'F02' },
    { name: 'a duplicate', policy: { flashIds: null }, code: 'D04' },
    { name: 'passed', policy: { flashIds: null }, known: { hold: null, flashId: null }, code: 'D05' },
    {
      name: 'tried out',
      policy: { flashIds: null, reflash: 'allow' },
      known: { hold: null, flashId: null },
      code: 'D09',
    },
  ])('$name is said before everything that is weaker', ({ policy, known, ...question }) => {
    const all = { variant: 'esp8266ex', flashIds: ['204016'], ...policy } as const;
    expect(faultOf({ ...question, policy: all, known: { ...ofAnotherLife, ...known } })?.code).toBe(question.code);
  });

  test.for(['golden', 'limit', 'engineering'] as const)(
    'a %s module may pass and fail as often as it likes',
    (mode) => {
      const known = { passed: true, failures: ['V04', 'V04', 'V04'] as const };
      expect(faultOf({ name: mode, mode, known, code: null })).toBeNull();
      expect(faultOf({ name: mode, mode, known: ofAnotherLife, code: 'D04' })?.code).toBe('D04');
      expect(faultOf({ name: mode, mode, policy: { variant: 'esp8285' }, code: 'D02' })?.code).toBe('D02');
    },
  );
});

test('what a layout gets wrong besides the size of the module is no fault of the module', () => {
  const broken = {
    ...bench,
    regionsFor: () => {
      throw new StationError('S99', 'A defect.');
    },
  };
  const ask = (): unknown => identityFault({ identity, job: broken, mode: 'production', known: historyWith() });
  expect(ask).toThrow('S99');
});
