import { describe, expect, test } from 'vitest';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import { le32, loaderV1, loaderV2, RawHost, SYNC, unescaped } from '../support/raw-host.ts';
import { MAGIC, OHAI, READ_MAGIC } from './support/chip-with.ts';

const SPI = 0x60000200;
const WREN = 0x40000000;
const RDSR = 0x08000000;
const SE = 0x01000000;
const BE = 0x00800000;
const CE = 0x00400000;

/** In the loader of the ROM, at real speed, with the flash's pins attached and content in its first two blocks. */
function prepared(): RawHost {
  const host = new RawHost({ speed: 'real', flash: { ...w25q32, content: new Uint8Array(0x20000) } });
  host.patienceMs = 10;
  host.enterLoader();
  host.ask(SYNC);
  host.ask(SYNC);
  for (const pin of [0x1c, 0x20, 0x24, 0x28, 0x2c, 0x30]) write(host, 0x60000800 + pin, 0x10, 0x1b0);
  host.patienceMs = 1;
  return host;
}

function write(host: RawHost, address: number, value: number, mask = 0xffffffff): void {
  expect(host.request(0x09, le32(address, value, mask, 0))).toMatch(/ 00 00 c0$/);
}

function startErase(host: RawHost, bit: number, address: number, enable = true): void {
  if (enable) write(host, SPI, WREN);
  write(host, SPI + 4, address);
  write(host, SPI, bit);
}

function isBusy(host: RawHost): boolean {
  write(host, SPI + 0x10, 0);
  write(host, SPI, RDSR);
  const reply = Buffer.from(unescaped(host.request(0x0a, le32(SPI + 0x10))).replaceAll(' ', ''), 'hex');
  return (reply[5]! & 1) === 1;
}

describe('an erase that the host starts by registers', () => {
  test.for([
    { name: 'sector', bit: SE, from: 0x1000, bytes: 0x1000, ms: 45 },
    { name: 'block', bit: BE, from: 0x10000, bytes: 0x10000, ms: 150 },
    { name: 'chip', bit: CE, from: 0, bytes: 0x20000, ms: 10_000 },
  ])('$name: goes on while other requests are answered, for as long as the part takes', ({ bit, from, bytes, ms }) => {
    const host = prepared();
    startErase(host, bit, from);
    const startMs = host.clock.monotonic();
    expect(host.ask(READ_MAGIC)).toBe(MAGIC);
    expect(isBusy(host)).toBe(true);
    host.clock.advance(ms - (host.clock.monotonic() - startMs) + 2);
    expect(isBusy(host)).toBe(false);
    expect(host.chip.flash.isBlank(from, bytes)).toBe(true);
    expect(host.chip.flash.erased).toHaveLength(1);
    expect(host.chip.violations).toEqual([]);
  });

  test('needs write-enable before it, every time', () => {
    const host = prepared();
    startErase(host, BE, 0x10000, false);
    expect(isBusy(host)).toBe(false);
    startErase(host, SE, 0);
    host.clock.advance(60);
    startErase(host, SE, 0x1000, false);
    expect(host.chip.flash.erased).toEqual([{ address: 0, length: 0x1000 }]);
  });

  test('a second one is ignored while the first is at work', () => {
    const host = prepared();
    startErase(host, BE, 0);
    startErase(host, BE, 0x10000);
    host.clock.advance(400);
    expect(host.chip.flash.erased).toEqual([{ address: 0, length: 0x10000 }]);
  });

  test.for([
    { name: 'v2', loader: loaderV2(), greetsEarly: false },
    { name: 'v1', loader: loaderV1, greetsEarly: true },
  ])('loader $name is uploaded meanwhile, and waits for the flash before it serves', ({ loader, greetsEarly }) => {
    const host = prepared();
    startErase(host, CE, 0);
    const startMs = host.clock.monotonic();
    expect(host.upload(loader)).toBe(greetsEarly ? OHAI : '');
    host.clock.advance(500);
    expect(host.chip.state).toBe('ram-loader');
    expect(host.takeText()).toBe('');
    expect(host.ask(READ_MAGIC)).toBe('');
    host.clock.advance(10_030 - (host.clock.monotonic() - startMs));
    expect(host.takeText()).toContain(greetsEarly ? MAGIC : OHAI);
    expect(host.ask(READ_MAGIC)).toBe(MAGIC);
    expect(host.chip.flash.isBlank(0, 0x20000)).toBe(true);
  });
});
