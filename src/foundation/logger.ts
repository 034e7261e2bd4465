import { createRequire } from 'node:module';
import type { DestinationStream, pino as Pino } from 'pino';

interface Write {
  (fields: object, message?: string): void;
  (message: string): void;
}

/** Each record has an `event` name and the fields that belong to it; `child({ nest: 1 })` adds fields to all. */
export interface Logger {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly fatal: Write;
  child(fields: object): Logger;
}

/** A log to the given stream, one JSON object a line. */
export function createLogger(destination: DestinationStream, level: string): Logger {
  // Loaded here because commands that log nothing start 20 ms sooner without it.
  const { pino } = createRequire(import.meta.url)('pino') as { readonly pino: typeof Pino };
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}

/** A log that keeps nothing, for commands and tests that show their results in other ways. */
export function silentLogger(): Logger {
  return silent;
}

const nothing = (): void => undefined;
const silent: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
  child: () => silent,
};
