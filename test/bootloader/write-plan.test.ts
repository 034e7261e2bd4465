import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inflateSync } from 'node:zlib';
import { concatBytes, hex } from '../../src/foundation/bytes.ts';
import { planRegion } from '../../src/bootloader/write-plan.ts';
import type { PlanStep, WriteStep } from '../../src/bootloader/write-plan.ts';
import { mixedBytes, noisyBytes, region } from '../support/regions.ts';

const used = { baud: 921_600, erased: false };
const erased = { baud: 921_600, erased: true };
const kinds = (steps: readonly PlanStep[]): unknown[] =>
  steps.map(({ kind, address, bytes }) => [kind, address, bytes]);

/** What the module finds in the stream. */
function contents({ compressed, blocks }: WriteStep): Uint8Array {
  const stream = concatBytes(blocks.map(({ bytes }) => bytes));
  return compressed ? new Uint8Array(inflateSync(stream)) : stream;
}

function withBlank(length: number, from: number, to: number): Uint8Array {
  return mixedBytes(length).fill(0xff, from, to);
}

describe('runs of FF', () => {
  test('a whole erase block of FF is erased and not sent', async () => {
    const steps = await planRegion(region(0x8000, withBlank(0x40000, 0x10000, 0x30000)), used);
    // Aligned erase blocks inside the run: 0x20000 … 0x37fff, of which the last ends beyond it.
    expect(kinds(steps)).toEqual([
      ['write', 0x8000, 0x18000],
      ['erase', 0x20000, 0x10000],
      ['write', 0x30000, 0x18000],
    ]);
  });

  test('a shorter run is sent with the rest', async () => {
    const steps = await planRegion(region(0, withBlank(0x20000, 0x1000, 0xf000)), used);
    expect(kinds(steps)).toEqual([['write', 0, 0x20000]]);
  });

  test('after an erase of everything, shorter runs are left out too and nothing is erased', async () => {
    const steps = await planRegion(region(0, withBlank(0x20000, 0x3000, 0xd000)), erased);
    expect(kinds(steps)).toEqual([
      ['write', 0, 0x4000],
      ['write', 0xc000, 0x14000],
    ]);
  });

  test('a region of nothing else needs no byte on the line', async () => {
    const blank = new Uint8Array(0x20000).fill(0xff);
    expect(await planRegion(region(0, blank), erased)).toEqual([]);
    expect(kinds(await planRegion(region(0, blank), used))).toEqual([['erase', 0, 0x20000]]);
  });
});

describe('raw or compressed', () => {
  test.for([
    { name: 'what compresses, at a slow rate', data: mixedBytes(200_000), at: used, compressed: true },
    { name: 'what does not compress', data: noisyBytes(200_000), at: used, compressed: false },
    {
      name: 'on an erased flash, what a fast line sends sooner than the module inflates it',
      data: mixedBytes(200_000),
      at: { baud: 3_000_000, erased: true },
      compressed: false,
    },
  ])('$name', async ({ data, at, compressed }) => {
    const [step] = await planRegion(region(0, data), at);
    expect(step).toMatchObject({ kind: 'write', compressed });
  });
});

test('the plan of a region is made once for the same conditions', async () => {
  const what = region(0, mixedBytes(50_000));
  expect(await planRegion(what, used)).toBe(await planRegion(what, { ...used }));
  expect(await planRegion(what, erased)).not.toBe(await planRegion(what, used));
});

test('every byte of the region is written or blank, in order, and no byte outside is touched', async () => {
  const pieces = fc.array(
    fc.record({ sectors: fc.integer({ min: 1, max: 24 }), kind: fc.constantFrom('blank', 'mixed', 'noise') }),
    { minLength: 1, maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 40 }),
      pieces,
      fc.integer({ min: 0, max: 1_023 }),
      fc.boolean(),
      fc.constantFrom(115_200, 921_600, 2_000_000),
      async (firstSector, parts, lessWords, wasErased, baud) => {
        const whole = concatBytes(
          parts.map(({ sectors, kind }, seed) => {
            if (kind === 'blank') return new Uint8Array(sectors * 4096).fill(0xff);
            return kind === 'mixed' ? mixedBytes(sectors * 4096, seed) : noisyBytes(sectors * 4096, seed + 1);
          }),
        );
        const what = region(firstSector * 4096, whole.subarray(0, whole.length - lessWords * 4));
        const end = what.address + what.data.length;
        // What the flash holds afterwards, from old contents or from an erased flash; null: not touched.
        const flash = new Array<number | null>(what.data.length).fill(wasErased ? 0xff : null);
        let next = what.address;
        for (const step of await planRegion(what, { baud, erased: wasErased })) {
          expect(step.address).toBeGreaterThanOrEqual(next);
          expect(step.address % 4096).toBe(0);
          next = step.address + step.bytes;
          expect(next).toBeLessThanOrEqual(end);
          const bytes = step.kind === 'write' ? contents(step) : new Uint8Array(step.bytes).fill(0xff);
          expect(bytes.length).toBe(step.bytes);
          if (step.kind === 'erase') expect(step.bytes % 4096).toBe(0);
          if (step.kind === 'write') {
            expect(step.blocks.every((block) => block.bytes.length > 0 && block.bytes.length <= 0x4000)).toBe(true);
            expect(step.blocks.reduce((sum, { flashBytes }) => sum + flashBytes, 0)).toBe(step.bytes);
          }
          bytes.forEach((byte, at) => {
            flash[step.address - what.address + at] = byte;
          });
        }
        expect(hex(Uint8Array.from(flash.map((byte) => byte ?? 0x5e)))).toBe(hex(what.data));
      },
    ),
    { numRuns: 60 },
  );
});
