import { expect, test } from 'vitest';
import { StationError } from '../../src/foundation/faults.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import { commands } from '../../src/bootloader/commands.ts';
import { Loader } from '../../src/bootloader/loader.ts';
import { inVirtualTime, ScriptedLink } from '../support/scripted-link.ts';
import type { Script } from '../support/scripted-link.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

function talk(script: Script) {
  const clock = new VirtualClock();
  const link = new ScriptedLink(clock, script);
  const loader = new Loader(link, clock, silentLogger());
  const control = new AbortController();
  return { clock, link, loader, control, signal: control.signal };
}

test('an answer with another opcode is a late one and dropped', async () => {
  const { clock, loader, signal } = talk(({ opcode }, link) => {
    link.reply(0x08, { value: 0x20120707 }, 1);
    link.reply(opcode, { value: 7 }, 3);
  });
  expect(await inVirtualTime(clock, loader.readRegister(0x1000, signal))).toBe(7);
});

test('an answer from before the request does not count', async () => {
  const { clock, link, loader, signal } = talk((_request, own) => own.reply(0x0a, { value: 2 }, 20));
  link.reply(0x0a, { value: 1 }, 0);
  await clock.elapse(5);
  await inVirtualTime(clock, loader.untilQuiet(5, 100, signal));
  expect(await inVirtualTime(clock, loader.readRegister(0x1000, signal))).toBe(2);
});

test('a command that may be repeated is sent once more when nothing answers', async () => {
  let turn = 0;
  const { clock, link, loader, signal } = talk((_request, own) => {
    turn += 1;
    if (turn === 2) own.reply(0x0a, { value: 9 });
  });
  expect(await inVirtualTime(clock, loader.readRegister(0x1000, signal))).toBe(9);
  expect(link.requests).toHaveLength(2);
  expect(loader.repeats).toBe(1);
});

test.for([
  { name: 'the ROM', status: 1, error: 5 },
  { name: 'the RAM loader', status: 0xc0, error: 0 },
])('a register command that $name finds damaged is sent once more', async ({ status, error }) => {
  let turn = 0;
  const { clock, link, loader, signal } = talk((_request, own) => {
    turn += 1;
    own.reply(0x0a, turn === 1 ? { status, error } : { value: 9 });
  });
  expect(await inVirtualTime(clock, loader.readRegister(0x1000, signal))).toBe(9);
  expect(link.requests).toHaveLength(2);
  expect(loader.repeats).toBe(1);
});

test('a register command refused twice is C04, and a flash that fails twice W03', async () => {
  const { clock, link, loader, signal } = talk(({ opcode }, own) =>
    own.reply(opcode, { status: opcode === 0x13 ? 0xc4 : 0xc0 }),
  );
  await expect(inVirtualTime(clock, loader.readRegister(0x1000, signal))).rejects.toMatchObject({ code: 'C04' });
  expect(link.requests).toHaveLength(2);
  const range = { address: 0, bytes: 4, unused1: 0, unused2: 0 };
  const digest = loader.send(commands.spiFlashMd5, range, signal);
  await expect(inVirtualTime(clock, digest)).rejects.toMatchObject({ code: 'W03' });
  expect(link.requests).toHaveLength(4);
});

test('leaving a frame waits until what was sent has left at the rate of the line', async () => {
  const { clock, loader, signal } = talk(({ opcode }, own) => own.reply(opcode, { status: 0xc0 }, 5));
  const header = { dataBytes: 0x4000, sequence: 0, unused1: 0, unused2: 0 };
  const data = new Uint8Array(0x4000);
  await inVirtualTime(clock, loader.exchange(commands.flashDeflData, header, signal, { data }));
  expect(clock.monotonic()).toBeLessThan(50);
  await inVirtualTime(clock, loader.leaveFrame(signal));
  // 16 KB take 1.4 s at 115200 baud.
  expect(clock.monotonic()).toBeGreaterThan(1_400);
});

test('the late answer to the first sending does not pass for the answer to the next command', async () => {
  let turn = 0;
  const { clock, loader, signal } = talk(({ word }, own) => {
    turn += 1;
    if (turn === 1) own.reply(0x0a, { value: word(0) }, 1_030);
    else own.reply(0x0a, { value: word(0) }, 20);
  });
  expect(await inVirtualTime(clock, loader.readRegister(0x1000, signal))).toBe(0x1000);
  expect(await inVirtualTime(clock, loader.readRegister(0x2000, signal))).toBe(0x2000);
});

