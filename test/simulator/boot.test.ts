import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import { bytesOf, RawHost } from '../support/raw-host.ts';

/** Protocol reference §7.1. */
const image = bytesOf(`e9 02 02 40 04 00 10 40 00 00 10 40 08 00 00 00
  01 02 03 04 05 06 07 08 00 80 fe 3f 04 00 00 00
  de ad be ef 00 00 00 00 00 00 00 00 00 00 00 c5`);
const BANNER = '\n ets Jan  8 2013,rst cause:1, boot mode:(3,7)\n\n';

function boot(content: Uint8Array, application?: { readonly address: number; readonly data: Uint8Array }): RawHost {
  const regions = application === undefined ? [] : [application];
  const host = new RawHost({
    flash: { ...w25q32, content },
    ...(application === undefined ? {} : { application: { regions, banner: 'hello\r\n', baud: 9600 } }),
  });
  host.chip.setPower(true);
  host.clock.advance(150);
  return host;
}

function printed(host: RawHost): string {
  return Buffer.from(host.take()).toString('latin1');
}

test('a right image is loaded and started', () => {
  const host = boot(image);
  expect(printed(host)).toBe(
    `${BANNER}load 0x40100000, len 8, room 16 \ntail 8\nchksum 0xe7\n` +
      'load 0x3ffe8000, len 4, room 16 \ntail 4\nchksum 0xc5\ncsum 0xc5\n',
  );
  expect(host.chip.state).toBe('application');
});

test.for([
  { name: 'a changed byte', content: image.with(20, 0xff), text: 'csum err\nets_main.c \n' },
  { name: 'a blank flash', content: new Uint8Array(0), text: 'flash read err\nets_main.c \n' },
  { name: 'too many segments', content: image.with(1, 17), text: 'flash read err\nets_main.c \n' },
])('$name ends with an error of the ROM', ({ content, text }) => {
  const host = boot(content);
  expect(printed(host).endsWith(text)).toBe(true);
  expect(host.chip.state).toBe('halted');
});

test('the application speaks at its own rate when all its regions are there', () => {
  const host = boot(image, { address: 0, data: image });
  expect(printed(host)).toMatch(/csum 0xc5\nhello\r\n$/);
  expect(host.chipBaud).toBe(9600);
  expect(host.chip.state).toBe('application');
  host.chip.receive(bytesOf('c0 00 08'), 9600);
  expect(host.takeText()).toBe('');
});

test('it does not when one of them is not', () => {
  const host = boot(image, { address: 0x10000, data: Uint8Array.of(1) });
  expect(printed(host)).toMatch(/csum 0xc5\n$/);
  expect(host.chip.state).toBe('halted');
});

test('with real speed the text takes its time on the line', () => {
  const host = new RawHost({ speed: 'real', flash: { ...w25q32, content: image } });
  host.chip.setPower(true);
  expect(printed(host)).toBe(BANNER);
  host.clock.advance(6);
  expect(printed(host)).toBe('');
  host.clock.advance(2);
  expect(printed(host)).toContain('csum 0xc5');
  expect(host.chip.state).toBe('reset');
  host.clock.advance(150);
  expect(host.chip.state).toBe('application');
  expect(host.clock.pending).toBe(0);
});

const firmware = resolve(import.meta.dirname, '../../../shared/firmware/0x00000.bin');

test.skipIf(!existsSync(firmware))('a published firmware boots (needs ../shared/firmware)', () => {
  const text = printed(boot(readFileSync(firmware)));
  expect(text).toMatch(/chksum (0x..)\ncsum \1\n$/);
});
