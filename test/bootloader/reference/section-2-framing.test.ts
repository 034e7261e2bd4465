import { describe, expect, test } from 'vitest';
import { esp8266 } from '../../../src/chips/esp8266.ts';
import { silentLogger } from '../../../src/foundation/logger.ts';
import { Loader } from '../../../src/bootloader/loader.ts';
import { commands } from '../../../src/bootloader/commands.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import { askedTheDead, op, passed, ReferenceBench, strayDelimiter, wrongRates } from '../../support/reference-bench.ts';
import { mixedBytes, noisyBytes } from '../../support/regions.ts';
import { inVirtualTime, replyPacket, ScriptedLink } from '../../support/scripted-link.ts';
import { holdsJob } from '../../support/virtual-bench.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { encodeSlip } from '../../../src/bootloader/slip.ts';
import { synchronise } from '../../../src/bootloader/synchronise.ts';

const job = benchJob({ regions: [[0, bootableImage(60_000)]] });
const hexOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');
const delimiter = Uint8Array.of(0xc0);
const wayOut = [0xdb, 0x00];

describe('what the host sends', () => {
  test('§2.1 every request has one delimiter before and one behind it, and nothing stands between two requests', async () => {
    const { wire } = await passed({}, job);
    expect(wire.requests.length).toBeGreaterThan(30);
    expect(wire.events.filter(({ kind }) => kind === 'bytes')).toEqual([]);
  });

  test('§2.1 the escape covers header, fields and data: an address and a length with C0 in them', async () => {
    const at7c000 = benchJob({
      regions: [
        [0, bootableImage(20_000)],
        [0x7c000, Uint8Array.of(0xc0, 0xdb, 0xdc, 0xdd, 0xff, 0xc0, 0xdb, 0xc0)],
      ],
    });
    const { wire } = await passed({}, at7c000);
    const begins = [...wire.sent(op.deflBegin), ...wire.sent(op.flashBegin)].map(({ wire: bytes }) => hexOf(bytes));
    expect(begins.filter((bytes) => bytes.includes('00dbdc0700'))).toHaveLength(1);
    expect(wire.sent(op.memBegin)[0]?.length).toBe(16);
  });

  test('§2.2 the checksum is that of the data behind the header; other requests carry 0', async () => {
    const { wire } = await passed({}, job);
    const data = [...wire.sent(op.memData), ...wire.sent(op.flashData), ...wire.sent(op.deflData)];
    for (const { checksum, payload } of data) {
      expect(checksum >>> 8).toBe(0);
      expect(checksum).toBe(payload.subarray(16).reduce((sum, byte) => sum ^ byte, 0xef));
    }
  });
});

describe('what the host hears', () => {
  test('§2.1 a stray delimiter before every reply costs nothing', async () => {
    const { report } = await passed({ misbehave: [{ kind: 'extraDelimiter' }] }, job);
    expect(report).toMatchObject({ retries: 0, marginal: false });
  });

  const reply = encodeSlip(replyPacket(op.readReg, { value: 0xdb00c0ff }));
  test.for([
    { name: 'empty frames', before: Uint8Array.of(0xc0, 0xc0, 0xc0) },
    { name: 'boot text', before: new Uint8Array(Buffer.from('\n ets Jan  8 2013,rst cause:2, boot mode:(1,7)\n\n')) },
    { name: 'the text at the wrong rate', before: new Uint8Array(Buffer.from('48546c006c9c9e7c008c', 'hex')) },
    { name: 'an escape that is none', before: Uint8Array.of(0xc0, 0xdb, 0x41) },
    { name: 'the greeting', before: encodeSlip(Uint8Array.of(0x4f, 0x48, 0x41, 0x49)) },
    { name: 'a frame that is too short', before: encodeSlip(Uint8Array.of(1, 0x0a, 2, 0)) },
    { name: 'an echo of the request', before: encodeSlip(Uint8Array.of(0, 0x0a, 4, 0, 0, 0, 0, 0, 0, 0x10, 0, 0x40)) },
  ])('§2.1 $name before the reply is skipped', async ({ before }) => {
    const { loader, clock, link, signal } = talk((own) => {
      own.push(before, 1);
      own.push(reply, 1);
    });
    expect(await inVirtualTime(clock, loader.readRegister(0x1000, signal))).toBe(0xdb00c0ff);
    expect(link.requests).toHaveLength(1);
  });

  test('§2.5 a value with delimiters in it comes escaped and is right', async () => {
    expect(hexOf(reply)).toBe('c0010a0200ffdbdc00dbdd0000c0');
  });

  test('§2.1 a reply in single bytes with pauses is one reply: there is no time limit between bytes', async () => {
    const { loader, clock, link, signal } = talk((own) => {
      reply.forEach((byte, index) => own.push(Uint8Array.of(byte), 1 + 60 * index));
    });
    expect(await inVirtualTime(clock, loader.readRegister(0x1000, signal))).toBe(0xdb00c0ff);
    expect(link.requests).toHaveLength(1);
  });

  function talk(answer: (link: ScriptedLink) => void) {
    const clock = new VirtualClock();
    const link = new ScriptedLink(clock, (_request, own) => answer(own));
    return { clock, link, loader: new Loader(link, clock, silentLogger()), signal: new AbortController().signal };
  }
});

