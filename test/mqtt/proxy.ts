import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A cable between client and broker that can be cut, or go dead in the direction of the client. */
export interface Proxy extends AsyncDisposable {
  readonly url: string;
  /** Breaks all connections; new ones work again. */
  cut(): void;
  /** From here on nothing of what the broker says arrives, until `cut`. */
  deafen(): void;
  /** Nobody listens at its port until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
}

export async function startProxy(brokerPort: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let deaf = false;
  const server = createServer((client) => {
    const broker = connect(brokerPort, '127.0.0.1');
    for (const [from, to] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.on('data', (data) => {
        if (!(deaf && from === broker)) to.write(data);
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    deaf = false;
    for (const socket of sockets) socket.destroy();
  };
  const { port } = server.address() as AddressInfo;
  const down = async (): Promise<void> => {
    cut();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  return {
    url: `mqtt://127.0.0.1:${port}`,
    cut,
    down,
    async up() {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    deafen() {
      deaf = true;
    },
    [Symbol.asyncDispose]: down,
  };
}
