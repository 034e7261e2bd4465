import { describe, expect, test } from 'vitest';
import { esp8266 } from '../../../src/chips/esp8266.ts';
import { StationError } from '../../../src/foundation/faults.ts';
import { probeFlash } from '../../../src/bootloader/flash-probe.ts';
import { eraseModule } from '../../../src/nest/session/erase-module.ts';
import { verifyModule } from '../../../src/nest/session/verify-module.ts';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import { changing, failed, op, passed, ReferenceBench } from '../../support/reference-bench.ts';
import { holdsJob } from '../../support/virtual-bench.ts';
import type { WireTap } from '../../support/wire-tap.ts';

const image = bootableImage(20_000);
const quiet = { phase: () => undefined, progress: () => undefined, identified: () => undefined };

describe('a locked flash', () => {
  const locked = { ...w25q32, statusRegister: 0x1c };
  const job = benchJob({ regions: [[0, image]] });
  const [command, status] = [0x60000200, 0x60000210];
  const [writeEnable, writeStatus, readStatus] = [0x40000000, 0x04000000, 0x08000000];

  test('§6.7 its protect bits are cleared after the upload and before the first write: WREN, RD_STATUS := 0, WRSR, then read again', async () => {
    const { wire, chip } = await passed({ flash: locked }, job);
    const writes = wire.sent(op.writeReg).flatMap((request) =>
      Array.from({ length: request.payload.length / 16 }, (_, index) => ({
        at: wire.at(request),
        address: request.word(4 * index),
        value: request.word(4 * index + 1),
      })),
    );
    const enable = writes.findIndex(({ address, value }) => address === command && value === writeEnable);
    const write = writes.findIndex(({ address, value }) => address === command && value === writeStatus);
    expect(enable).toBeGreaterThanOrEqual(0);
    expect(write).toBeGreaterThan(enable);
    expect(writes.slice(enable, write)).toContainEqual({ ...writes[write - 1], address: status, value: 0 });
    const checked = writes.slice(write).some(({ address, value }) => address === command && value === readStatus);
    expect(checked).toBe(true);
    expect(writes[write]?.at).toBeGreaterThan(wire.at(wire.sent(op.memEnd)[0]));
    expect(writes[write]?.at).toBeLessThan(wire.at(wire.sent(op.deflBegin)[0]));
    expect(chip.flash.status & 0x1c).toBe(0);
  });

  test.for([1, 2] as const)('§6.7 so they are where v%d runs already', async (generation) => {
    const running = { generation, baud: 115_200 };
    const { wire, chip } = await passed({ flash: locked, running }, job, { reset: 'none' });
    expect(chip.flash.status & 0x1c).toBe(0);
    const cleared = wire.sent(op.writeReg).findLast(({ payload }) => payload.includes(writeStatus >>> 24));
    expect(wire.at(cleared)).toBeLessThan(wire.at(wire.sent(op.deflBegin)[0]));
  });

  test.for([job, benchJob({ regions: [[0, image]], erase: 'all' })])(
    '§6.7 bits that stay set are F04 in the phase "loader": nothing is erased or written',
    async (wanted) => {
      const { wire, report } = await failed('F04', { flash: locked, misbehave: [{ kind: 'writeProtected' }] }, wanted);
      expect(report).toMatchObject({ phase: 'loader', dirty: false });
      expect(wire.sent(op.memEnd)).toHaveLength(1);
      expect(wire.requests.filter(({ opcode }) => changing.has(opcode))).toEqual([]);
    },
  );

  test('§6.7 they are not touched before the module is known to be the one to write', async () => {
    const nest = new ReferenceBench({ flash: locked });
    const seen: number[] = [];
    const identified = (): void => {
      seen.push(nest.chip.flash.status);
      throw new StationError('S05', 'The ledger is full.');
    };
    const { report } = await nest.session(job, { hooks: { identified } });
    expect(report).toMatchObject({ code: 'S05', phase: 'identify', dirty: false });
    expect([...seen, nest.chip.flash.status]).toEqual([0x1c, 0x1c]);
  });

  test('§6.7 who only looks at the flash leaves them as they are', async () => {
    const nest = new ReferenceBench({ flash: locked, running: { generation: 2, baud: 115_200 } });
    const reading = await nest.talk(115_200, (loader, signal) => probeFlash(loader, esp8266, signal));
    expect(reading).toMatchObject({ id: w25q32.id, isLocked: true });
    expect(nest.chip.flash.status).toBe(0x1c);
    const { verdicts } = await nest.work((parts, target, signal) =>
      verifyModule(parts, { ...target, job }, quiet, signal),
    );
    expect(verdicts[0]?.verdict).toBe('empty');
    expect(nest.chip.flash.status).toBe(0x1c);
  });

  test('§6.7 an erase by itself clears them too', async () => {
    const nest = new ReferenceBench({ flash: { ...locked, content: new Uint8Array(0x10000) } });
    const ranges = [{ address: 0, bytes: 0x10000 }];
    const { ranges: erased } = await nest.work((parts, target, signal) =>
      eraseModule(parts, { ...target, ranges }, quiet, signal),
    );
    expect(erased[0]?.blank).toBe(true);
    expect(nest.chip.flash.status & 0x1c).toBe(0);
  });

  // Defect: WRITE_REG has no checksum (§2.2), and the unlocking gets no second chance: one byte makes a bad module of it.
  test('§2.2 a damaged WRITE_REG among those that clear them does not make the module a bad one', async () => {
    const clean = await passed({ flash: locked }, job);
    const first = clean.wire.sent(op.writeReg).find((request) => clean.wire.at(request) > started(clean.wire));
    const before = clean.wire.events.slice(0, clean.wire.at(first)).filter((event) => event.kind === 'request');
    // The lowest byte of the first address.
    const nth = before.reduce((sum, { wire }) => sum + wire.length, 0) + 10;
    const damage = { kind: 'byteFault', direction: 'received', what: 'corrupt', nth } as const;
    await passed({ flash: locked, misbehave: [damage] }, job);
  });

  // Defect: the same; a brown-out in any other phase up to the last write is mended by starting afresh.
  test('§1.7 a brown-out while they are cleared is mended like one in the write', async () => {
    const clean = await passed({ flash: locked }, job);
    const writes = clean.wire.sent(op.writeReg);
    const nth = writes.findIndex((request) => clean.wire.at(request) > started(clean.wire)) + 1;
    const dip = { kind: 'brownOutAtReply', op: op.writeReg, nth } as const;
    await passed({ flash: locked, misbehave: [dip] }, job);
  });

  function started(wire: WireTap): number {
    return wire.at(wire.sent(op.memEnd)[0]);
  }

  test('§6.7 an unlocked flash has its status register left alone', async () => {
    const { wire } = await passed({}, job);
    const values = wire
      .sent(op.writeReg)
      .flatMap(({ payload, word }) => Array.from({ length: payload.length / 16 }, (_, index) => word(4 * index + 1)));
    expect(values).not.toContain(writeStatus);
  });

  test('§6.7 a flash that ignores writes without protect bits is found by its digest: V04', async () => {
    const nest = new ReferenceBench({ misbehave: [{ kind: 'writeProtected' }] });
    expect((await nest.session(job)).report).toMatchObject({ code: 'V04', dirty: true });
    expect(holdsJob(nest.chip, job)).toBe(false);
  });
});
