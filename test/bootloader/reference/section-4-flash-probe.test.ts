import { describe, expect, test } from 'vitest';
import { commands, encodeFrame } from '../../../src/bootloader/commands.ts';
import { synchronise } from '../../../src/bootloader/synchronise.ts';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import { changing, failed, op, passed, ReferenceBench } from '../../support/reference-bench.ts';
import { noisyBytes } from '../../support/regions.ts';
import type { VirtualModule } from '../../support/virtual-bench.ts';
import type { SentRequest, WireTap } from '../../support/wire-tap.ts';

const job = benchJob({ regions: [[0, bootableImage(20_000)]] });
const spi = 0x6000_0200;
const command = spi;
const control = spi + 0x08;
const status = spi + 0x10;
const buffer = spi + 0x40;
const readId = 0x1000_0000;
const readStatus = 0x0800_0000;

interface Entry {
  readonly address: number;
  readonly value: number;
  readonly mask: number;
}

/** The entries of one or more WRITE_REG packets (§3.6). */
function entries(requests: readonly SentRequest[]): Entry[] {
  return requests.flatMap(({ payload, word }) =>
    Array.from({ length: payload.length / 16 }, (_, index) => ({
      address: word(4 * index),
      value: word(4 * index + 1),
      mask: word(4 * index + 2),
    })),
  );
}

const writes = (wire: WireTap): Entry[] => entries(wire.sent(op.writeReg));
const started = (wire: WireTap, bit: number): SentRequest[] =>
  wire
    .sent(op.writeReg)
    .filter((request) => entries([request]).some(({ address, value }) => address === command && value === bit));

describe('the probe', () => {
  test('§4.6.1 first the six pins are given to the flash, then the controller is set as the ROM sets it', async () => {
    const { wire } = await passed({}, job);
    const all = writes(wire);
    const pins = [0x6000081c, 0x60000820, 0x60000824, 0x60000828, 0x6000082c, 0x60000830];
    expect(all.slice(0, 6)).toEqual(pins.map((address) => ({ address, value: 0x10, mask: 0x1b0 })));
    expect(all[6]).toEqual({ address: control, value: 0x00288313, mask: 0xffffffff });
  });

  test('§4.6.1 the six pins go in one packet', async () => {
    const { wire } = await passed({}, job);
    expect(wire.sent(op.writeReg)[0]?.payload.length).toBeGreaterThanOrEqual(6 * 16);
  });

  test('§4.6.1 then the id is read by the hardware command, then the status', async () => {
    const { wire } = await passed({}, job);
    const [id] = started(wire, readId);
    const [state] = started(wire, readStatus);
    expect(wire.at(id)).toBeGreaterThan(wire.at(wire.sent(op.writeReg)[0]));
    expect(wire.at(state)).toBeGreaterThan(wire.at(id));
    expect(entries(state === undefined ? [] : [state])).toContainEqual({ address: status, value: 0, mask: 0xffffffff });
    const reads = wire.sent(op.readReg).map(({ word }) => word(0));
    for (const address of [command, buffer, status]) expect(reads).toContain(address);
  });

  test('§4.6.1 all this happens before anything that waits for the flash without limit', async () => {
    const { wire } = await passed({}, job);
    const waiting = wire.requests.find(({ opcode }) => changing.has(opcode) || opcode === op.memEnd);
    expect(wire.at(waiting)).toBeGreaterThan(wire.at(started(wire, readStatus)[0]));
  });

  test('§4.6 an instruction of its own puts USR and USR2 back to what they were', async () => {
    const { wire } = await failed('F01', { flash: { ...w25q32, id: 0xffff3f } }, job);
    expect(writes(wire).map(({ value }) => value)).toContain(0x7000_009f);
    for (const address of [spi + 0x1c, spi + 0x24]) {
      const asked = wire.sent(op.readReg).find(({ word }) => word(0) === address);
      const reply = wire.events.slice(wire.at(asked) + 1).find((event) => event.kind === 'heard');
      const found = reply?.kind === 'heard' ? Buffer.from(reply.frame).readUInt32LE(4) : undefined;
      expect(found).toBeDefined();
      expect(writes(wire).findLast((write) => write.address === address)?.value).toBe(found);
    }
  });
});

