import { describe, expect, test } from 'vitest';
import { esp8266 } from '../../../src/chips/esp8266.ts';
import { changeBaud } from '../../../src/bootloader/baud-change.ts';
import { startRamLoader } from '../../../src/bootloader/ram-loader-start.ts';
import { loadRamStub } from '../../../src/bootloader/ram-stub.ts';
import { synchronise } from '../../../src/bootloader/synchronise.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import { op, passed, ReferenceBench } from '../../support/reference-bench.ts';

const job = benchJob({ regions: [[0, bootableImage(20_000)]] });
const reference = 115_200;

interface Change {
  readonly wanted: number;
  /** What the divider has to be afterwards: the best one, §6.4. */
  readonly divider: number;
  /** New word of CHANGE_BAUDRATE: the rate itself where that gives this divider, else aimed at N + 0.5. */
  readonly word: number;
}

/** From 115200 with the divider 451: floor(451 × 115200 / word). */
const from115200: readonly Change[] = [
  { wanted: 230_400, divider: 226, word: 229_383 },
  { wanted: 460_800, divider: 113, word: 457_755 },
  { wanted: 500_000, divider: 104, word: 497_179 },
  { wanted: 921_600, divider: 56, word: 921_600 },
  { wanted: 1_000_000, divider: 52, word: 989_623 },
  { wanted: 1_500_000, divider: 35, word: 1_463_527 },
  { wanted: 2_000_000, divider: 26, word: 1_960_574 },
];

/** From 921600 with the divider 56: floor(56 × 115200 / word). */
const from921600: readonly Change[] = [
  { wanted: 115_200, divider: 451, word: 14_288 },
  { wanted: 230_400, divider: 226, word: 28_482 },
  { wanted: 460_800, divider: 113, word: 56_839 },
  { wanted: 1_000_000, divider: 52, word: 122_880 },
  { wanted: 1_500_000, divider: 35, word: 181_724 },
  { wanted: 2_000_000, divider: 26, word: 243_442 },
];

const cases = ([1, 2] as const).flatMap((generation) => [
  ...from115200.map((change) => ({ ...change, generation, from: 115_200 })),
  ...from921600.map((change) => ({ ...change, generation, from: 921_600 })),
]);

