import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hex } from '../../src/foundation/bytes.ts';
import { StationError } from '../../src/foundation/faults.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { nodeSerialLinks } from '../../src/serial/node-serial-link.ts';
import { openPseudoTerminal } from '../../src/simulator/bench/pseudo-terminal.ts';
import type { PseudoTerminal } from '../../src/simulator/bench/pseudo-terminal.ts';

const never = new AbortController().signal;
const open = nodeSerialLinks(systemClock);

describe('a real terminal device', () => {
  let terminal: PseudoTerminal;
  let heard: number[];

  beforeEach(async () => {
    heard = [];
    terminal = await openPseudoTerminal({
      chunkBytes: 65_536,
      onBytes: (bytes) => {
        heard.push(...bytes);
        return true;
      },
    });
  });

  afterEach(() => {
    terminal.close();
  });

  test('carries every byte value in both directions', async () => {
    await using link = await open(terminal.path, 115_200, never);
    const all = Uint8Array.from({ length: 256 }, (_, value) => value);
    await link.write(all, never);
    await until(() => heard.length === 256);
    expect(heard).toEqual([...all]);
    terminal.write(all);
    let received = '';
    while (received.length < 512) received += hex(await link.read(never));
    expect(received).toBe(hex(all));
  });

  test.for([115_200, 74_880, 921_600, 460_800, 57_600])('changes to %i baud', async (baud) => {
    await using link = await open(terminal.path, 115_200, never);
    await link.setBaud(baud, never);
    expect([link.baud, terminal.hostBaud()]).toEqual([baud, baud]);
  });

  test('opens at a rate that is in no table', async () => {
    await using link = await open(terminal.path, 74_880, never);
    expect([link.baud, terminal.hostBaud()]).toEqual([74_880, 74_880]);
  });

  test('drops what was not read', async () => {
    await using link = await open(terminal.path, 115_200, never);
    terminal.write(Uint8Array.of(1, 2, 3));
    await systemClock.sleep(30);
    await link.discardInput();
    terminal.write(Uint8Array.of(4));
    expect([...(await link.read(never))]).toEqual([4]);
  });

  test('has no modem lines, which is said only when they are asked for', async () => {
    await using link = await open(terminal.path, 115_200, never);
    await expect(link.setModemLines({ dtr: true, rts: false })).rejects.toMatchObject({ code: 'S04' });
    terminal.write(Uint8Array.of(9));
    expect([...(await link.read(never))]).toEqual([9]);
  });

  test('is refused to a second program with a plain sentence', async () => {
    await using link = await open(terminal.path, 115_200, never);
    await expect(open(link.path, 115_200, never)).rejects.toMatchObject({
      code: 'S04',
      detail: `Port ${terminal.path} is in use by another program.`,
    });
  });

  test('can be opened again after it was closed', async () => {
    await (await open(terminal.path, 115_200, never))[Symbol.asyncDispose]();
    await using link = await open(terminal.path, 115_200, never);
    terminal.write(Uint8Array.of(7));
    expect([...(await link.read(never))]).toEqual([7]);
  });

  test('ends a waiting read with S04 when it vanishes, and every call after that', async () => {
    await using link = await open(terminal.path, 115_200, never);
    const reading = link.read(never);
    terminal.close();
    await expect(reading).rejects.toMatchObject({ code: 'S04' });
    await expect(link.read(never)).rejects.toMatchObject({ code: 'S04' });
    await expect(link.write(Uint8Array.of(1), never)).rejects.toMatchObject({ code: 'S04' });
    await expect(link.setBaud(9_600, never)).rejects.toMatchObject({ code: 'S04' });
    await expect(link.discardInput()).rejects.toMatchObject({ code: 'S04' });
  });

  test('ends a write with S04 when it has vanished', async () => {
    await using link = await open(terminal.path, 115_200, never);
    terminal.close();
    await expect(link.write(new Uint8Array(100), never)).rejects.toMatchObject({ code: 'S04' });
  });

  test('ends a waiting read with the reason of an abort and can be read again', async () => {
    await using link = await open(terminal.path, 115_200, never);
    const control = new AbortController();
    const reading = link.read(control.signal);
    control.abort(new StationError('O01'));
    await expect(reading).rejects.toMatchObject({ code: 'O01' });
    terminal.write(Uint8Array.of(5));
    expect([...(await link.read(never))]).toEqual([5]);
  });

  test('ends a waiting read with S04 when it is closed', async () => {
    const link = await open(terminal.path, 115_200, never);
    const reading = link.read(never);
    const closed = expect(reading).rejects.toMatchObject({ code: 'S04' });
    await link[Symbol.asyncDispose]();
    await closed;
  });
});

test('a write that nobody takes can be aborted, and the port still closes', async () => {
  // The other end reads nothing: the terminal fills up.
  using terminal = await openPseudoTerminal({ chunkBytes: 16, onBytes: () => false });
  await using link = await open(terminal.path, 115_200, never);
  const control = new AbortController();
  const writing = link.write(new Uint8Array(1_000_000), control.signal);
  await systemClock.sleep(50);
  control.abort(new StationError('O01'));
  await expect(writing).rejects.toMatchObject({ code: 'O01' });
});

test.for([
  { name: 'a path that is not there', path: '/dev/ttyNOTHERE', detail: 'Port /dev/ttyNOTHERE does not exist.' },
  { name: 'a device that is no terminal', path: '/dev/null', detail: '/dev/null is not a serial port.' },
])('$name is S04 with a plain sentence', async ({ path, detail }) => {
  await expect(open(path, 115_200, never)).rejects.toMatchObject({ code: 'S04', detail });
});

test('an aborted opening is not begun', async () => {
  const opening = open('/dev/ttyNOTHERE', 115_200, AbortSignal.abort(new StationError('O01')));
  await expect(opening).rejects.toMatchObject({ code: 'O01' });
});

async function until(condition: () => boolean): Promise<void> {
  const end = systemClock.monotonic() + 5_000;
  while (!condition() && systemClock.monotonic() < end) await systemClock.sleep(5);
}
