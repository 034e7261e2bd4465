import { createLogger } from '../../foundation/logger.ts';
import type { Logger } from '../../foundation/logger.ts';

/** For people on a terminal, else one JSON object a line with the priority that journald reads. */
export async function stationLog(level: string): Promise<Logger> {
  if (!process.stderr.isTTY) return createLogger(journalStream(process.env['JOURNAL_STREAM'] !== undefined), level);
  const { PinoPretty } = await import('pino-pretty');
  return createLogger(PinoPretty({ destination: 2, sync: true, messageKey: 'msg', ignore: 'pid,hostname' }), level);
}

/** Levels of the log -> priorities of syslog, from the most urgent (reliability reference §3.2). */
const priorities: readonly (readonly [atLeast: number, priority: number])[] = [
  [60, 2],
  [50, 3],
  [40, 4],
  [30, 6],
  [0, 7],
];

/** Standard error; under systemd each line begins with `<priority>`, which journald takes off again. */
function journalStream(underSystemd: boolean): { write(line: string): void } {
  return {
    write(line) {
      process.stderr.write(underSystemd ? `<${priorityOf(line)}>${line}` : line);
    },
  };
}

function priorityOf(line: string): number {
  const level = Number(/^\{"level":(\d+)/.exec(line)?.[1] ?? 30);
  return priorities.find(([atLeast]) => level >= atLeast)?.[1] ?? 6;
}
