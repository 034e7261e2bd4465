import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A broker inside this process, for the demo and for tests. It speaks MQTT 3.1.1 only. */
export interface EmbeddedBroker extends AsyncDisposable {
  /** For clients on this host. */
  readonly url: string;
  readonly port: number;
  /** Cuts all connections and frees the port. */
  close(): Promise<void>;
}

/** Starts a broker on 127.0.0.1. @param port 0: any free one @throws the error of the socket, such as EADDRINUSE */
export async function startEmbeddedBroker(port = 0): Promise<EmbeddedBroker> {
  const { Aedes } = await import('aedes');
  const aedes = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    aedes.handle(socket);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    aedes.close();
    throw error;
  }
  const bound = (server.address() as AddressInfo).port;
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    for (const socket of sockets) socket.destroy();
    await closed;
    await new Promise<void>((resolve) => {
      aedes.close(() => resolve());
    });
  };
  return { url: `mqtt://127.0.0.1:${bound}`, port: bound, close, [Symbol.asyncDispose]: close };
}
