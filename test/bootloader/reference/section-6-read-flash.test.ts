import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { esp8266 } from '../../../src/chips/esp8266.ts';
import { silentLogger } from '../../../src/foundation/logger.ts';
import { readFlashBytes } from '../../../src/bootloader/flash-reader.ts';
import { Loader } from '../../../src/bootloader/loader.ts';
import { encodeSlip } from '../../../src/bootloader/slip.ts';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import { op, ReferenceBench } from '../../support/reference-bench.ts';
import { noisyBytes } from '../../support/regions.ts';
import { inVirtualTime, ScriptedLink } from '../../support/scripted-link.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const content = noisyBytes(0x30000, 5);
const flash = { ...w25q32, content };
const baud = 921_600;
const both = [1, 2] as const;

function nestWith(generation: 1 | 2): ReferenceBench {
  return new ReferenceBench({ flash, running: { generation, baud } });
}

function read(nest: ReferenceBench, address: number, bytes: number, excused: readonly RegExp[] = []) {
  return nest.talk(baud, (loader, signal) => readFlashBytes(loader, esp8266, { address, bytes }, signal), excused);
}

const acknowledgements = (nest: ReferenceBench): string[] =>
  nest.wire.events.flatMap((event) => (event.kind === 'bytes' ? [Buffer.from(event.wire).toString('hex')] : []));

describe('READ_FLASH', () => {
  test.for(both)('§6.8 from v%d every byte comes, whatever the alignment', async (generation) => {
    for (const [address, bytes] of [
      [0, 0x1000],
      [0x1000, 0x11000],
      [0x1003, 1],
      [0x0ffe, 7],
      [0x2001, 0x2fff],
      [0x1fffc, 0x10000],
    ] as const) {
      const got = await read(nestWith(generation), address, bytes);
      expect(Buffer.compare(got, content.subarray(address, address + bytes))).toBe(0);
    }
  });

  test.for(both)('§6.8 v%d is asked in whole words, in blocks of at most 4096, one at a time', async (generation) => {
    const nest = nestWith(generation);
    await read(nest, 0x1003, 0x3001);
    for (const { word, length } of nest.wire.sent(op.readFlash)) {
      expect(length).toBe(16);
      expect([word(0) % 4, word(1) % 4]).toEqual([0, 0]);
      expect(word(2)).toBeLessThanOrEqual(0x1000);
      // v1 counts bytes, v2 takes any number for one frame.
      expect(word(3)).toBeLessThanOrEqual(word(2));
    }
  });

  test.for(both)(
    '§6.8 each block from v%d is acknowledged with the bytes received so far, the last one too',
    async (generation) => {
      const nest = nestWith(generation);
      await read(nest, 0x1000, 0x3000);
      expect(acknowledgements(nest)).toEqual(['c000100000c0', 'c000200000c0', 'c000300000c0']);
    },
  );

  test('§2.5 the acknowledgement of 49152 is escaped', async () => {
    const nest = nestWith(2);
    await read(nest, 0, 0xc000);
    expect(acknowledgements(nest).at(-1)).toBe('c000dbdc0000c0');
  });

  test.for(both)(
    '§6.8 a block of v%d that came damaged is asked for again: length and digest are checked',
    async (generation) => {
      for (const what of ['corrupt', 'drop', 'duplicate'] as const) {
        const nest = nestWith(generation);
        await nest.bench.clock.elapse(50);
        nest.chip.misbehave({ kind: 'byteFault', direction: 'sent', what, nth: 3_000 });
        const got = await read(nest, 0, 0x4000, [/./]);
        expect(Buffer.compare(got, content.subarray(0, 0x4000))).toBe(0);
        expect(nest.wire.sent(op.readFlash).length).toBeGreaterThan(1);
      }
    },
  );

  test('§6.8 bytes with the wrong digest are not believed, and in the end are C04', async () => {
    const clock = new VirtualClock();
    const block = noisyBytes(0x1000, 9);
    const link = new ScriptedLink(clock, ({ opcode }, own) => {
      if (opcode === op.readReg) own.reply(opcode, { value: esp8266.magic });
      if (opcode !== op.readFlash) return;
      own.reply(opcode, {}, 1);
      own.push(encodeSlip(block), 2);
      own.push(encodeSlip(new Uint8Array(16)), 10);
    });
    const loader = new Loader(link, clock, silentLogger());
    const work = readFlashBytes(loader, esp8266, { address: 0, bytes: 0x1000 }, new AbortController().signal);
    await expect(inVirtualTime(clock, work)).rejects.toMatchObject({ code: 'C04' });
  });

  test('§6.8 the right digest is that of everything sent', async () => {
    const clock = new VirtualClock();
    const block = noisyBytes(0x1000, 9);
    const link = new ScriptedLink(clock, ({ opcode }, own) => {
      own.reply(opcode, {}, 1);
      own.push(encodeSlip(block), 2);
      own.push(encodeSlip(new Uint8Array(createHash('md5').update(block).digest())), 10);
    });
    const loader = new Loader(link, clock, silentLogger());
    const work = readFlashBytes(loader, esp8266, { address: 0, bytes: 0x1000 }, new AbortController().signal);
    expect(Buffer.compare(await inVirtualTime(clock, work), block)).toBe(0);
    expect(link.requests).toHaveLength(1);
    expect(Buffer.from(link.written[0] ?? []).toString('hex')).toMatch(/^c000d2100000000000000000000010000000100000/);
  });

  test('§6.9 above 4 MB v2 cannot read until the size is told: an error of the flash that comes late', async () => {
    const big = { ...w25q32, id: 0x1740ef, bytes: 0x800000 };
    const nest = new ReferenceBench({ flash: big, running: { generation: 2, baud } });
    const work = read(nest, 0x500000, 0x1000, [/./]);
    await expect(work).rejects.toMatchObject({ code: 'W03' });
  });
});
