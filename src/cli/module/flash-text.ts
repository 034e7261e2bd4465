import type { ModuleReset } from '../../bootloader/reset-sequences.ts';
import { faultKind } from '../../foundation/faults.ts';
import type { FaultCode } from '../../foundation/faults.ts';
import type { Job } from '../../firmware/job.ts';
import type { RunReport } from '../../nest/run/outcome.ts';

/** A sentence when the job orders a boot check that cannot be made; else empty. */
export function bootNotice({ boot }: Pick<Job, 'boot'>, { kind }: Pick<ModuleReset, 'kind'>): string {
  if (kind !== 'none' || boot === 'off') return '';
  return 'The boot check of the job was left out: without a reset the module cannot be started.\n';
}

/** A run that passed, in one line. */
export function passText(report: RunReport): string {
  const details = [
    `PASS  ${report.identity.mac ?? ''}  ${writtenText(report)} in ${(report.totalMs / 1_000).toFixed(1)} s`,
    `at ${report.baud ?? 0} baud`,
    ...(report.retries === 0 ? [] : [`${report.retries} ${report.retries === 1 ? 'retry' : 'retries'}`]),
    ...(report.bootVersion === null ? [] : [`boots ${report.bootVersion}`]),
    ...(report.phaseMs.boot === undefined ? ['start not checked'] : []),
  ];
  return `${details.join(', ')}\n`;
}

function writtenText({ bytes, bytesSkipped }: RunReport): string {
  const all = bytes ?? 0;
  const skipped = bytesSkipped ?? 0;
  if (skipped === 0) return `${all} bytes`;
  if (skipped === all) return `nothing written, the module had all ${all} bytes,`;
  return `${all - skipped} of ${all} bytes written, the others were there,`;
}

type FailedRun = Pick<RunReport, 'detail' | 'dirty' | 'phase'>;

/** Why a run did not pass, and what to do next, in one line. */
export function failureText(code: FaultCode, { detail, dirty, phase }: FailedRun): string {
  const { name, cause, action } = faultKind(code);
  // Before the boot check everything was proved to be in the flash.
  const state = dirty && phase !== 'boot' ? ' The module is half-programmed.' : '';
  return `${code} ${name}: ${detail ?? cause}${state} ${action}\n`;
}