describe('a flash that is not there', () => {
  const absent = [
    { name: 'reads FF', module: { misbehave: [{ kind: 'flashAbsent' }] } },
    { name: 'reads 00', module: { misbehave: [{ kind: 'flashStuckLow' }] } },
    { name: 'reads FFFF3F', module: { flash: { ...w25q32, id: 0xffff3f } } },
  ] as const;

  test.for(absent)('§4.6 one that $name is F01, soon, and nothing is uploaded or written', async ({ module }) => {
    const { wire, ms } = await failed('F01', module, job);
    expect(ms).toBeLessThan(10_000);
    for (const opcode of [op.memBegin, op.memEnd, op.flashData, op.deflBegin]) expect(wire.sent(opcode)).toEqual([]);
  });

  test.for(absent)('§5.2 one that $name: FLASH_BEGIN, which never answers, is not sent', async ({ module }) => {
    const { wire } = await failed('F01', module, job);
    expect(wire.sent(op.flashBegin)).toEqual([]);
  });

  test.for(absent)(
    '§5.2 one that $name leaves the ROM loader answering where nobody can reset it',
    async ({ module }) => {
      const nest = new ReferenceBench(module);
      nest.bench.enterFlashMode();
      await nest.bench.clock.elapse(50);
      expect((await nest.session(job, { reset: 'none' })).report.code).toBe('F01');
      expect((await nest.session(job, { reset: 'none' })).report.code).toBe('F01');
    },
  );

  test.for(absent.slice(0, 2))('§4.6.1 one that $name is woken with AB and asked once more', async ({ module }) => {
    const { wire } = await failed('F01', module, job);
    expect(writes(wire).map(({ value }) => value)).toContain(0x7000_00ab);
    expect(started(wire, readId).length).toBeGreaterThanOrEqual(2);
  });

  test('§4.7 a size that the id does not tell is a fault, not 4 MB', async () => {
    await failed('F01', { flash: { ...w25q32, id: 0x0540ef } }, job);
  });
});

describe('FLASH_BEGIN to the ROM', () => {
  const nothing = { bytes: 0, blocks: 0, blockBytes: 0x400, offset: 0 };
  const atBoot = async (nest: ReferenceBench): Promise<void> => {
    nest.bench.enterFlashMode();
    await nest.bench.clock.elapse(50);
  };

  test('§3.1 has exactly 16 bytes, which the ROM understands', async () => {
    const frame = Buffer.from(encodeFrame(commands.flashBegin, nothing)).toString('hex');
    expect(frame).toBe('c00002100000000000' + '00000000'.repeat(2) + '00040000' + '00000000c0');
    const nest = new ReferenceBench();
    await atBoot(nest);
    await nest.talk(115_200, async (loader, signal) => {
      await synchronise(loader, { tries: 4, firstMs: 50, answerMs: 100 }, signal);
      expect(await loader.exchange(commands.flashBegin, nothing, signal)).toMatchObject({ kind: 'done' });
    });
    expect(nest.wire.sent(op.flashBegin)).toHaveLength(1);
  });

  test('§5.2 hangs a ROM whose flash is not there, which is why no session sends it', async () => {
    const nest = new ReferenceBench({ misbehave: [{ kind: 'flashAbsent' }] });
    await atBoot(nest);
    await nest.talk(
      115_200,
      async (loader, signal) => {
        await synchronise(loader, { tries: 4, firstMs: 50, answerMs: 100 }, signal);
        const once = { ...commands.flashBegin, tries: 1 };
        expect(await loader.exchange(once, nothing, signal)).toEqual({ kind: 'silent' });
      },
      [/./],
    );
  });

  const locked = { ...w25q32, statusRegister: 0x1c };
  const noise = benchJob({ regions: [[0, noisyBytes(60_000, 3)]], boot: 'off' });
  test.for<{ name: string; module: VirtualModule }>([
    { name: 'passes', module: {} },
    { name: 'unlocks the flash', module: { flash: locked } },
    { name: 'finds the flash locked for good', module: { flash: locked, misbehave: [{ kind: 'writeProtected' }] } },
    { name: 'finds no flash', module: { misbehave: [{ kind: 'flashAbsent' }] } },
    { name: 'finds a flash of no known size', module: { flash: { ...w25q32, id: 0x0540ef } } },
    { name: 'starts afresh', module: { misbehave: [{ kind: 'brownOutAtReply', op: op.flashData, nth: 2 }] } },
  ])('§5.2 is never sent by a session that $name', async ({ module }) => {
    const nest = new ReferenceBench(module);
    // At this rate the noise goes without compression, with FLASH_BEGIN to the RAM loader.
    await nest.session(noise, { baud: 2_000_000 });
    expect(toRom(nest.wire).map(({ opcode }) => opcode)).not.toContain(op.flashBegin);
    expect(toRom(nest.wire).length).toBeGreaterThan(0);
  });

  /** The requests after each reset until the RAM loader is started. */
  function toRom(wire: WireTap): SentRequest[] {
    let romRuns = true;
    const found: SentRequest[] = [];
    for (const event of wire.events) {
      if (event.kind === 'line' && event.line === 'rst') romRuns = true;
      if (event.kind !== 'request') continue;
      if (romRuns) found.push(event);
      if (event.opcode === op.memEnd) romRuns = false;
    }
    return found;
  }

  test('§5.1 never erases anything: a session writes through the RAM loader only', async () => {
    const { wire } = await passed({}, job);
    const running = wire.at(wire.sent(op.memEnd)[0]);
    expect(wire.requests.filter((request) => changing.has(request.opcode) && wire.at(request) < running)).toEqual([]);
  });
});
