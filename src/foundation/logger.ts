import { pino } from 'pino';
import type { DestinationStream, Logger as PinoLogger } from 'pino';

/** Each record has an `event` name and the fields that belong to it; `child({ nest: 1 })` adds fields to all. */
export type Logger = PinoLogger;

/** A log to the given stream, one JSON object a line. */
export function createLogger(destination: DestinationStream, level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}

/** A log that keeps nothing, for commands and tests that show their results in other ways. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
