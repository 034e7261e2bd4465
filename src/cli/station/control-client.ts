import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { errorRecord, ToldError } from '../../foundation/error-record.ts';
import type { ErrorRecord } from '../../foundation/error-record.ts';
import { Refusal } from '../../foundation/refusal.ts';
import { stationHeader } from '../../web/station-view.ts';

/** A job that is chosen is loaded first, which has 10 s. */
const answerLimitMs = 20_000;

/** Which station is asked. */
export interface StationAddress {
  readonly socket: string;
  /** The id that it has to have; null: whoever listens there. */
  readonly station: string | null;
}

/**
 * Asks a running station, at its socket.
 * @param body left out: a question, else something to do
 * @throws Refusal when no station answers there, ToldError with what it answers when it refuses
 */
export async function askStation<Answer>(at: StationAddress, path: string, body?: object): Promise<Answer> {
  const { status, text } = await exchange(at, path, body);
  const answer = parse(text);
  if (status === 200 && answer !== null) return answer as Answer;
  throw new ToldError(
    isErrorRecord(answer) ? answer : errorRecord(new Error(`The station answered ${status}: ${text}`)),
  );
}

function exchange(
  { socket: socketPath, station }: StationAddress,
  path: string,
  body: object | undefined,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject(connectProblem(socketPath, error));
    const sent = request(
      {
        socketPath,
        path,
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(station === null ? {} : { [stationHeader]: station }),
        },
        timeout: answerLimitMs,
      },
      (response: IncomingMessage) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.on('error', fail);
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${answerLimitMs / 1_000} s`)));
    sent.on('error', fail);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function connectProblem(socket: string, error: unknown): Refusal {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ECONNREFUSED') {
    return new Refusal(
      `No station is running: nobody listens at ${socket}.`,
      'Start it with `systemctl start jigd`; --config names the file of another station.',
    );
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new Refusal(
      `This user may not use ${socket}.`,
      'Who is in the group of the socket may: `sudo usermod --append --groups jigd USER`, then log in again.',
    );
  }
  return new Refusal(`The station at ${socket} gave no answer: ${message}.`, 'Look at `journalctl -u jigd`.');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function isErrorRecord(answer: unknown): answer is ErrorRecord {
  return typeof answer === 'object' && answer !== null && 'error' in answer && 'action' in answer;
}
