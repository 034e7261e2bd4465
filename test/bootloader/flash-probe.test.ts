import { describe, expect, test } from 'vitest';
import { esp8266 } from '../../src/chips/esp8266.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import { probeFlash, unlockFlash } from '../../src/bootloader/flash-probe.ts';
import { Loader } from '../../src/bootloader/loader.ts';
import { registerScript } from '../support/register-script.ts';
import type { FlashFace } from '../support/register-script.ts';
import { inVirtualTime, ScriptedLink } from '../support/scripted-link.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

function probe(flash: FlashFace) {
  const clock = new VirtualClock();
  const link = new ScriptedLink(clock, registerScript(flash));
  const loader = new Loader(link, clock, silentLogger());
  const work = inVirtualTime(clock, probeFlash(loader, esp8266, new AbortController().signal));
  return { clock, link, work };
}

const opcodes = (link: ScriptedLink): number[] => link.requests.map(({ opcode }) => opcode);
const winbond = { id: 0x1640ef, bytes: 4 * 1024 * 1024, isLocked: false };

test('a good flash is found by register commands alone', async () => {
  const { work, link } = probe({ id: 0x1640ef, status: 0 });
  expect(await work).toEqual(winbond);
  expect(opcodes(link)).not.toContain(0x02);
  const [setup] = link.requests;
  const pins = [0, 4, 8, 12, 16, 20, 24].map((at) => setup?.word(at));
  expect(pins).toEqual([0x6000081c, 0x60000820, 0x60000824, 0x60000828, 0x6000082c, 0x60000830, 0x60000208]);
});

test.for([
  { name: 'in deep sleep is woken', flash: { id: 0x1640ef, status: 0, asleep: true } },
  { name: 'that answers only a user command is read so', flash: { id: 0x1640ef, status: 0, plainIdFails: true } },
  { name: 'that is busy is waited for', flash: { id: 0x1640ef, status: 0, busyReads: 40 } },
])('a flash $name', async ({ flash }) => {
  expect(await probe(flash).work).toEqual(winbond);
});

test.for([
  { name: 'floating lines', flash: { id: 0xffffff, status: 0xff } },
  { name: 'lines at ground', flash: { id: 0, status: 0 } },
  { name: 'a flash on which the ROM hangs', flash: { id: 0xffffff, status: 0xff, attachHangs: true } },
  { name: 'an id of no known size', flash: { id: 0x7f40ef, status: 0 } },
])('$name are F01 in a few seconds', async ({ flash }) => {
  const { work, clock } = probe(flash);
  await expect(work).rejects.toMatchObject({ code: 'F01' });
  expect(clock.monotonic()).toBeLessThan(3_000);
});

test('a misread id does not get into the record', async () => {
  const flash = registerScript({ id: 0x1640ef, status: 0 });
  const clock = new VirtualClock();
  let readings = 0;
  const link = new ScriptedLink(clock, (request, own) => {
    if (request.opcode !== 0x0a || request.word(0) !== esp8266.registers.spi + 0x40) {
      flash(request, own);
      return;
    }
    readings += 1;
    own.reply(0x0a, { value: readings === 1 ? 0x1740ef : 0x1640ef });
  });
  const loader = new Loader(link, clock, silentLogger());
  const work = probeFlash(loader, esp8266, new AbortController().signal);
  expect(await inVirtualTime(clock, work)).toEqual(winbond);
});

test('a controller command that never ends is taken back', async () => {
  const flash = registerScript({ id: 0x1640ef, status: 0 });
  const clock = new VirtualClock();
  const commandRegister = esp8266.registers.spi;
  let command = 0;
  const given: number[] = [];
  const link = new ScriptedLink(clock, (request, own) => {
    const { opcode, payload, word } = request;
    const last = payload.length / 4 - 4;
    if (opcode === 0x09 && word(last) === commandRegister && word(last + 1) !== 0x00040000) {
      command = word(last + 1);
      given.push(command);
      own.reply(opcode);
    } else if (opcode === 0x0a && word(0) === commandRegister) own.reply(opcode, { value: command });
    else flash(request, own);
  });
  const loader = new Loader(link, clock, silentLogger());
  const work = inVirtualTime(clock, probeFlash(loader, esp8266, new AbortController().signal));
  await expect(work).resolves.toEqual(winbond);
  expect(given.slice(0, 2)).toEqual([0x10000000, 0]);
  expect(command).toBe(0);
});

test('a module that falls silent while its flash is attached is C06 at once', async () => {
  const clock = new VirtualClock();
  const loader = new Loader(new ScriptedLink(clock), clock, silentLogger());
  const work = inVirtualTime(clock, probeFlash(loader, esp8266, new AbortController().signal));
  await expect(work).rejects.toMatchObject({ code: 'C06' });
  expect(clock.monotonic()).toBeLessThan(3_000);
});

test('a flash that does not answer is never waited for by the loader', async () => {
  const { work, link } = probe({ id: 0xffffff, status: 0xff });
  await expect(work).rejects.toMatchObject({ code: 'F01' });
  expect(opcodes(link)).not.toContain(0x02);
});

test('a flash that stays busy is given up after a bounded time', async () => {
  const { work } = probe({ id: 0x1640ef, status: 0, busyReads: 1e9 });
  await expect(work).rejects.toMatchObject({ code: 'F05', detail: expect.stringContaining('busy') as string });
});

describe('protection bits', () => {
  const unlock = (flash: FlashFace) => {
    const clock = new VirtualClock();
    const loader = new Loader(new ScriptedLink(clock, registerScript(flash)), clock, silentLogger());
    return inVirtualTime(clock, unlockFlash(loader, esp8266, new AbortController().signal));
  };

  test('are told and left as they are', async () => {
    const flash = { id: 0x1640ef, status: 0x1c };
    expect(await probe(flash).work).toEqual({ ...winbond, isLocked: true });
    expect(flash.status).toBe(0x1c);
  });

  test('are cleared when that is asked for', async () => {
    const flash = { id: 0x1640ef, status: 0x1c };
    await unlock(flash);
    expect(flash.status).toBe(0);
  });

  test('that stay set are F04', async () => {
    await expect(unlock({ id: 0x1640ef, status: 0x1c, locked: true })).rejects.toMatchObject({ code: 'F04' });
  });
});
