import { describe, expect, test } from 'vitest';
import { esp8266 } from '../../../src/chips/esp8266.ts';
import { synchronise } from '../../../src/bootloader/synchronise.ts';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import { op, passed, ReferenceBench } from '../../support/reference-bench.ts';
import { noisyBytes } from '../../support/regions.ts';
import { holdsJob } from '../../support/virtual-bench.ts';

/** With a gap of FF, so that an ERASE_REGION is among its requests. */
const withGap = new Uint8Array(0x30000).fill(0xff);
withGap.set(bootableImage(40_000));
withGap.set(noisyBytes(0x5000, 8), 0x24000);
const job = benchJob({ regions: [[0, withGap]] });
const used = { flash: { ...w25q32, content: new Uint8Array(0x40000) } };
/** Above the rate at which the ROM is met. */
const fast = 1_500_000;
const damages = [
  { name: 'its first delimiter lost', what: 'drop', at: () => 0 },
  { name: 'its last delimiter lost', what: 'drop', at: (bytes: number) => bytes - 1 },
  { name: 'its last delimiter doubled', what: 'duplicate', at: (bytes: number) => bytes - 1 },
  { name: 'its last byte lost', what: 'drop', at: (bytes: number) => bytes - 2 },
  { name: 'a byte changed', what: 'corrupt', at: (bytes: number) => Math.floor(bytes / 2) },
] as const;

const targets = [
  { title: 'READ_REG', opcode: op.readReg, nth: 1 },
  { title: 'WRITE_REG', opcode: op.writeReg, nth: 1 },
  { title: 'MEM_BEGIN', opcode: op.memBegin, nth: 2 },
  { title: 'MEM_DATA', opcode: op.memData, nth: 1 },
  { title: 'MEM_END', opcode: op.memEnd, nth: 1 },
  { title: 'CHANGE_BAUDRATE', opcode: op.changeBaudrate, nth: 1 },
  { title: 'FLASH_DEFL_BEGIN', opcode: op.deflBegin, nth: 1 },
  { title: 'FLASH_DEFL_DATA', opcode: op.deflData, nth: 2 },
  { title: 'FLASH_DEFL_END', opcode: op.deflEnd, nth: 1 },
  { title: 'ERASE_REGION', opcode: op.eraseRegion, nth: 1 },
  { title: 'SPI_FLASH_MD5', opcode: op.md5, nth: 1 },
] as const;

type Target = (typeof targets)[number];
type Damage = (typeof damages)[number];
const cases = (which: (target: Target, damage: Damage) => boolean) =>
  targets.flatMap((target) =>
    damages.filter((damage) => which(target, damage)).map((damage) => ({ ...target, damage, fate: damage.name })),
  );

/** The address is completed with what the ROM's buffer held, and nothing is there. */
const isCrash = ({ opcode }: Target, { name }: Damage): boolean =>
  opcode === op.readReg && name === 'its last byte lost';
/** After these the ROM is inside a frame when the next request comes. */
const staysOpen = ({ opcode }: Target, { name }: Damage): boolean =>
  ([op.readReg, op.writeReg] as number[]).includes(opcode)
    ? name === 'its first delimiter lost'
    : ([op.memBegin, op.memData] as number[]).includes(opcode) && name === 'its last delimiter lost';

describe('a delimiter or a byte lost on the way', () => {
  test.for(cases(() => true))('§6.10 $title with $fate: the session mends it', async ({ opcode, nth, damage }) => {
    await mended(fast, opcode, nth, damage);
  });

  // At the safe rate nothing is mended by a reset: it is the repeat itself that has to help.
  test.for(
    cases(
      (target, damage) => !isCrash(target, damage) && !staysOpen(target, damage) && target.title !== 'CHANGE_BAUDRATE',
    ),
  )('§2.1 at 115200, $title with $fate: the session mends it', async ({ opcode, nth, damage }) => {
    await mended(115_200, opcode, nth, damage);
  });

  test.for(cases(staysOpen))(
    '§2.1 at 115200, $title to the ROM with $fate: the session mends it',
    async ({ opcode, nth, damage }) => {
      await mended(115_200, opcode, nth, damage);
    },
  );

  // DB 00 before the repeat would fill the frame that the ROM believes open, and the repeat would end it and be lost in
  // its turn. Without DB 00 the first delimiter of the repeat finds an empty frame, which is harmless.
  test('§2.1 a READ_REG to the ROM that lost its first delimiter is understood when it is repeated', async () => {
    await repeated(1);
  });

  test('§2.1 a READ_REG to the ROM that lost its last delimiter is understood when it is repeated', async () => {
    await repeated(14);
  });

  async function repeated(lost: number): Promise<void> {
    const nest = new ReferenceBench();
    nest.bench.enterFlashMode();
    await nest.bench.clock.elapse(50);
    await nest.talk(115_200, async (loader, signal) => {
      await synchronise(loader, { tries: 4, firstMs: 50, answerMs: 100 }, signal);
      nest.chip.misbehave({ kind: 'byteFault', direction: 'received', what: 'drop', nth: lost });
      expect(await loader.readRegister(esp8266.registers.detect, signal)).toBe(esp8266.magic);
    });
  }

  test('§3.6 a READ_REG whose address was damaged crashes the module: it is silent, and nothing was written', async () => {
    const { from, bytes } = await placeOf(115_200, op.readReg, 1);
    const damage = { kind: 'byteFault', direction: 'received', what: 'drop', nth: from + bytes - 2 } as const;
    const nest = new ReferenceBench({ ...used, misbehave: [damage] });
    const { report } = await nest.session(job, { baud: 115_200 });
    expect([null, 'C06']).toContain(report.code);
    expect(report.dirty).toBe(report.code === null);
  });

  async function mended(rate: number, opcode: number, nth: number, damage: Damage): Promise<void> {
    const { from, bytes } = await placeOf(rate, opcode, nth);
    const nest = new ReferenceBench(used);
    const at = from + damage.at(bytes);
    nest.chip.misbehave({ kind: 'byteFault', direction: 'received', what: damage.what, nth: at });
    const { report } = await nest.session(job, { baud: rate });
    expect(report).toMatchObject({ outcome: 'PASS' });
    expect(holdsJob(nest.chip, job)).toBe(true);
  }
});

const places = new Map<string, { readonly from: number; readonly bytes: number }>();

/** Where on the wire the nth request with this opcode begins, in bytes since the reset, and how long it is. */
async function placeOf(rate: number, opcode: number, nth: number) {
  const key = `${rate} ${opcode} ${nth}`;
  const known = places.get(key);
  if (known !== undefined) return known;
  const { wire } = await passed(used, job, { baud: rate });
  const target = wire.sent(opcode)[nth - 1];
  if (target === undefined) throw new Error(`Request ${opcode} was sent less than ${nth} times.`);
  let from = 1;
  for (const event of wire.events.slice(0, wire.at(target))) {
    if (event.kind === 'request' || event.kind === 'bytes') from += event.wire.length;
  }
  const place = { from, bytes: target.wire.length };
  places.set(key, place);
  return place;
}
