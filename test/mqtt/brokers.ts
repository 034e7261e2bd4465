import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startEmbeddedBroker } from '../../src/mqtt/embedded-broker.ts';
import { temporaryFolder } from '../ledger/runs.ts';

/** A broker on a port of its own that can be stopped and started again. */
export interface TestBroker extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  start(): Promise<void>;
  /** @param signal how a broker that is a process ends */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** The program mosquitto, or null where it is not installed. */
export const mosquitto = findMosquitto();

export async function embedded(): Promise<TestBroker> {
  const port = await freePort();
  let running = await startEmbeddedBroker(port);
  const stop = (): Promise<void> => running.close();
  return {
    url: running.url,
    port,
    async start() {
      running = await startEmbeddedBroker(port);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** @param settings more lines of mosquitto.conf */
export async function realMosquitto(settings: readonly string[] = []): Promise<TestBroker> {
  const program = mosquitto ?? '';
  const port = await freePort();
  const folder = temporaryFolder();
  const configuration = folder.file('mosquitto.conf');
  const lines = [`listener ${port} 127.0.0.1`, 'persistence true', `persistence_location ${folder.path}/`, 'user root'];
  const access = settings.some((line) => line.startsWith('allow_anonymous')) ? [] : ['allow_anonymous true'];
  writeFileSync(configuration, [...lines, ...access, ...settings, ''].join('\n'));
  let broker: ReturnType<typeof spawn> | null = null;
  const start = async (): Promise<void> => {
    broker = spawn(program, ['-c', configuration], { stdio: 'ignore' });
    while (!(await listens(port))) await wait(10);
  };
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    const stopped = broker;
    broker = null;
    if (stopped === null) return;
    stopped.kill(signal);
    await once(stopped, 'exit');
  };
  await start();
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    start,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      folder[Symbol.dispose]();
    },
  };
}

/** A port that nobody uses at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function findMosquitto(): string | null {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']) {
    try {
      accessSync(join(folder, 'mosquitto'), constants.X_OK);
      return join(folder, 'mosquitto');
    } catch {
      continue;
    }
  }
  return null;
}

const withoutMosquitto = mosquitto === null ? ' (mosquitto is not installed)' : '';

/** A broker with a version of the protocol: what is promised holds with each of them. */
export interface BrokerKind {
  readonly name: string;
  readonly protocol: 5 | '3.1.1';
  readonly broker: () => Promise<TestBroker>;
  readonly missing: boolean;
}

export const brokerKinds: readonly BrokerKind[] = [
  { name: 'the embedded broker, MQTT 3.1.1', protocol: '3.1.1', broker: embedded, missing: false },
  { name: `mosquitto, MQTT 5${withoutMosquitto}`, protocol: 5, broker: realMosquitto, missing: mosquitto === null },
  {
    name: `mosquitto, MQTT 3.1.1${withoutMosquitto}`,
    protocol: '3.1.1',
    broker: realMosquitto,
    missing: mosquitto === null,
  },
];
