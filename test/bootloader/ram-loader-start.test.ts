import { expect, test } from 'vitest';
import { esp8266 } from '../../src/chips/esp8266.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import { Loader } from '../../src/bootloader/loader.ts';
import { startRamLoader, tellRamLoaderFlashSize, tellRomFlashSize } from '../../src/bootloader/ram-loader-start.ts';
import { inVirtualTime, ScriptedLink } from '../support/scripted-link.ts';
import type { SeenRequest } from '../support/scripted-link.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const stub = {
  entry: 0x4010c504,
  text: { address: 0x4010c500, bytes: new Uint8Array(0x2000).fill(1) },
  data: { address: 0x3fffae6c, bytes: new Uint8Array(100).fill(2) },
};
const hello = Uint8Array.of(0xc0, 0x4f, 0x48, 0x41, 0x49, 0xc0);
const memBegin = 0x05;
const memEnd = 0x06;
const memData = 0x07;

/** @param override returns true when it has dealt with the request itself */
function start(override: (request: SeenRequest, link: ScriptedLink) => boolean = () => false) {
  const clock = new VirtualClock();
  const link = new ScriptedLink(clock, (request) => {
    if (override(request, link)) return;
    const value = request.opcode === 0x0a ? esp8266.magic : 0;
    link.reply(request.opcode, { value });
    if (request.opcode === memEnd) link.push(hello, 10);
  });
  const loader = new Loader(link, clock, silentLogger());
  const signal = new AbortController().signal;
  return { clock, link, loader, signal, work: inVirtualTime(clock, startRamLoader(loader, esp8266, stub, signal)) };
}

const nth = (opcode: number, wanted: number, act: (link: ScriptedLink) => void) => {
  let seen = 0;
  return (request: SeenRequest, link: ScriptedLink): boolean => {
    if (request.opcode !== opcode || ++seen !== wanted) return false;
    act(link);
    return true;
  };
};

test('text goes first, data last, then the start', async () => {
  const { work, link } = start();
  expect(await work).toBe(0);
  const order = link.requests.map(({ opcode }) => opcode);
  expect(order).toEqual([memBegin, memData, memData, memBegin, memData, memEnd, 0x0a]);
  expect(link.requests[0]?.word(3)).toBe(stub.text.address);
  expect(link.requests[1]?.payload).toHaveLength(16 + 0x1800);
  expect(link.requests[2]?.payload).toHaveLength(16 + 0x800);
  expect(link.requests[3]?.word(3)).toBe(stub.data.address);
});

test.for([
  { name: 'a refused block', override: nth(memData, 2, (link) => link.reply(memData, { status: 1, error: 7 })) },
  { name: 'an unanswered block', override: nth(memData, 2, () => undefined) },
  { name: 'a refused block of the data', override: nth(memData, 3, (link) => link.reply(memData, { status: 1 })) },
])('after $name the upload starts again with the text', async ({ override }) => {
  const { work, link } = start(override);
  expect(await work).toBe(1);
  const begins = link.requests.filter(({ opcode }) => opcode === memBegin).map(({ word }) => word(3));
  expect(begins.slice(-2)).toEqual([stub.text.address, stub.data.address]);
});

test('a block refused in both uploads is F06', async () => {
  const { work } = start(({ opcode }, link) => {
    if (opcode === memData) link.reply(memData, { status: 1, error: 7 });
    return opcode === memData;
  });
  await expect(work).rejects.toMatchObject({ code: 'F06' });
});

test('a lost answer to the start does not matter when the greeting comes', async () => {
  const { work } = start(nth(memEnd, 1, (link) => link.push(hello, 12)));
  expect(await work).toBe(0);
});

test('no greeting and no answer is F06', async () => {
  let started = false;
  const { work, clock } = start(({ opcode }, link) => {
    if (opcode === memEnd) link.reply(memEnd);
    started ||= opcode === memEnd;
    return started;
  });
  await expect(work).rejects.toMatchObject({ code: 'F06' });
  expect(clock.monotonic()).toBeLessThan(4_000);
});

test('a lost greeting does not matter when the RAM loader answers', async () => {
  const { work, link } = start(nth(memEnd, 1, (own) => own.reply(memEnd)));
  expect(await work).toBe(0);
  expect(link.requests.filter(({ opcode }) => opcode === memBegin)).toHaveLength(2);
});

test.for([
  { name: 'lost', answer: () => undefined },
  { name: 'refused', answer: (link: ScriptedLink) => link.reply(memEnd, { status: 1, error: 5 }) },
])('after a start that was $name the ROM is given the RAM loader again', async ({ answer }) => {
  const lost = nth(memEnd, 1, answer);
  const { work, link } = start((request, own) => {
    if (request.opcode !== 0x08) return lost(request, own);
    own.reply(0x08, { value: 0x20120707 });
    return true;
  });
  expect(await work).toBe(1);
  expect(link.requests.filter(({ opcode }) => opcode === memEnd)).toHaveLength(2);
});

test('a module that falls silent during the upload is C06', async () => {
  let dead = false;
  const { work } = start(({ opcode }) => {
    dead ||= opcode === memData;
    return dead;
  });
  await expect(work).rejects.toMatchObject({ code: 'C06' });
});

test.for([
  { bytes: 4 * 1024 * 1024, told: [] },
  { bytes: 16 * 1024 * 1024, told: [16 * 1024 * 1024] },
])('the ROM is told of a flash of $bytes bytes only above its ceiling', async ({ bytes, told }) => {
  const { work, clock, link, loader, signal } = start();
  await work;
  await inVirtualTime(clock, tellRomFlashSize(loader, esp8266, { id: 0, bytes, isLocked: false }, signal));
  expect(link.requests.filter(({ opcode }) => opcode === 0x0b).map(({ word }) => word(1))).toEqual(told);
});

const bigFlash = { id: 0, bytes: 16 * 1024 * 1024, isLocked: false };

test('a ROM that cannot be told the size says so', async () => {
  const { work, clock, loader, signal } = start(({ opcode }, link) => {
    // An opcode that the ROM does not have is answered under the one before.
    if (opcode === 0x0b) link.reply(0x0a, { status: 1, error: 5 });
    return opcode === 0x0b;
  });
  await work;
  expect(await inVirtualTime(clock, tellRomFlashSize(loader, esp8266, bigFlash, signal))).toBe(false);
});

test.for([
  { name: 'is corrected', record: 0x3fffc718, known: 0x400000, written: [[0x3fffc71c, bigFlash.bytes]] },
  { name: 'that is right already is left alone', record: 0x3fffc718, known: 0x1000000, written: [] },
  { name: 'that does not exist is left alone', record: 0, known: 0x400000, written: [] },
  { name: 'at an impossible address is left alone', record: 0x3fffc719, known: 0x400000, written: [] },
])('with a RAM loader that runs already the record of the ROM $name', async ({ record, known, written }) => {
  const clock = new VirtualClock();
  const link = new ScriptedLink(clock, ({ opcode, word }) => {
    link.reply(opcode, { value: word(0) === esp8266.rom.flashRecord.pointer ? record : known });
  });
  const loader = new Loader(link, clock, silentLogger());
  await inVirtualTime(clock, tellRamLoaderFlashSize(loader, esp8266, bigFlash, new AbortController().signal));
  const writes = link.requests.filter(({ opcode }) => opcode === 0x09).map(({ word }) => [word(0), word(1)]);
  expect(writes).toEqual(written);
});
