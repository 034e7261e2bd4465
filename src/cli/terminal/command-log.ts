import { createLogger, silentLogger } from '../../foundation/logger.ts';
import type { Logger } from '../../foundation/logger.ts';

/** Nothing, or everything on standard error. */
export function commandLog(verbose: boolean): Logger {
  return verbose ? createLogger(process.stderr, 'debug') : silentLogger();
}
