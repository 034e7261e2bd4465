import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Faults } from '../../../src/simulator/chip/faults.ts';
import { FlashMemory } from '../../../src/simulator/flash/flash-memory.ts';
import { type FlashPart, puyaTiming, w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import type { Misbehaviour } from '../../../src/simulator/chip/misbehaviour.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const small: FlashPart = { ...w25q32, bytes: 0x40000 };

function flashOf(part: FlashPart = small, misbehave: readonly Misbehaviour[] = []): FlashMemory {
  return new FlashMemory(part, () => 0, false, new Faults(misbehave));
}

function program(flash: FlashMemory, address: number, data: Uint8Array): void {
  flash.enableWrite(true);
  flash.program(address, data);
}

test('programming only clears bits and erasing sets them', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 64 }),
      fc.uint8Array({ minLength: 64, maxLength: 64 }),
      (a, b) => {
        const flash = flashOf();
        program(flash, 0x100, a);
        program(flash, 0x100, b.subarray(0, a.length));
        expect([...flash.read(0x100, a.length)]).toEqual([...a].map((byte, index) => byte & (b[index] ?? 0)));
        flash.enableWrite(true);
        flash.eraseSector(0x1ff);
        expect(flash.isBlank(0, 0x1000)).toBe(true);
      },
    ),
    { numRuns: 50 },
  );
});

test('nothing happens without a write-enable, and each is good for one command', () => {
  const flash = flashOf();
  flash.program(0, Uint8Array.of(0));
  program(flash, 1, Uint8Array.of(0));
  flash.program(2, Uint8Array.of(0));
  expect([...flash.read(0, 3)]).toEqual([0xff, 0, 0xff]);
});

test.for([
  { status: 0x04, from: 0x3f000 },
  { status: 0x18, from: 0x20000 },
  { status: 0x1c, from: 0 },
])('the status $status protects from $from', ({ status, from }) => {
  const flash = flashOf({ ...small, statusRegister: status });
  if (from > 0) {
    program(flash, from - 1, Uint8Array.of(0));
    expect([...flash.read(from - 1, 1)]).toEqual([0]);
  }
  program(flash, from, Uint8Array.of(0));
  expect([...flash.read(from, 1)]).toEqual([0xff]);
});

test('a stuck bit stays 0 through programming and erasing', () => {
  const flash = flashOf(small, [{ kind: 'stuckBit', address: 5, bit: 7 }]);
  flash.enableWrite(true);
  flash.eraseChip();
  expect([...flash.read(4, 3)]).toEqual([0xff, 0x7f, 0xff]);
});

test('a protected part keeps its content and its status', () => {
  const flash = flashOf({ ...small, statusRegister: 0x1c }, [{ kind: 'writeProtected' }]);
  flash.enableWrite(true);
  flash.writeStatus(0);
  program(flash, 0, Uint8Array.of(0));
  expect(flash.status).toBe(0x1c);
  expect(flash.isBlank(0, 0x1000)).toBe(true);
});

test('an operation takes its time, and nothing else is heard while it lasts', () => {
  const clock = new VirtualClock();
  const part: FlashPart = { ...small, timing: puyaTiming };
  const flash = new FlashMemory(part, () => clock.monotonic(), true, new Faults([]));
  flash.enableWrite(true);
  flash.eraseSector(0);
  expect(flash.busyMs).toBe(8);
  expect(flash.status).toBe(1);
  expect(flash.id).toBe(0);
  program(flash, 0, Uint8Array.of(0));
  clock.advance(8);
  expect(flash.status).toBe(0);
  expect(flash.isBlank(0, 1)).toBe(true);
});

test('addresses wrap at the end of the part', () => {
  const flash = flashOf();
  program(flash, 0, Uint8Array.of(1, 2));
  expect([...flash.read(small.bytes - 1, 3)]).toEqual([0xff, 1, 2]);
  expect([...flash.read(small.bytes + 1, 1)]).toEqual([2]);
});
