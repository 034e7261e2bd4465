import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/foundation/logger.ts';
import { commands } from '../../../src/bootloader/commands.ts';
import { Loader } from '../../../src/bootloader/loader.ts';
import { inVirtualTime, ScriptedLink } from '../../support/scripted-link.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

type Send = (loader: Loader, signal: AbortSignal) => Promise<unknown>;

const memory = { bytes: 11_456, blocks: 2, blockBytes: 0x1800, offset: 0x4010c500 };
const dataHeader = { dataBytes: 4, sequence: 0, unused1: 0, unused2: 0 };
const escapedData = Uint8Array.of(0xe9, 0xc0, 0xdb, 0xff);
const stream = { bytes: 300_000, blocks: 12, blockBytes: 0x4000, offset: 0, encrypted: 0 };
const geometry = { id: 0, flashBytes: 0x400000, blockBytes: 0x10000, sectorBytes: 0x1000, pageBytes: 0x100 };

/** Every request of the table of worked examples that this host can send. */
const examples: readonly { readonly name: string; readonly wire: string; readonly send: Send }[] = [
  {
    name: 'READ_REG 0x40001000',
    wire: 'c0 00 0a 04 00 00 00 00 00 00 10 00 40 c0',
    send: (loader, signal) => loader.readRegister(0x40001000, signal),
  },
  {
    name: 'READ_REG 0x3FF00050',
    wire: 'c0 00 0a 04 00 00 00 00 00 50 00 f0 3f c0',
    send: (loader, signal) => loader.readRegister(0x3ff00050, signal),
  },
  {
    name: 'READ_REG of the divider',
    wire: 'c0 00 0a 04 00 00 00 00 00 14 00 00 60 c0',
    send: (loader, signal) => loader.readRegister(0x60000014, signal),
  },
  {
    name: 'WRITE_REG that starts RDID',
    wire: 'c0 00 09 10 00 00 00 00 00 00 02 00 60 00 00 00 10 ff ff ff ff 00 00 00 00 c0',
    send: (loader, signal) => {
      const start = { address: 0x60000200, value: 0x10000000, mask: 0xffffffff, delayUs: 0 };
      return loader.send(commands.writeReg, start, signal);
    },
  },
  {
    name: 'MEM_DATA with bytes to escape',
    wire: 'c0 00 07 14 00 e2 00 00 00 04 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 e9 db dc db dd ff c0',
    send: (loader, signal) => loader.send(commands.memData, dataHeader, signal, { data: escapedData }),
  },
  {
    name: 'FLASH_BEGIN(0,0)',
    wire: 'c0 00 02 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 04 00 00 00 00 00 00 c0',
    send: (loader, signal) =>
      loader.send(commands.flashBegin, { bytes: 0, blocks: 0, blockBytes: 0x400, offset: 0 }, signal),
  },
  {
    name: 'SPI_SET_PARAMS for 4 MB',
    wire: 'c0 00 0b 18 00 00 00 00 00 00 00 00 00 00 00 40 00 00 00 01 00 00 10 00 00 00 01 00 00 ff ff 00 00 c0',
    send: (loader, signal) => loader.send(commands.spiSetParams, { ...geometry, statusMask: 0xffff }, signal),
  },
  {
    name: 'MEM_BEGIN of the text of v2',
    wire: 'c0 00 05 10 00 00 00 00 00 db dc 2c 00 00 02 00 00 00 00 18 00 00 00 c5 10 40 c0',
    send: (loader, signal) => loader.send(commands.memBegin, memory, signal),
  },
  {
    name: 'MEM_END that runs v2',
    wire: 'c0 00 06 08 00 00 00 00 00 00 00 00 00 04 c5 10 40 c0',
    send: (loader, signal) => loader.send(commands.memEnd, { stay: 0, entry: 0x4010c504 }, signal),
  },
  {
    name: 'CHANGE_BAUDRATE to 460800 from 115200',
    wire: 'c0 00 0f 08 00 00 00 00 00 00 08 07 00 00 c2 01 00 c0',
    send: (loader, signal) => loader.send(commands.changeBaudrate, { wanted: 460_800, current: 115_200 }, signal),
  },
  {
    name: 'FLASH_DEFL_BEGIN of 300000 bytes in 12 blocks',
    wire: 'c0 00 10 14 00 00 00 00 00 e0 93 04 00 0c 00 00 00 00 40 00 00 00 00 00 00 00 00 00 00 c0',
    send: (loader, signal) => loader.send(commands.flashDeflBegin, stream, signal),
  },
  {
    name: 'FLASH_DEFL_END that stays',
    wire: 'c0 00 12 04 00 00 00 00 00 01 00 00 00 c0',
    send: (loader, signal) => loader.send(commands.flashDeflEnd, { stay: 1 }, signal),
  },
  {
    name: 'ERASE_REGION of 0x4000 at 0x7C000',
    wire: 'c0 00 d1 08 00 00 00 00 00 00 db dc 07 00 00 40 00 00 c0',
    send: (loader, signal) => loader.send(commands.eraseRegion, { address: 0x7c000, bytes: 0x4000 }, signal),
  },
  {
    name: 'ERASE_FLASH',
    wire: 'c0 00 d0 00 00 00 00 00 00 c0',
    send: (loader, signal) => loader.send(commands.eraseFlash, {}, signal),
  },
  {
    name: 'SPI_FLASH_MD5 of 0x1000 at 0',
    wire: 'c0 00 13 10 00 00 00 00 00 00 00 00 00 00 10 00 00 00 00 00 00 00 00 00 00 c0',
    send: (loader, signal) =>
      loader.send(commands.spiFlashMd5, { address: 0, bytes: 0x1000, unused1: 0, unused2: 0 }, signal),
  },
  {
    name: 'READ_FLASH of 0x1000 at 0',
    wire: 'c0 00 d2 10 00 00 00 00 00 00 00 00 00 00 10 00 00 00 10 00 00 40 00 00 00 c0',
    send: (loader, signal) =>
      loader.send(commands.readFlash, { address: 0, bytes: 0x1000, blockBytes: 0x1000, inFlight: 64 }, signal),
  },
];

const hexOf = (bytes: Uint8Array | undefined): string =>
  [...(bytes ?? [])].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

describe('the worked examples', () => {
  test.for(examples)('§2.5 $name', async ({ wire, send }) => {
    const clock = new VirtualClock();
    const link = new ScriptedLink(clock, ({ opcode }, own) => own.reply(opcode));
    const loader = new Loader(link, clock, silentLogger());
    await inVirtualTime(clock, send(loader, new AbortController().signal));
    expect(link.written.map(hexOf)).toEqual([wire]);
  });

  test.for([
    { name: 'the magic value', wire: 'c0010a020001c1f0ff0000c0', value: 0xfff0c101 },
    { name: 'the divider 452', wire: 'c0010a0200c4010000' + '0000c0', value: 452 },
    { name: 'a value with bytes to escape', wire: 'c0010a0200ffdbdc00dbdd0000c0', value: 0xdb00c0ff },
  ])('§2.5 the reply with $name', async ({ wire, value }) => {
    const clock = new VirtualClock();
    const link = new ScriptedLink(clock, (_request, own) => own.push(new Uint8Array(Buffer.from(wire, 'hex')), 1));
    const loader = new Loader(link, clock, silentLogger());
    const read = loader.readRegister(0x1000, new AbortController().signal);
    expect(await inVirtualTime(clock, read)).toBe(value);
  });
});
