import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { systemClock } from '../../../src/foundation/system-clock.ts';
import { openPseudoTerminal } from '../../../src/simulator/bench/pseudo-terminal.ts';
import { replaceLink } from '../../../src/simulator/bench/port-link.ts';
import type { PseudoTerminal } from '../../../src/simulator/bench/pseudo-terminal.ts';
import { PortClient } from '../support/port-client.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jigd-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A terminal that keeps what the client writes. */
async function collecting(
  link?: string,
): Promise<Disposable & { readonly terminal: PseudoTerminal; readonly heard: () => Buffer }> {
  const parts: Buffer[] = [];
  const terminal = await openPseudoTerminal({
    chunkBytes: 512,
    onBytes: (bytes) => parts.push(Buffer.from(bytes)) > 0,
    ...(link === undefined ? {} : { link }),
  });
  return {
    terminal,
    heard: () => Buffer.concat(parts),
    [Symbol.dispose]: () => {
      terminal.close();
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await systemClock.sleep(5);
}

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, index) => index));

test('all 256 byte values pass unchanged in both directions', async () => {
  using port = await collecting();
  const { terminal, heard } = port;
  await using client = await PortClient.open(terminal.path);
  await client.write(everyByte);
  await until(() => heard().length === 256);
  expect(heard()).toEqual(everyByte);
  expect(terminal.write(everyByte)).toBe(256);
  expect(await client.take(256)).toEqual(everyByte);
});

test('a block of exactly the chunk size does not hold up the event loop', async () => {
  using port = await collecting();
  const { terminal, heard } = port;
  await using client = await PortClient.open(terminal.path);
  await client.write(Buffer.alloc(512, 1));
  await until(() => heard().length === 512);
  const startMs = performance.now();
  await systemClock.sleep(1);
  expect(performance.now() - startMs).toBeLessThan(1000);
});

test.for([74_880, 115_200, 460_800, 921_600, 928_571, 2_000_000])(
  'a client that sets %i baud is seen at that rate',
  async (baud) => {
    using port = await collecting();
    const { terminal } = port;
    expect(terminal.hostBaud()).toBe(115_200);
    await using client = await PortClient.open(terminal.path, 9600);
    expect(terminal.hostBaud()).toBe(9600);
    await client.setBaud(baud);
    expect(terminal.hostBaud()).toBe(baud);
  },
);

test('reading stops when the reader says so, the client backs up, and nothing is lost', async () => {
  let heard = 0;
  let open = false;
  using terminal = await openPseudoTerminal({
    chunkBytes: 512,
    onBytes: (bytes) => {
      heard += bytes.length;
      return open;
    },
  });
  await using client = await PortClient.open(terminal.path);
  const written = client.write(Buffer.alloc(100_000));
  await systemClock.sleep(50);
  expect(heard).toBe(512);
  open = true;
  terminal.resume();
  await written;
  await until(() => heard === 100_000);
});

test('writing to a client that does not read takes what fits and never waits', async () => {
  using port = await collecting();
  const { terminal } = port;
  let taken = 0;
  // The kernel moves what it took on to the client's side meanwhile, so one refusal does not mean that it is full.
  for (let refused = 0; refused < 50 && taken < 1_000_000;) {
    const part = terminal.write(new Uint8Array(4096));
    taken += part;
    refused = part === 0 ? refused + 1 : 0;
  }
  expect(taken).toBeGreaterThan(4000);
  expect(taken).toBeLessThan(1_000_000);
});

test('opening and closing the port again and again leaves no file open and the link in place', async () => {
  const link = join(folder, 'port');
  using port = await collecting(link);
  let rounds = 0;
  const cycle = async (): Promise<void> => {
    await using client = await PortClient.open(link);
    await client.write(Buffer.from('x'));
    rounds += 1;
    await until(() => port.heard().length === rounds);
  };
  await cycle();
  const before = openFiles();
  for (let round = 0; round < 20; round += 1) await cycle();
  expect(openFiles()).toBeLessThanOrEqual(before);
  expect(readlinkSync(link)).toBe(port.terminal.path);
});

test('closing makes the port vanish for a client that has it open, and gives all files back', async () => {
  const link = join(folder, 'port');
  const cycle = async (): Promise<void> => {
    using port = await collecting(link);
    const { path } = port.terminal;
    await using client = await PortClient.open(link);
    port.terminal.close();
    await until(() => !existsSync(path));
    // A tty that hung up reads as empty for ever; a control call tells.
    await expect(client.port.port?.getBaudRate()).rejects.toThrow();
    expect(lstatSync(link, { throwIfNoEntry: false })).toBeUndefined();
  };
  await cycle();
  const before = openFiles();
  await cycle();
  await until(() => openFiles() <= before);
});

test('a stale link is replaced, a file of that name is not', async () => {
  const stale = join(folder, 'stale');
  symlinkSync('/dev/pts/nowhere', stale);
  using port = await collecting(stale);
  expect(readlinkSync(stale)).toBe(port.terminal.path);
  const file = join(folder, 'file');
  writeFileSync(file, 'precious');
  await expect(collecting(file)).rejects.toMatchObject({
    code: 'S04',
    detail: `The link ${file} cannot be made: there is a file or a folder of this name.`,
  });
  expect(lstatSync(file).isFile()).toBe(true);
});

test('a link to a port that is there is not taken away from it', async () => {
  const link = join(folder, 'port');
  using port = await collecting(link);
  await expect(collecting(link)).rejects.toMatchObject({
    code: 'S04',
    detail: expect.stringContaining(`${link} is in use by another simulated module; `) as unknown,
  });
  expect(readlinkSync(link)).toBe(port.terminal.path);
});

test('a link that was left behind is replaced, also when its number has been given anew', async () => {
  const link = join(folder, 'port');
  using port = await collecting();
  symlinkSync(port.terminal.path, link);
  replaceLink(link, port.terminal.path);
  expect(readlinkSync(link)).toBe(port.terminal.path);
});

test('a link into a folder that does not exist is refused in plain words', async () => {
  const link = join(folder, 'nowhere', 'port');
  await expect(collecting(link)).rejects.toMatchObject({
    detail: `The link ${link} cannot be made: the folder does not exist.`,
  });
});

test('a link that somebody else has taken over is left alone', async () => {
  const link = join(folder, 'port');
  const first = await collecting(link);
  unlinkSync(link);
  using second = await collecting(link);
  first.terminal.close();
  expect(readlinkSync(link)).toBe(second.terminal.path);
});

test('sixteen ports work at once', async () => {
  const ports = await Promise.all(Array.from({ length: 16 }, () => collecting()));
  const clients = await Promise.all(ports.map(({ terminal }) => PortClient.open(terminal.path)));
  await Promise.all(clients.map((client) => client.write(everyByte)));
  await until(() => ports.every(({ heard }) => heard().length === 256));
  for (const client of clients) await client[Symbol.asyncDispose]();
  for (const { terminal } of ports) terminal.close();
});

function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}
