import { chmodSync } from 'node:fs';
import { fastify } from 'fastify';
import type { FastifyError, FastifyInstance } from 'fastify';
import type { Clock } from '../foundation/clock.ts';
import { errorRecord } from '../foundation/error-record.ts';
import type { ErrorRecord } from '../foundation/error-record.ts';
import { StationError } from '../foundation/faults.ts';
import { Refusal } from '../foundation/refusal.ts';
import type { StationActions } from '../nest/station-actions.ts';
import { requestSchema } from './action-schema.ts';
import { clearSocket, socketFault } from './socket-file.ts';
import { stationHeader } from './station-view.ts';
import type { StationView } from './station-view.ts';

export interface ControlParts {
  /** Its id. */
  readonly station: string;
  readonly actions: StationActions;
  readonly view: () => StationView;
  /** Numbers of the nests. */
  readonly nests: readonly number[];
  readonly clock: Clock;
}

/** No request is larger: an action is a line of text. */
const bodyLimit = 4_096;
const closeLimitMs = 1_000;
/** Its group may tell the station what to do; others may not even connect. */
const socketMode = 0o660;

/**
 * Listens at a socket of this machine for what people tell the station: `POST /actions` and `GET /state`.
 * @returns closes it, within a second
 * @throws Error with one plain sentence and what to do when the socket cannot be had
 */
export async function startControlServer(path: string, parts: ControlParts): Promise<AsyncDisposable> {
  const app = routesOf(path, parts);
  try {
    await clearSocket(path, parts.clock);
    await app.listen({ path });
    chmodSync(path, socketMode);
  } catch (error) {
    await app.close();
    throw socketFault(path, error);
  }
  return {
    // Requests that still come in are cut off: the station is going down.
    async [Symbol.asyncDispose]() {
      const closed = new AbortController();
      const late = parts.clock.sleep(closeLimitMs, closed.signal).catch(() => undefined);
      await Promise.race([app.close(), late]);
      // A timer that is left would keep the process for its second.
      closed.abort();
    },
  };
}

function routesOf(path: string, { station, actions, view, nests }: ControlParts): FastifyInstance {
  const app = fastify({ logger: false, bodyLimit, forceCloseConnections: true, connectionTimeout: 60_000 });
  const schema = requestSchema(nests);
  app.addHook('onRequest', async (request, reply) => {
    const meant = request.headers[stationHeader];
    if (meant === undefined || meant === station) return;
    await reply.code(409).send(errorRecord(otherStation(station, String(meant), path)));
  });
  app.get('/state', () => view());
  app.post('/actions', async (request, reply) => {
    const wanted = schema.safeParse(request.body);
    if (!wanted.success) {
      // Without `action`, which only a program has written.
      const problems = wanted.error.issues.map(({ path, message }) => `${path.at(-1)?.toString() ?? ''}: ${message}`);
      return reply.code(400).send(badRequest(problems.join(' ')));
    }
    try {
      return { done: await actions.perform(wanted.data.action, wanted.data.who) };
    } catch (error) {
      return reply.code(statusOf(error)).send(errorRecord(error));
    }
  });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send(badRequest(`There is no ${request.method} ${request.url}.`)),
  );
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const { statusCode } = error;
    // Without a number it is not the request that is wrong.
    if (statusCode === undefined) return reply.code(statusOf(error)).send(errorRecord(error));
    return reply.code(statusCode).send(badRequest(error.message));
  });
  return app;
}

function otherStation(station: string, meant: string, path: string): Refusal {
  return new Refusal(
    `This is station ${station}, not ${meant}: both have the socket ${path}.`,
    'Give each station a `control.socket` of its own; a station whose id has changed has to be restarted.',
  );
}

function badRequest(error: string): ErrorRecord {
  return { code: null, name: 'BAD_REQUEST', error, action: null };
}

/** 409: not as things are. 503: the station could not. */
function statusOf(error: unknown): number {
  if (error instanceof Refusal) return 409;
  return error instanceof StationError && error.code.startsWith('S') ? 503 : 409;
}