describe('a RAM loader v2 that is out of phase', () => {
  test.for([115_200, 460_800, 921_600])(
    '§2.1 is brought back with DB 00 at %d where nobody can reset it',
    async (baud) => {
      const nest = new ReferenceBench({ running: { generation: 2, baud } });
      await nest.bench.clock.elapse(50);
      nest.chip.receive(delimiter, baud);
      const excused = [strayDelimiter, wrongRates, askedTheDead];
      const { report } = await nest.session(job, { reset: 'none' }, excused);
      expect(report.outcome).toBe('PASS');
      expect(holdsJob(nest.chip, job)).toBe(true);
      expect(nest.wire.events.filter(({ kind }) => kind === 'bytes').length).toBeGreaterThan(0);
    },
  );

  // Noise may fall between any two requests.
  test.for(['loader', 'verify'] as const)(
    '§2.1 is brought back in the phase "%s", also without a reset',
    async (phase) => {
      const nest = new ReferenceBench({ running: { generation: 2, baud: 115_200 } });
      const noise = { at: phase, do: () => nest.chip.receive(delimiter, nest.wire.requests.at(-1)?.baud ?? 0) };
      const { report } = await nest.session(job, { reset: 'none', events: [noise] }, [strayDelimiter]);
      expect(report.outcome).toBe('PASS');
      expect(holdsJob(nest.chip, job)).toBe(true);
    },
  );

  test.for(['write', 'verify'] as const)('§2.1 the own one is brought back in the phase "%s"', async (phase) => {
    const nest = new ReferenceBench();
    const noise = { at: phase, do: () => nest.chip.receive(delimiter, nest.wire.requests.at(-1)?.baud ?? 0) };
    const { report } = await nest.session(job, { events: [noise] }, [strayDelimiter]);
    expect(report.outcome).toBe('PASS');
    expect(holdsJob(nest.chip, job)).toBe(true);
    expect(nest.wire.sent(op.memEnd)).toHaveLength(1);
    expect(nest.wire.events.filter(({ kind }) => kind === 'bytes')).toHaveLength(1);
  });

  test('§2.1 DB 00 comes 5 ms before the next request, and only after the time of the one before is over', async () => {
    const nest = new ReferenceBench({ running: { generation: 2, baud: 921_600 } });
    const read = (loader: Loader, signal: AbortSignal): Promise<number> => {
      loader.ramLoaderRuns = true;
      nest.chip.receive(delimiter, 921_600);
      return loader.readRegister(esp8266.registers.detect, signal);
    };
    const value = await nest.talk(921_600, read, [strayDelimiter]);
    expect(value).toBe(0xfff0c101);
    const [first, out, second] = nest.wire.events;
    expect(first).toMatchObject({ kind: 'request', opcode: op.readReg });
    expect(out).toMatchObject({ kind: 'bytes', wire: Uint8Array.from(wayOut) });
    expect(second).toMatchObject({ kind: 'request', opcode: op.readReg });
    expect((out?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(commands.readReg.allowMs({ address: 0 }));
    expect((second?.atMs ?? 0) - (out?.atMs ?? 0)).toBeGreaterThanOrEqual(5);
  });

  test('§2.1 after a byte lost inside a block the next block is understood', async () => {
    for (const what of ['drop', 'corrupt', 'duplicate'] as const) {
      const nest = new ReferenceBench();
      const damage = { kind: 'byteFault', direction: 'received', what, nth: 20_000 } as const;
      nest.chip.misbehave(damage);
      const { report } = await nest.session(job);
      expect(report).toMatchObject({ outcome: 'PASS' });
      expect(holdsJob(nest.chip, job)).toBe(true);
    }
  });
});

describe('a loader that was left in the middle of a frame', () => {
  /** The beginning of a MEM_DATA. */
  const cutOff = Uint8Array.of(0xc0, 0x00, 0x07, 0x14, 0x00, 0xe2, 0x00, 0x00, 0x00, 0x04, 0x00);
  /** What the module says of it. */
  const itsFault = [/^Request 0x7 says/, /refused request 0x7 with/, strayDelimiter, wrongRates, askedTheDead];

  test('§2.1 a ROM is met again without a reset: the frame ends with the next delimiter', async () => {
    const nest = new ReferenceBench();
    nest.bench.enterFlashMode();
    await nest.bench.clock.elapse(50);
    await nest.talk(115_200, (loader, signal) => synchronise(loader, { tries: 4, firstMs: 50, answerMs: 100 }, signal));
    nest.chip.receive(cutOff, 115_200);
    const { report } = await nest.session(job, { reset: 'none', baud: 115_200 }, itsFault);
    expect(report.outcome).toBe('PASS');
  });

  test('§2.1 v2 is met again without a reset', async () => {
    const nest = new ReferenceBench({ running: { generation: 2, baud: 115_200 } });
    await nest.bench.clock.elapse(50);
    nest.chip.receive(cutOff, 115_200);
    const { report } = await nest.session(job, { reset: 'none', baud: 115_200 }, itsFault);
    expect(report.outcome).toBe('PASS');
    expect(holdsJob(nest.chip, job)).toBe(true);
  });
});

test('§2.1 data full of delimiters and escapes arrives as it is', async () => {
  const data = new Uint8Array(40_000).map((_, at) => [0xc0, 0xdb, 0xdc, 0xdd][at % 4] ?? 0);
  const noisy = noisyBytes(40_000, 3).map((byte, at) => (at % 2 === 0 ? 0xc0 : byte));
  const awkward = benchJob({
    regions: [
      [0, bootableImage(20_000)],
      [0x10000, data],
      [0x20000, noisy],
      [0x30000, mixedBytes(20_000)],
    ],
  });
  for (const baud of [115_200, 2_000_000]) await passed({}, awkward, { baud });
});
