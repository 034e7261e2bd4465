import { connectAsync } from 'mqtt';
import type { IClientOptions } from 'mqtt';

export interface Heard {
  readonly topic: string;
  readonly retain: boolean;
  /** Without any key when the payload was empty, which clears what was retained. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** A consumer of everything below `jigd/`. */
export interface Listener extends AsyncDisposable {
  readonly heard: readonly Heard[];
  /** Resolves when `condition` holds for what has been heard. */
  until(condition: (heard: readonly Heard[]) => boolean): Promise<void>;
  on(topic: string): Heard['body'][];
}

export async function startListener(url: string, options: IClientOptions = {}): Promise<Listener> {
  const heard: Heard[] = [];
  const looks = new Set<() => void>();
  const client = await connectAsync(url, { reconnectPeriod: 20, ...options });
  client.on('message', (topic, payload, { retain }) => {
    const body = payload.length === 0 ? {} : (JSON.parse(payload.toString()) as Heard['body']);
    heard.push({ topic, retain, body });
    for (const look of [...looks]) look();
  });
  client.on('error', () => undefined);
  await client.subscribeAsync('jigd/#', { qos: 1 });
  return {
    heard,
    until: (condition) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!condition(heard)) return;
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
      }),
    on: (topic) => heard.filter((message) => message.topic === topic).map(({ body }) => body),
    async [Symbol.asyncDispose]() {
      await client.endAsync(true);
    },
  };
}

/** The payload was empty. */
export function isCleared(body: Heard['body']): boolean {
  return Object.keys(body).length === 0;
}
