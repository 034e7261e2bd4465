import { describe, expect, test } from 'vitest';
import { esp8266 } from '../../../src/chips/esp8266.ts';
import { silentLogger } from '../../../src/foundation/logger.ts';
import { commands } from '../../../src/bootloader/commands.ts';
import { Loader } from '../../../src/bootloader/loader.ts';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import { askedTheDead, failed, op, passed, ReferenceBench } from '../../support/reference-bench.ts';
import { noisyBytes } from '../../support/regions.ts';
import { inVirtualTime, ScriptedLink } from '../../support/scripted-link.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import type { SentRequest, WireTap } from '../../support/wire-tap.ts';

/** With a gap of FF, so that an ERASE_REGION is among its requests. */
const withGap = new Uint8Array(0x30000).fill(0xff);
withGap.set(bootableImage(40_000));
withGap.set(noisyBytes(0x5000, 8), 0x24000);
const job = benchJob({ regions: [[0, withGap]] });
const used = { flash: { ...w25q32, content: new Uint8Array(0x40000) } };
const baud = 460_800;
/** Makes the session change its rate, so that CHANGE_BAUDRATE is among its requests. */
const slowStart = { kind: 'autoBaudDeaf', aboveBaud: 115_200 } as const;

describe('a request whose answer is lost', () => {
  const large = { ...w25q32, id: 0x1740ef, bytes: 0x800000 };
  test.for([
    { name: 'READ_REG', opcode: op.readReg, flash: used.flash },
    { name: 'WRITE_REG', opcode: op.writeReg, flash: used.flash },
    { name: 'SPI_SET_PARAMS', opcode: op.spiSetParams, flash: large },
  ])('§2.1 $name to the ROM may be repeated: the same bytes again, without DB 00', async ({ opcode, flash }) => {
    const { wire, report } = await passed({ flash, misbehave: [swallowed(opcode)] }, job, { baud });
    assertRepeated(wire, opcode, []);
    expect(report.retries).toBe(1);
  });

  test.for([
    { name: 'FLASH_DEFL_BEGIN', opcode: op.deflBegin },
    { name: 'ERASE_REGION', opcode: op.eraseRegion },
    { name: 'SPI_FLASH_MD5', opcode: op.md5 },
  ])('§12 $name to the RAM loader may be repeated: the same bytes again, after DB 00', async ({ opcode }) => {
    const { wire } = await passed({ ...used, misbehave: [swallowed(opcode)] }, job, { baud });
    assertRepeated(wire, opcode, ['bytes']);
  });

  test.for([1, 2] as const)('§2.1 READ_REG to v%d that runs already is repeated after DB 00', async (generation) => {
    const nest = new ReferenceBench({ running: { generation, baud }, misbehave: [swallowed(op.readReg)] });
    const read = (loader: Loader, signal: AbortSignal): Promise<number> => {
      loader.ramLoaderRuns = true;
      return loader.readRegister(esp8266.registers.detect, signal);
    };
    expect(await nest.talk(baud, read)).toBe(esp8266.magic);
    assertRepeated(nest.wire, op.readReg, ['bytes']);
  });

  function swallowed(opcode: number) {
    return { kind: 'swallowAck', op: opcode, nth: 1 } as const;
  }

  /** What the host does between the first sending and the second. */
  function assertRepeated(wire: WireTap, opcode: number, between: readonly string[]): void {
    const [first, second] = wire.sent(opcode);
    expect(first).toBeDefined();
    expect(second?.wire).toEqual(first?.wire);
    const kinds = wire.events.slice(wire.at(first) + 1, wire.at(second)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind !== 'heard')).toEqual(between);
  }

  test('§12 SYNC may be repeated', async () => {
    const { wire } = await passed({ misbehave: [{ kind: 'swallowAck', op: op.sync, nth: 1 }] }, job, { baud });
    expect(wire.sent(op.sync).length).toBeGreaterThanOrEqual(3);
  });

  test.for([
    { name: 'MEM_BEGIN', opcode: op.memBegin, from: op.memBegin },
    { name: 'MEM_DATA', opcode: op.memData, from: op.memBegin },
  ])('§12 $name: the upload begins again', async ({ opcode, from }) => {
    const { wire } = await passed({ misbehave: [{ kind: 'swallowAck', op: opcode, nth: 2 }] }, job, { baud });
    const lost = wire.sent(opcode)[1];
    expect(nextChange(wire, lost)?.opcode).toBe(from);
    expect(nextChange(wire, lost)?.word(3)).toBe(0x4010c500);
  });

  test.for([
    { name: 'FLASH_DEFL_BEGIN, before any data,', opcode: op.deflBegin, nth: 1 },
    { name: 'FLASH_DEFL_DATA', opcode: op.deflData, nth: 2 },
    { name: 'FLASH_DEFL_END', opcode: op.deflEnd, nth: 1 },
  ])('§12 $name: the write begins again, nothing else is repeated', async ({ opcode, nth }) => {
    const { wire } = await passed({ ...used, misbehave: [{ kind: 'swallowAck', op: opcode, nth }] }, job, { baud });
    const next = nextChange(wire, wire.sent(opcode)[nth - 1]);
    expect([next?.opcode, next?.word(3)]).toEqual([op.deflBegin, 0]);
  });

  test.for([
    { name: 'FLASH_BEGIN', opcode: op.flashBegin, nth: 1 },
    { name: 'FLASH_DATA', opcode: op.flashData, nth: 2 },
    { name: 'FLASH_END', opcode: op.flashEnd, nth: 1 },
  ])('§6.10 $name: the write begins again; a block sent twice would be written twice', async ({ opcode, nth }) => {
    const noise = benchJob({ regions: [[0, noisyBytes(60_000, 3)]], boot: 'off' });
    const { wire } = await passed({ misbehave: [{ kind: 'swallowAck', op: opcode, nth }] }, noise, { baud: 2_000_000 });
    expect(nextChange(wire, wire.sent(opcode)[nth - 1])?.opcode).toBe(op.flashBegin);
  });

  test('§6.4 CHANGE_BAUDRATE is not repeated: the proof at the new rate decides', async () => {
    const lost = { kind: 'swallowAck', op: op.changeBaudrate, nth: 1 } as const;
    const { wire, report } = await passed({ misbehave: [slowStart, lost] }, job, { baud });
    expect(wire.sent(op.changeBaudrate)).toHaveLength(1);
    expect(report.baud).toBe(baud);
  });

  test('§6.6 after a lost answer v1 is not sent another stream: it would write the rest of the first one into it', async () => {
    const running = { generation: 1, baud: 115_200 } as const;
    const lost = { kind: 'swallowAck', op: op.deflData, nth: 2 } as const;
    const { wire } = await failed('W02', { running, misbehave: [lost] }, job, { reset: 'none', baud });
    expect(wire.sent(op.deflBegin)).toHaveLength(1);
  });

  test('§12 a digest that comes after its time is not taken for that of another region', async () => {
    const two = benchJob({
      regions: [
        [0, bootableImage(20_000)],
        [0x10000, noisyBytes(8_000, 4)],
      ],
    });
    const late = { kind: 'delayReply', op: op.md5, nth: 1, ms: 5_000 } as const;
    const nest = new ReferenceBench({ misbehave: [late] });
    const { report } = await nest.session(two, {}, [askedTheDead, /before the reply to the one before/]);
    expect(report.outcome).toBe('PASS');
    expect(report.digestsActual).toEqual(report.digestsExpected);
  });
});

