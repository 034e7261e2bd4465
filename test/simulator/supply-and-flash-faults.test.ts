import { describe, expect, test } from 'vitest';
import { slower, w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import { le32, loaderV2, RawHost, SYNC, unescaped } from '../support/raw-host.ts';
import { chipWith, loaderOn, MAGIC, OHAI, READ_MAGIC } from './support/chip-with.ts';

describe('a supply that dips', () => {
  const banner = /^c0 01 02 02 00 00 0a 20 65 74 73/;

  test('in an answer: half of it, then the boot text by the pins of that moment', () => {
    const host = loaderOn(chipWith());
    host.chip.misbehave({ kind: 'brownOutAtReply', op: 0x02, nth: 1 });
    const seen = host.request(0x02, le32(8, 1, 0x4000, 0));
    expect(seen).toMatch(banner);
    expect(Buffer.from(seen.replaceAll(' ', ''), 'hex').toString('latin1')).toContain('rst cause:1, boot mode:(3,7)');
    expect(host.chip.state).toBe('halted');
  });

  test('with GPIO0 low it comes back in the loader of the ROM, which has to be trained again', () => {
    const host = loaderOn(chipWith());
    host.chip.setGpio0(true);
    host.chip.brownOut();
    expect(host.take().length).toBeGreaterThan(40);
    expect(host.chip.state).toBe('rom-loader');
    expect(host.ask(READ_MAGIC)).toBe('');
    host.ask(SYNC);
    expect(host.ask(SYNC)).toContain('07 07 12 20');
  });

  test('in an erase: half of it is done', () => {
    const host = new RawHost({ speed: 'real', flash: { ...w25q32, content: new Uint8Array(0x2000) } });
    host.patienceMs = 600;
    host.enterLoader();
    host.ask(SYNC);
    host.upload(loaderV2());
    host.chip.misbehave({ kind: 'brownOutAtErase', nth: 1 });
    host.patienceMs = 40;
    expect(host.request(0xd1, le32(0x1000, 0x1000))).toMatch(/^0a 20 65 74 73/);
    expect([...host.chip.flash.read(0xfff, 2), ...host.chip.flash.read(0x17ff, 2)]).toEqual([0, 0xff, 0xff, 0]);
    expect(host.chip.flash.busyMs).toBe(0);
  });

  test('every time from the n-th on when it repeats', () => {
    const host = chipWith({ kind: 'brownOutAtReply', op: 0x0a, nth: 2, repeats: true });
    host.chip.setGpio0(true);
    host.chip.setPower(true);
    const ask = (): string => {
      host.ask(SYNC);
      host.ask(SYNC);
      return host.ask(READ_MAGIC);
    };
    expect([ask(), ask(), ask()].map((reply) => reply === MAGIC)).toEqual([true, false, false]);
  });

  test('nothing happens to a chip without supply', () => {
    const host = chipWith();
    host.chip.brownOut();
    expect(host.chip.state).toBe('off');
  });
});

describe('reset and rate', () => {
  test('a RST line that is open does nothing, and lets go of a chip that it held', () => {
    const host = chipWith();
    host.enterLoader();
    host.chip.setReset(true);
    host.chip.misbehave({ kind: 'resetIgnored' });
    expect(host.chip.state).toBe('halted');
    host.take();
    expect(host.runApplication()).toBe('');
  });

  test('an auto-baud that does not follow hears nothing until the next reset', () => {
    const host = chipWith({ kind: 'autoBaudDeaf', aboveBaud: 115_200 });
    host.baud = 460_800;
    host.enterLoader();
    expect(host.ask(SYNC)).toBe('');
    host.baud = 115_200;
    expect(host.ask(SYNC) + host.ask(SYNC)).toBe('');
    host.enterLoader();
    expect(host.ask(SYNC)).not.toBe('');
  });

  test.for([
    { percent: 2, understands: true },
    { percent: 5, understands: false },
    { percent: -5, understands: false },
  ])('an auto-baud that is $percent % off understands: $understands', ({ percent, understands }) => {
    const host = chipWith({ kind: 'autoBaudOff', aboveBaud: 115_200, percent });
    host.baud = 460_800;
    host.enterLoader();
    expect(host.ask(SYNC) !== '').toBe(understands);
  });

  test.for([
    { generation: 1, baud: 460_800 },
    { generation: 2, baud: 921_600 },
  ] as const)('loader v$generation of an earlier session answers at $baud until the first reset', (running) => {
    const host = new RawHost({ running });
    host.baud = running.baud;
    host.chip.setPower(true);
    expect(host.take()).toHaveLength(0);
    expect(host.ask(SYNC)).toBe(Array.from({ length: 8 }, () => 'c0 01 08 02 00 00 00 00 00 00 00 c0').join(' '));
    host.enterLoader();
    expect(host.chip.state).toBe('rom-loader');
  });
});

describe('flash', () => {
  test('busy at power-up: RDSR says so, RDID reads 0, and both come right', () => {
    const host = chipWith({ kind: 'busyAtPowerUp', ms: 500 });
    host.enterLoader();
    host.ask(SYNC);
    attachPins(host);
    expect([readStatus(host), readId(host)]).toEqual([1, 0]);
    host.clock.advance(500);
    expect([readStatus(host), readId(host)]).toEqual([0, 0x1640ef]);
  });

  test('busy at power-up: loader v2 greets when the flash is ready, at any speed', () => {
    const host = chipWith({ kind: 'busyAtPowerUp', ms: 500 });
    host.enterLoader();
    host.send(SYNC);
    host.take();
    expect(host.upload(loaderV2())).toBe('');
    host.clock.advance(500);
    expect(host.takeText()).toBe(OHAI);
  });

  test('held low: id and status read 0, FLASH_BEGIN never answers', () => {
    const host = chipWith({ kind: 'flashStuckLow' });
    host.enterLoader();
    host.ask(SYNC);
    attachPins(host);
    expect([readStatus(host), readId(host)]).toEqual([0, 0]);
    expect(host.request(0x02, le32(0, 0, 0x400, 0))).toBe('');
  });

  test('protection bits of an earlier tool stay over the supply and are cleared by the register script', () => {
    const host = new RawHost({ flash: { ...w25q32, statusRegister: 0x1c } });
    host.enterLoader();
    host.ask(SYNC);
    attachPins(host);
    expect(readStatus(host)).toBe(0x1c);
    for (const [address, value] of [
      [0x60000200, 0x40000000],
      [0x60000210, 0],
      [0x60000200, 0x04000000],
    ] as const) {
      host.request(0x09, le32(address, value, 0xffffffff, 0));
    }
    expect(readStatus(host)).toBe(0);
  });

  test('ten times slower is ten times slower', () => {
    const slow = slower(w25q32.timing, 10);
    expect([slow.sectorEraseMs, slow.program32Us, slow.md5MsPerMib]).toEqual([450, 1070, 1270]);
  });
});

function attachPins(host: RawHost): void {
  for (const pin of [0x1c, 0x20, 0x24, 0x28, 0x2c, 0x30]) {
    host.request(0x09, le32(0x60000800 + pin, 0x10, 0x1b0, 0));
  }
}

function registerOf(host: RawHost, address: number): number {
  return Buffer.from(unescaped(host.request(0x0a, le32(address))).replaceAll(' ', ''), 'hex').readUInt32LE(5);
}

function readStatus(host: RawHost): number {
  host.request(0x09, le32(0x60000200, 0x08000000, 0xffffffff, 0));
  return registerOf(host, 0x60000210) & 0xff;
}

function readId(host: RawHost): number {
  host.request(0x09, le32(0x60000200, 0x10000000, 0xffffffff, 0));
  return registerOf(host, 0x60000240) & 0xffffff;
}
