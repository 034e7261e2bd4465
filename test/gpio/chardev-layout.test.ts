import { expect, test } from 'vitest';
import {
  eventBufferBytes,
  flagsOf,
  grantedFd,
  lineInfoQuery,
  lineRequest,
  lineValue,
  readChipInfo,
  readEdges,
  readHolder,
  readLineValue,
  requests,
} from '../../src/gpio/chardev-layout.ts';
import type { LineSpec } from '../../src/gpio/line.ts';

/** Numbers and sizes of linux/gpio.h, as the GPIO reference lists them in §4. */
test.for([
  { name: 'chipInfo', number: 0x8044b401, bytes: 68 },
  { name: 'lineInfo', number: 0xc100b405, bytes: 256 },
  { name: 'getLine', number: 0xc250b407, bytes: 592 },
  { name: 'getValues', number: 0xc010b40e, bytes: 16 },
  { name: 'setValues', number: 0xc010b40f, bytes: 16 },
] as const)('the request $name has the number and the size of the kernel header', ({ name, number, bytes }) => {
  expect(requests[name]).toEqual({ number, bytes });
});

test.for([
  { what: 'an open-drain line of the module', spec: spec('low', 'open-drain'), use: 'output', flags: 8 + 64 + 2 },
  { what: 'a lamp', spec: spec('high', 'push-pull'), use: 'output', flags: 8 },
  { what: 'a lamp that is active low', spec: spec('low', 'push-pull'), use: 'output', flags: 8 + 2 },
  { what: 'a button', spec: spec('low', 'open-drain'), use: 'input', flags: 4 + 16 + 32 + 2 },
  {
    what: 'a button with a pull-up',
    spec: spec('low', 'open-drain', 'up'),
    use: 'input',
    flags: 4 + 16 + 32 + 2 + 256,
  },
  {
    what: 'a sensor with a pull-down',
    spec: spec('high', 'push-pull', 'down'),
    use: 'input',
    flags: 4 + 16 + 32 + 512,
  },
  { what: 'a line whose bias is switched off', spec: spec('high', 'push-pull', 'off'), use: 'output', flags: 8 + 1024 },
] as const)('$what is asked for with the flags $flags', ({ spec, use, flags }) => {
  expect(flagsOf(spec, use)).toBe(flags);
});

test('a line request has every field at the offset of the kernel header, and nothing else', () => {
  const bytes = lineRequest({ offset: 17, consumer: 'jigd nest 1 rst', flags: 74 });
  const expected = Buffer.alloc(592);
  expected.writeUInt32LE(17, 0);
  expected.write('jigd nest 1 rst', 256);
  expected.writeUInt32LE(74, 288);
  expected.writeUInt32LE(1, 560);
  expect(bytes).toEqual(expected);
});

test('an input asks for room for its edges, which one read takes whole', () => {
  const bytes = lineRequest({ offset: 4, consumer: 'jigd', flags: 4 });
  expect(bytes.readUInt32LE(564) * 48).toBe(eventBufferBytes);
});

test('debounce is an attribute of the line', () => {
  const bytes = lineRequest({ offset: 4, consumer: 'jigd', flags: 4, debounceUs: 20_000 });
  expect(bytes.readUInt32LE(296)).toBe(1);
  expect([bytes.readUInt32LE(320), bytes.readUInt32LE(328), bytes.readBigUInt64LE(336)]).toEqual([3, 20_000, 1n]);
});

test.for([
  { consumer: 'x'.repeat(40), kept: 'x'.repeat(31) },
  { consumer: `${'x'.repeat(30)}é`, kept: 'x'.repeat(30) },
])('a consumer of many letters ends inside its field: $consumer', ({ consumer, kept }) => {
  const bytes = lineRequest({ offset: 4, consumer, flags: 4 });
  expect(bytes.toString('utf8', 256, bytes.indexOf(0, 256))).toBe(kept);
  expect(bytes.readUInt8(287)).toBe(0);
});

test('the descriptor of a line stands at the end of its request', () => {
  const bytes = Buffer.alloc(592);
  bytes.writeInt32LE(23, 588);
  expect(grantedFd(bytes)).toBe(23);
});

test('the answer about a chip has its name, its label and its lines', () => {
  const bytes = Buffer.alloc(68);
  bytes.write('gpiochip4', 0);
  bytes.write('gpio-brcmstb@107d508500-is-long!', 32);
  bytes.writeUInt32LE(54, 64);
  expect(readChipInfo(bytes)).toEqual({ name: 'gpiochip4', label: 'gpio-brcmstb@107d508500-is-long!', lines: 54 });
});

test.for([
  { flags: 0, consumer: '', holder: null },
  { flags: 1 + 4, consumer: 'gpiomon', holder: 'gpiomon' },
  { flags: 1, consumer: '', holder: '' },
])('the holder of a line with flags $flags and consumer "$consumer" is $holder', ({ flags, consumer, holder }) => {
  const bytes = lineInfoQuery(17);
  expect(bytes.readUInt32LE(64)).toBe(17);
  bytes.write(consumer, 32);
  bytes.writeUInt32LE(flags, 72);
  expect(readHolder(bytes)).toBe(holder);
});

test('a value is bit 0, and so is the mask that chooses the line', () => {
  expect([...lineValue(true)]).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
  expect([...lineValue()]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
  expect([readLineValue(lineValue(true)), readLineValue(lineValue(false))]).toEqual([true, false]);
});

test('edges are read in the order of the kernel, and half a record is none', () => {
  const bytes = Buffer.alloc(48 * 2 + 20);
  bytes.writeBigUInt64LE(2n ** 40n + 5n, 0);
  bytes.writeUInt32LE(1, 8);
  bytes.writeUInt32LE(7, 20);
  bytes.writeBigUInt64LE(2n ** 40n + 9n, 48);
  bytes.writeUInt32LE(2, 56);
  bytes.writeUInt32LE(8, 68);
  expect(readEdges(bytes)).toEqual([
    { active: true, atNs: 2n ** 40n + 5n, sequence: 7 },
    { active: false, atNs: 2n ** 40n + 9n, sequence: 8 },
  ]);
});

function spec(active: LineSpec['active'], drive: LineSpec['drive'], pull?: LineSpec['pull']): LineSpec {
  return { bcm: 17, active, drive, ...(pull === undefined ? {} : { pull }) };
}
