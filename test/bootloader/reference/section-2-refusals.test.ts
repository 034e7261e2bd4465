import { describe, expect, test } from 'vitest';
import type { FaultCode } from '../../../src/foundation/faults.ts';
import { silentLogger } from '../../../src/foundation/logger.ts';
import { commands } from '../../../src/bootloader/commands.ts';
import { eraseRange } from '../../../src/bootloader/flash-eraser.ts';
import { eraseFlash } from '../../../src/bootloader/flash-writer.ts';
import { Loader } from '../../../src/bootloader/loader.ts';
import { eraseModule } from '../../../src/nest/session/erase-module.ts';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import { op, ReferenceBench } from '../../support/reference-bench.ts';
import { inVirtualTime, ScriptedLink } from '../../support/scripted-link.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

interface Refusal {
  readonly status: number;
  readonly error?: number;
  /** Of the answer; default: that of the request. */
  readonly opcode?: number;
}

/** A RAM loader that refuses the first requests like this and does what the others ask. */
function refusing(refusals: readonly Refusal[]) {
  const clock = new VirtualClock();
  const link = new ScriptedLink(clock, ({ opcode }, own) => {
    const refusal = refusals[own.requests.length - 1];
    if (refusal === undefined) own.reply(opcode, {});
    else own.reply(refusal.opcode ?? opcode, { status: refusal.status, error: refusal.error ?? 0 });
  });
  const loader = new Loader(link, clock, silentLogger());
  loader.ramLoaderRuns = true;
  return { clock, link, loader, signal: new AbortController().signal };
}

type Talk = ReturnType<typeof refusing>;

const quiet = { phase: () => undefined, progress: () => undefined, identified: () => undefined };
const begin = { bytes: 70_000, blocks: 4, blockBytes: 0x4000, offset: 0 };
const sendings: readonly { name: string; code: FaultCode; send: (talk: Talk) => Promise<unknown> }[] = [
  {
    name: 'READ_REG',
    code: 'C04',
    send: ({ loader, signal }) => loader.send(commands.readReg, { address: 0x1000 }, signal),
  },
  {
    name: 'FLASH_BEGIN',
    code: 'W03',
    send: ({ loader, signal }) => loader.send(commands.flashBegin, begin, signal),
  },
  {
    name: 'FLASH_DEFL_BEGIN',
    code: 'W03',
    send: ({ loader, signal }) => loader.send(commands.flashDeflBegin, { ...begin, encrypted: 0 }, signal),
  },
  {
    name: 'SPI_FLASH_MD5',
    code: 'W03',
    send: ({ loader, signal }) =>
      loader.send(commands.spiFlashMd5, { address: 0, bytes: 4_096, unused1: 0, unused2: 0 }, signal),
  },
  {
    name: 'ERASE_REGION',
    code: 'W03',
    send: ({ loader, signal }) => loader.send(commands.eraseRegion, { address: 0, bytes: 4_096 }, signal),
  },
  {
    name: 'ERASE_FLASH',
    code: 'W03',
    send: ({ loader, signal }) => eraseFlash(loader, 0x400000, signal),
  },
];

describe('a refusal that damage on the way explains', () => {
  test.for(sendings)('§2.4 $name: C4 once is asked again, after DB 00', async ({ send }) => {
    const talk = refusing([{ status: 0xc4 }]);
    await inVirtualTime(talk.clock, send(talk));
    expect(talk.link.requests).toHaveLength(2);
    expect(talk.link.written.map((bytes) => bytes.length > 2)).toEqual([true, false, true]);
    expect(talk.link.written[2]).toEqual(talk.link.written[0]);
    expect(talk.loader.repeats).toBe(1);
  });

  test.for(sendings)('§2.4 $name: C4 twice is $code', async ({ send, code }) => {
    const talk = refusing(Array.from({ length: 9 }, () => ({ status: 0xc4 })));
    await expect(inVirtualTime(talk.clock, send(talk))).rejects.toMatchObject({ code });
    expect(talk.link.requests).toHaveLength(2);
  });

  test.for(sendings)('§2.4 $name: 01 00, into which v1 puts any error, is asked again', async ({ send }) => {
    const talk = refusing([{ status: 1 }]);
    await inVirtualTime(talk.clock, send(talk));
    expect(talk.link.requests).toHaveLength(2);
  });

  test.for(['memBegin', 'memData', 'flashData', 'flashDeflData', 'flashDeflEnd', 'readFlash'] as const)(
    '§6.10 %s, which may not be repeated, is sent once for all that',
    async (name) => {
      const { clock, link, loader, signal } = refusing([{ status: 1 }]);
      const { opcode, tries } = commands[name];
      const command = { ...commands.readReg, opcode, tries };
      const answer = await inVirtualTime(clock, loader.exchange(command, { address: 0 }, signal));
      expect(answer.kind).toBe('refused');
      expect(link.requests).toHaveLength(1);
    },
  );

  test.for([
    { name: 'C5', status: 0xc5 },
    { name: 'C6', status: 0xc6 },
    { name: 'C7', status: 0xc7 },
  ])('§2.4 $name is no damage and is not asked again', async ({ status }) => {
    const { clock, link, loader, signal } = refusing([{ status }]);
    const sent = loader.send(commands.eraseRegion, { address: 0, bytes: 4_096 }, signal);
    await expect(inVirtualTime(clock, sent)).rejects.toBeDefined();
    expect(link.requests).toHaveLength(1);
  });
});

