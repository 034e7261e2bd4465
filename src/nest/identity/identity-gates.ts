import { asStationError, StationError } from '../../foundation/faults.ts';
import type { FaultCode } from '../../foundation/faults.ts';
import type { Job } from '../../firmware/job.ts';
import { areUsedUp, triesOf } from './attempts.ts';
import { regionsOnModule } from '../job/job-regions.ts';
import type { ModuleHistory } from './module-history.ts';
import type { ModuleIdentity } from '../run/outcome.ts';
import type { RunResult } from '../run/run-result.ts';

/** What was read, what was ordered, and what is known of the module. */
export interface GateQuestion {
  readonly identity: ModuleIdentity;
  readonly job: Pick<Job, 'name' | 'policy' | 'flash' | 'regionsFor'>;
  readonly mode: RunResult['mode'];
  readonly known: ModuleHistory;
}

/** @returns what is wrong, one plain sentence; null: nothing */
type Gate = (question: GateQuestion) => string | null;

/**
 * What a module has to pass after the identification, before anything is written, the strongest reason first: another
 * part than was ordered, a MAC that is not its own, and what it has been through already.
 */
const gates: readonly (readonly [FaultCode, Gate])[] = [
  ['D02', wrongVariant],
  ['F03', tooSmall],
  ['F02', unknownFlash],
  ['D04', duplicate],
  ['D05', done],
  ['D09', triedOut],
];

/** The first gate that does not let the module pass; null: it may be written. */
export function identityFault(question: GateQuestion): StationError | null {
  for (const [code, gate] of gates) {
    const detail = gate(question);
    if (detail !== null) return new StationError(code, detail);
  }
  return null;
}

function wrongVariant({ identity, job }: GateQuestion): string | null {
  const { variant } = job.policy;
  // An ESP8285 states the size of its flash too: ESP8285N08.
  if (variant === 'any' || identity.chip.toLowerCase().startsWith(variant)) return null;
  return `The module is an ${identity.chip}; the job orders ${variant.toUpperCase()}.`;
}

function tooSmall({ identity, job }: GateQuestion): string | null {
  try {
    regionsOnModule(job, identity.flashBytes);
    return null;
  } catch (error) {
    const fault = asStationError(error);
    if (fault.code !== 'F03') throw error;
    return fault.detail;
  }
}

function unknownFlash({ identity, job, known }: GateQuestion): string | null {
  const { flashIds } = job.policy;
  if (flashIds === null) return null;
  const allowed = [...flashIds, ...known.acceptedParts];
  if (allowed.includes(identity.flashId)) return null;
  return `The flash is ${identity.flashId}; the job allows ${allowed.join(', ')}.`;
}

function duplicate({ identity: { mac, flashId }, known }: GateQuestion): string | null {
  if (known.hold !== null) return `The MAC ${mac} is on hold: ${known.hold}`;
  if (known.flashId === null || known.flashId === flashId) return null;
  return `The MAC ${mac} had a module with the flash ${known.flashId} before; this one has ${flashId}.`;
}

/** Golden and limit modules are flashed again and again, and fail on purpose. */
function isProduction({ mode }: GateQuestion): boolean {
  return mode === 'production';
}

function done(question: GateQuestion): string | null {
  const { identity, job, known } = question;
  if (!isProduction(question) || job.policy.reflash === 'allow' || !known.passed) return null;
  return `The module ${identity.mac} has passed with ${job.name} before; nothing was written.`;
}

function triedOut(question: GateQuestion): string | null {
  if (!isProduction(question)) return null;
  const { identity, job, known } = question;
  const tries = triesOf(known.failures, job.policy.attempts);
  if (!areUsedUp(tries)) return null;
  const codes = tries.failures.toReversed().join(', ');
  const times = tries.failures.length === 1 ? 'once' : `${tries.failures.length} times`;
  return `The module ${identity.mac} has failed ${times} (${codes}); "jigd release ${identity.mac}" lets it be tried again.`;
}