describe('CHANGE_BAUDRATE', () => {
  test.for(cases)(
    '§6.4 v$generation goes from $from to $wanted with the word $word, and its divider is $divider',
    async ({ generation, from, wanted, word, divider }) => {
      const nest = new ReferenceBench({ running: { generation, baud: from } });
      const found = await nest.talk(from, async (loader, signal) => {
        expect(await changeBaud(loader, esp8266, wanted, signal)).toBe('changed');
        return (await loader.readRegister(esp8266.registers.uartDivider, signal)) & 0xfffff;
      });
      const [change] = nest.wire.sent(op.changeBaudrate);
      // v1 divides by the old word, v2 by 115200 whatever that says: told 115200, both calculate alike.
      expect([change?.word(0), change?.word(1)]).toEqual([word, reference]);
      expect(found).toBe(divider);
    },
  );

  test.for([
    { wanted: 460_800, wire: 'c0000f08000000000000080700' + '00c20100c0' },
    { wanted: 921_600, wire: 'c0000f08000000000000100e00' + '00c20100c0' },
  ])(
    '§2.5 from a ROM trained to 452 at 115200 to $wanted it is byte by byte the one seen',
    async ({ wanted, wire }) => {
      const nest = await trained();
      expect(await nest.talk(115_200, (loader, signal) => changeBaud(loader, esp8266, wanted, signal))).toBe('changed');
      expect(Buffer.from(nest.wire.sent(op.changeBaudrate)[0]?.wire ?? []).toString('hex')).toBe(wire);
    },
  );

  test.for(from115200)(
    '§6.4 from a ROM trained to 452 the divider for $wanted is $divider',
    async ({ wanted, divider }) => {
      const nest = await trained();
      const found = await nest.talk(115_200, async (loader, signal) => {
        expect(await loader.readRegister(esp8266.registers.uartDivider, signal)).toBe(452);
        expect(await changeBaud(loader, esp8266, wanted, signal)).toBe('changed');
        return loader.readRegister(esp8266.registers.uartDivider, signal);
      });
      expect(found).toBe(divider);
    },
  );

  test('§6.4 there and back again and up once more ends at the same dividers', async () => {
    for (const generation of [1, 2] as const) {
      const nest = new ReferenceBench({ running: { generation, baud: 115_200 } });
      const dividers = await nest.talk(115_200, async (loader, signal) => {
        const found: number[] = [];
        for (const wanted of [921_600, 115_200, 2_000_000, 460_800, 115_200]) {
          expect(await changeBaud(loader, esp8266, wanted, signal)).toBe('changed');
          found.push((await loader.readRegister(esp8266.registers.uartDivider, signal)) & 0xfffff);
        }
        return found;
      });
      expect(dividers).toEqual([56, 451, 26, 113, 451]);
    }
  });

  test('§6.4 the host follows after the reply, waits, and proves the link with READ_REG of the detect register', async () => {
    const nest = new ReferenceBench({ running: { generation: 2, baud: 115_200 } });
    await nest.talk(115_200, (loader, signal) => changeBaud(loader, esp8266, 921_600, signal));
    const { wire } = nest;
    const at = wire.at(wire.sent(op.changeBaudrate)[0]);
    const [reply, rate, proof] = wire.events.slice(at + 1);
    expect(reply).toMatchObject({ kind: 'heard', opcode: op.changeBaudrate });
    expect(rate).toMatchObject({ kind: 'rate', baud: 921_600 });
    expect(proof).toMatchObject({ kind: 'request', opcode: op.readReg, baud: 921_600 });
    expect(Buffer.from(proof?.kind === 'request' ? proof.wire : []).toString('hex')).toBe(
      'c0000a04000000000000100040c0',
    );
    const pauseMs = (proof?.atMs ?? 0) - (reply?.atMs ?? 0);
    expect(pauseMs).toBeGreaterThanOrEqual(10);
    expect(pauseMs).toBeLessThanOrEqual(50);
  });
});

describe('the ladder', () => {
  test.for([
    { baud: 1_500_000, first: 921_600 },
    { baud: 2_000_000, first: 921_600 },
    { baud: 921_600, first: 921_600 },
    { baud: 460_800, first: 460_800 },
    { baud: 230_400, first: 230_400 },
  ])('§6.4 a session at $baud meets the ROM at $first and writes at $baud', async ({ baud, first }) => {
    const { wire, report } = await passed({}, job, { baud });
    expect(report).toMatchObject({ baud, retries: 0 });
    expect(wire.sent(op.memEnd)[0]?.baud).toBe(first);
    expect(wire.sent(op.deflBegin).every((request) => request.baud === baud)).toBe(true);
  });

  test('§6.4 a rate that does not work costs a reset and a new upload, then the next lower one is used', async () => {
    const fails = [{ kind: 'baudChangeFails', aboveBaud: 921_600 }] as const;
    const { wire, report } = await passed({ misbehave: fails }, job, { baud: 2_000_000 });
    expect(report.baud).toBe(921_600);
    expect(wire.sent(op.changeBaudrate).map(({ baud }) => baud)).toEqual([921_600, 921_600]);
    expect(wire.sent(op.memEnd)).toHaveLength(3);
  });

  test('§6.4 the crystal of 40 MHz has other dividers and passes at every rate', async () => {
    for (const baud of [460_800, 921_600, 1_000_000, 1_500_000]) {
      const { report } = await passed({ crystalMhz: 40 }, job, { baud });
      expect(report).toMatchObject({ baud, retries: 0 });
    }
  });
});

/** A module whose ROM was met at 115200 and got the RAM loader. */
async function trained(): Promise<ReferenceBench> {
  const nest = new ReferenceBench();
  const stub = await loadRamStub(esp8266.family);
  nest.bench.enterFlashMode();
  await nest.bench.clock.elapse(50);
  await nest.talk(115_200, async (loader, signal) => {
    expect(await synchronise(loader, { tries: 4, firstMs: 50, answerMs: 100 }, signal)).toBe(0x20120707);
    await startRamLoader(loader, esp8266, stub, signal);
  });
  return nest;
}