describe('an opcode that was damaged on its way', () => {
  test('§2.4 C3 under what it has become ends the wait: the request is sent again at once', async () => {
    const { clock, link, loader, signal } = refusing([{ status: 0xc3, opcode: 0x5a }]);
    const erase = { address: 0, bytes: 0x100000 };
    await inVirtualTime(clock, loader.send(commands.eraseRegion, erase, signal));
    expect(link.requests.map(({ opcode }) => opcode)).toEqual([op.eraseRegion, op.eraseRegion]);
    expect(clock.monotonic()).toBeLessThan(1_000);
  });

  test('§2.4 a block that got it was not taken: the wait ends, and the block is not repeated blindly', async () => {
    const { clock, link, loader, signal } = refusing([{ status: 0xc3, opcode: 0x51 }]);
    const { opcode, tries } = commands.flashDeflData;
    const answer = loader.exchange({ ...commands.readReg, opcode, tries }, { address: 0 }, signal);
    expect(await inVirtualTime(clock, answer)).toMatchObject({ kind: 'refused', reply: { status: 0xc3 } });
    expect(link.requests).toHaveLength(1);
    expect(clock.monotonic()).toBeLessThan(100);
  });

  test('§2.3 another refusal under another opcode is a late one and is dropped', async () => {
    const { clock, link, loader, signal } = refusing([{ status: 0xc4, opcode: op.md5 }]);
    await inVirtualTime(clock, loader.send(commands.readReg, { address: 0x1000 }, signal));
    expect(link.requests).toHaveLength(2);
    expect(clock.monotonic()).toBeGreaterThan(commands.readReg.allowMs({ address: 0 }));
  });
});

describe('a refused erase', () => {
  const causes: readonly { what: string; refusal: Refusal; code: FaultCode }[] = [
    { what: 'a wrong length', refusal: { status: 0xc0 }, code: 'W01' },
    { what: 'a wrong checksum', refusal: { status: 0xc1 }, code: 'W01' },
    { what: 'an unknown command', refusal: { status: 0xc3 }, code: 'W01' },
    { what: 'too few data', refusal: { status: 0xc8 }, code: 'W01' },
    { what: 'an invalid message', refusal: { status: 1, error: 0x05 }, code: 'W01' },
    { what: 'a failed SPI operation', refusal: { status: 0xc4 }, code: 'W03' },
    { what: 'a flash that cannot be unlocked', refusal: { status: 0xc5 }, code: 'W03' },
    { what: 'any error of v1', refusal: { status: 1 }, code: 'W03' },
    { what: 'a wrong block size', refusal: { status: 0xc2 }, code: 'W03' },
  ];

  test.for(causes)('§2.4 for $what is $code', async ({ refusal, code }) => {
    // C4 for a range says that it takes long: the test below.
    for (const erase of refusal.status === 0xc4 ? [eraseAll] : [eraseAll, eraseSome]) {
      const talk = refusing(Array.from({ length: 99 }, () => refusal));
      await expect(inVirtualTime(talk.clock, erase(talk))).rejects.toMatchObject({ code });
    }
  });

  test('§3.10 v2 gives up on a slow flash with C4: the block is given 3 s, and the digest decides', async () => {
    const talk = refusing(Array.from({ length: 99 }, () => ({ status: 0xc4 })));
    await inVirtualTime(talk.clock, eraseSome(talk));
    // The range twice, then what it is made of twice.
    expect(talk.link.requests.map(({ opcode }) => opcode)).toEqual(Array.from({ length: 4 }, () => op.eraseRegion));
    expect(talk.clock.monotonic()).toBeGreaterThanOrEqual(3_000);
  });

  test('§3.10 a range whose erase does nothing is found by its digest', async () => {
    const content = new Uint8Array(0x10000);
    const nest = new ReferenceBench({ flash: { ...w25q32, content }, misbehave: [{ kind: 'writeProtected' }] });
    const request = { ranges: [{ address: 0x1000, bytes: 0x2000 }] };
    const { ranges } = await nest.work((parts, target, signal) =>
      eraseModule(parts, { ...target, ...request }, quiet, signal),
    );
    expect(ranges).toMatchObject([{ blank: false, firstDifference: { address: 0x1000 } }]);
  });

  test('§3.10 ERASE_FLASH that is not answered is F05, and is not sent again', async () => {
    const clock = new VirtualClock();
    const link = new ScriptedLink(clock);
    const loader = new Loader(link, clock, silentLogger());
    const { signal } = new AbortController();
    const erase = inVirtualTime(clock, eraseFlash(loader, 0x400000, signal));
    await expect(erase).rejects.toMatchObject({ code: 'F05' });
    expect(link.requests).toHaveLength(1);
  });

  function eraseAll({ loader, signal }: Talk): Promise<void> {
    return eraseFlash(loader, 0x400000, signal);
  }

  function eraseSome({ loader, signal }: Talk): Promise<void> {
    return eraseRange(loader, { address: 0, bytes: 0x1000 }, signal, () => undefined);
  }
});
