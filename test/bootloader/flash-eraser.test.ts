import { expect, test } from 'vitest';
import { eraseRange } from '../../src/bootloader/flash-eraser.ts';
import { Loader } from '../../src/bootloader/loader.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import { inVirtualTime, ScriptedLink } from '../support/scripted-link.ts';
import type { Script } from '../support/scripted-link.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

function erase(address: number, bytes: number, script: Script = ({ opcode }, own) => own.reply(opcode)) {
  const clock = new VirtualClock();
  const link = new ScriptedLink(clock, script);
  const told: number[] = [];
  const loader = new Loader(link, clock, silentLogger());
  const range = { address, bytes };
  const work = eraseRange(loader, range, new AbortController().signal, (done) => void told.push(done));
  return { clock, link, told, work: inVirtualTime(clock, work) };
}

test('a range is erased in pieces that end at multiples of 1 MB', async () => {
  const { link, told, work } = erase(0xff000, 0x202000);
  await work;
  expect(link.requests.map(({ opcode, word }) => [opcode, word(0), word(1)])).toEqual([
    [0xd1, 0xff000, 0x1000],
    [0xd1, 0x100000, 0x100000],
    [0xd1, 0x200000, 0x100000],
    [0xd1, 0x300000, 0x1000],
  ]);
  expect(told).toEqual([0x1000, 0x101000, 0x201000, 0x202000]);
});

test('a piece may take 40 s for a million bytes', async () => {
  const { work, clock } = erase(0, 0x100000, ({ opcode }, own) => own.reply(opcode, {}, 41_000));
  await work;
  expect(clock.monotonic()).toBeGreaterThanOrEqual(41_000);
});

test.for([
  { name: 'silence', script: () => undefined, code: 'F05' },
  { name: 'a refusal', script: ({ opcode }, own) => own.reply(opcode, { status: 0xc5 }), code: 'W03' },
] as const satisfies readonly { name: string; script: Script; code: string }[])(
  '$name is $code',
  async ({ script, code }) => {
    await expect(erase(0, 0x1000, script).work).rejects.toMatchObject({ code });
  },
);

test('a loader that gives up on a slow flash is given time, block by block', async () => {
  const asked: number[] = [];
  const { work, clock } = erase(0xf000, 0x12000, ({ opcode, word }, own) => {
    asked.push(word(0));
    own.reply(opcode, { status: word(1) > 0x10000 || word(0) === 0x10000 ? 0xc4 : 0 });
  });
  await work;
  expect([...new Set(asked)]).toEqual([0xf000, 0x10000, 0x20000]);
  expect(clock.monotonic()).toBeGreaterThanOrEqual(3_000);
  expect(clock.monotonic()).toBeLessThan(4_000);
});