test('a block of data is never repeated by itself and its silence is W02', async () => {
  const { clock, link, loader, signal } = talk(() => undefined);
  const header = { dataBytes: 4, sequence: 0, unused1: 0, unused2: 0 };
  const sent = loader.send(commands.flashDeflData, header, signal, { data: new Uint8Array(4) });
  await expect(inVirtualTime(clock, sent)).rejects.toMatchObject({ code: 'W02' });
  expect(link.requests).toHaveLength(1);
  expect(clock.monotonic()).toBeLessThan(3_100);
});

test('the time limit grows by the time the request takes on the wire', async () => {
  const { clock, loader, signal } = talk((_request, link) => link.reply(0x07, {}, 4_200));
  const header = { dataBytes: 0x4000, sequence: 0, unused1: 0, unused2: 0 };
  const answer = loader.exchange(commands.memData, header, signal, { data: new Uint8Array(0x4000) });
  // 16 KB take 1.4 s at 115200 baud.
  expect(await inVirtualTime(clock, answer)).toMatchObject({ kind: 'done' });
});

test('a refusal names the command and both status bytes', async () => {
  const { clock, loader, signal } = talk((_request, link) => link.reply(0x05, { status: 1, error: 5 }));
  const begin = { bytes: 1, blocks: 1, blockBytes: 0x1800, offset: 0 };
  await expect(inVirtualTime(clock, loader.send(commands.memBegin, begin, signal))).rejects.toMatchObject({
    code: 'F06',
    detail: 'The module refused MEM_BEGIN: the message is invalid (status 0x01 0x05).',
  });
});

test('the data of a block carry a checksum, the synchronisation does not', async () => {
  const { clock, link, loader, signal } = talk(({ opcode }, own) => own.reply(opcode));
  const data = Uint8Array.of(0xde, 0xad, 0xbe, 0xef);
  const header = { dataBytes: 4, sequence: 0, unused1: 0, unused2: 0 };
  await inVirtualTime(clock, loader.send(commands.memData, header, signal, { data }));
  await inVirtualTime(clock, loader.send(commands.sync, { marker: 1 }, signal, { data }));
  expect(link.requests.map(({ checksum }) => checksum)).toEqual([0xcd, 0]);
});

test('a port that takes no bytes holds nobody', async () => {
  const { clock, link, loader, signal } = talk(() => undefined);
  link.write = (_bytes, own) =>
    new Promise((_resolve, reject) => {
      own.addEventListener('abort', () => reject(own.reason as Error), { once: true });
    });
  await inVirtualTime(clock, loader.leaveFrame(signal));
  await expect(inVirtualTime(clock, loader.readRegister(0x1000, signal))).rejects.toMatchObject({ code: 'C06' });
  expect(clock.monotonic()).toBeLessThan(5_000);
});

test('an abort ends the wait at once, with its reason, and leaves no timer', async () => {
  const { clock, loader, control } = talk(() => undefined);
  const reading = loader.readRegister(0x1000, control.signal);
  await clock.elapse(10);
  control.abort(new StationError('O01'));
  await expect(reading).rejects.toMatchObject({ code: 'O01' });
  expect(clock.pending).toBe(0);
});

test('a port that goes away ends the wait with S04', async () => {
  const { clock, link, loader, signal } = talk(() => undefined);
  const reading = loader.readRegister(0x1000, signal);
  await clock.elapse(10);
  link.vanish();
  await expect(reading).rejects.toMatchObject({ code: 'S04' });
});

test('waiting for silence ends at its limit when the module chatters', async () => {
  const { clock, link, loader, signal } = talk(() => undefined);
  for (let at = 0; at < 2_000; at += 10) link.print('x', at);
  await inVirtualTime(clock, loader.untilQuiet(50, 500, signal));
  expect(clock.monotonic()).toBeLessThan(600);
  expect(loader.heardBytes).toBeGreaterThan(40);
});

test('a register answer with a byte too many is asked for again', async () => {
  let turn = 0;
  const { clock, loader, signal } = talk(({ opcode }, own) => {
    turn += 1;
    own.reply(opcode, turn === 1 ? { value: 0x0900, data: Uint8Array.of(0) } : { value: 9 });
  });
  expect(await inVirtualTime(clock, loader.readRegister(0x1000, signal))).toBe(9);
  expect(loader.repeats).toBe(1);
});