describe('a request that is never answered', () => {
  test.for([
    'memData',
    'flashData',
    'flashDeflData',
    'flashEnd',
    'flashDeflEnd',
    'memEnd',
    'changeBaudrate',
    'memBegin',
    'readFlash',
    'eraseFlash',
  ] as const)('§12 %s is sent once', async (name) => {
    expect(await sendings(name)).toBe(1);
  });

  test.for([
    'readReg',
    'writeReg',
    'spiSetParams',
    'flashBegin',
    'flashDeflBegin',
    'spiFlashMd5',
    'eraseRegion',
  ] as const)('§12 %s is sent twice', async (name) => {
    expect(await sendings(name)).toBe(2);
  });

  async function sendings(name: keyof typeof commands): Promise<number> {
    const clock = new VirtualClock();
    const link = new ScriptedLink(clock);
    const loader = new Loader(link, clock, silentLogger());
    const { opcode, tries } = commands[name];
    // What the request holds does not matter to whoever does not answer.
    const command = { ...commands.readReg, opcode, tries };
    const answer = loader.exchange(command, { address: 0 }, new AbortController().signal);
    expect(await inVirtualTime(clock, answer)).toEqual({ kind: 'silent' });
    return link.requests.filter((request) => request.opcode === opcode).length;
  }
});

/** The next request that puts something into RAM or flash. */
function nextChange(wire: WireTap, after: SentRequest | undefined): SentRequest | undefined {
  const changes = [
    op.memBegin,
    op.memData,
    op.deflBegin,
    op.deflData,
    op.deflEnd,
    op.flashBegin,
    op.flashData,
    op.flashEnd,
  ];
  return wire.events
    .slice(wire.at(after) + 1)
    .find((event): event is SentRequest => event.kind === 'request' && changes.some((one) => one === event.opcode));
}
