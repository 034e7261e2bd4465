import { faultKind, StationError } from './faults.ts';
import { Refusal } from './refusal.ts';

/** An error for programs: one flat JSON object, each key always there. */
export interface ErrorRecord {
  /** Failure code; null where the error has none. */
  readonly code: string | null;
  /** Stable upper-case name of the code, or of the kind of error. */
  readonly name: string;
  /** One plain sentence without the code. */
  readonly error: string;
  /** The next step of a person; null: the sentence says it. */
  readonly action: string | null;
}

/** An error of another process, as it was told. */
export class ToldError extends Error {
  override readonly name = 'ToldError';
  readonly record: ErrorRecord;

  constructor(record: ErrorRecord) {
    super(errorText(record));
    this.record = record;
  }
}

export function errorRecord(error: unknown): ErrorRecord {
  if (error instanceof ToldError) return error.record;
  if (error instanceof StationError) {
    const { code, detail, action } = error;
    return { code, name: faultKind(code).name, error: detail, action };
  }
  if (error instanceof Refusal) return { code: null, name: 'REFUSED', error: error.message, action: error.action };
  const text = error instanceof Error ? error.message : String(error);
  return { code: null, name: kindOf(error), error: text, action: null };
}

/** The text of an error for people: with the code, and with the next step. */
export function errorText({ code, name, error, action }: ErrorRecord): string {
  const what = code === null ? error : `${code} ${name}: ${error}`;
  return action === null ? what : `${what} ${action}`;
}

function kindOf(error: unknown): string {
  const isBadConfiguration = error instanceof Error && 'code' in error && error.code === 'CONFIG_INVALID';
  return isBadConfiguration ? 'CONFIG_INVALID' : 'ERROR';
}
