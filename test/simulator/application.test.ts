import { expect, test } from 'vitest';
import type { Application, ChipOptions } from '../../src/simulator/chip/chip-options.ts';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import { bytesOf, RawHost } from '../support/raw-host.ts';

/** Protocol reference §7.1. */
const image = bytesOf(`e9 02 02 40 04 00 10 40 00 00 10 40 08 00 00 00
  01 02 03 04 05 06 07 08 00 80 fe 3f 04 00 00 00
  de ad be ef 00 00 00 00 00 00 00 00 00 00 00 c5`);
const quiet: Application = { regions: [], banner: 'hello\r\n', baud: 115_200 };

function start(application: Partial<Application>, options: Partial<ChipOptions> = {}): RawHost {
  const flash = { ...w25q32, content: image };
  const host = new RawHost({ flash, application: { ...quiet, ...application }, ...options });
  host.chip.setPower(true);
  host.clock.advance(150);
  return host;
}

const printed = (host: RawHost): string => Buffer.from(host.take()).toString('latin1');
const causes = (text: string): string[] => [...text.matchAll(/rst cause:(\d)/g)].map(([, cause = '']) => cause);

test('a line is repeated and answered; what it does not know is only repeated', () => {
  const host = start({ answers: [{ line: 'test()', answer: 'selftest FAIL\r\n' }] });
  expect(printed(host)).toMatch(/hello\r\n$/);
  host.send(Buffer.from('te'));
  expect(printed(host)).toBe('');
  host.send(Buffer.from('st()\r\n\r\n'));
  expect(printed(host)).toBe('test()\r\nselftest FAIL\r\n');
  host.send(Buffer.from('what()\n'));
  expect(printed(host)).toBe('what()\r\n');
  expect(host.chip.violations).toEqual([]);
});

test('a line at another rate is not understood', () => {
  const host = start({ answers: [{ line: 'test()', answer: 'ok\r\n' }] });
  printed(host);
  host.baud = 9600;
  host.send(Buffer.from('test()\r\n'));
  expect(printed(host)).not.toContain('ok');
});

test('an answer takes its time at real speed', () => {
  const host = start({ answers: [{ line: 'format()', answer: 'done\r\n', afterMs: 5_000 }] }, { speed: 'real' });
  host.clock.advance(100);
  printed(host);
  host.send(Buffer.from('format()\r\n'));
  expect(printed(host)).toBe('format()\r\n');
  host.clock.advance(4_990);
  expect(printed(host)).toBe('');
  host.clock.advance(20);
  expect(printed(host)).toBe('done\r\n');
});

test('the watchdog starts it again and again, with the straps of the last reset', () => {
  const host = start({ restarts: { cause: 4, afterMs: 1_000 } });
  host.clock.advance(3_400);
  const text = printed(host);
  expect(causes(text)).toEqual(['1', '4', '4', '4']);
  expect(text).toContain('rst cause:4, boot mode:(3,7)\n\nwdt reset\nload 0x40100000');
  expect(text.match(/hello/g)).toHaveLength(4);
});

test('it may say why, and stay up after so many restarts', () => {
  const host = start({ restarts: { cause: 2, afterMs: 100, lastWords: 'Fatal exception (28):\r\n', times: 2 } });
  host.clock.advance(5_000);
  const text = printed(host);
  expect(causes(text)).toEqual(['1', '2', '2']);
  expect(text.match(/hello\r\nFatal exception \(28\):\r\n/g)).toHaveLength(2);
  expect(host.chip.state).toBe('application');
});

const radioData = { initData: 0x3fc000, calibration: 0x3fb000 };
const contentWith = (at: number, byte: number): Uint8Array => {
  const content = new Uint8Array(w25q32.bytes).fill(0xff);
  content.set(image);
  content.set([0x05], radioData.initData);
  content[at] = byte;
  return content;
};

test.for([
  { name: 'no init data', content: contentWith(radioData.initData, 0xff), says: 'rf_cal[0] !=0x05,is 0xFF\n' },
  {
    name: 'calibration of another SDK',
    content: contentWith(radioData.calibration, 0),
    says: 'rf_cal[0] !=0x05,is 0x05\n',
  },
])('with $name it complains at the rate of the ROM and starts again', ({ content, says }) => {
  const host = start({ radioData }, { flash: { ...w25q32, content } });
  expect(printed(host)).toContain(says);
  expect(Math.round(host.chipBaud)).toBe(74_928);
  host.clock.advance(1_000);
  expect(causes(printed(host)).length).toBeGreaterThan(1);
});

test('with fitting radio data it starts', () => {
  const host = start({ radioData }, { flash: { ...w25q32, content: contentWith(0x100000, 0) } });
  expect(printed(host)).toMatch(/hello\r\n$/);
});

test('a file system is formatted at the first start only', () => {
  const host = start({ fileSystem: { address: 0x100000, formatMs: 20_000 } }, { speed: 'real' });
  host.clock.advance(19_900);
  expect(printed(host)).not.toContain('hello');
  host.clock.advance(300);
  expect(printed(host)).toContain('hello');
  host.chip.setReset(true);
  host.chip.setReset(false);
  host.clock.advance(300);
  expect(printed(host)).toContain('hello');
});

test('a misbehaviour that is over is over', () => {
  const host = start({}, { misbehave: [{ kind: 'silent' }] });
  expect(printed(host)).toBe('');
  host.chip.recover('silent');
  host.chip.setReset(true);
  host.chip.setReset(false);
  host.clock.advance(150);
  expect(printed(host)).toContain('hello');
});
