import { expect, test } from 'vitest';
import fc from 'fast-check';
import { pack } from '../../src/foundation/byte-fields.ts';
import { concatBytes, hex } from '../../src/foundation/bytes.ts';
import { commands } from '../../src/bootloader/commands.ts';
import { dataChecksum, decodeReply, encodeRequest } from '../../src/bootloader/packet.ts';
import { encodeSlip, SlipDecoder } from '../../src/bootloader/slip.ts';
import { replyPacket } from '../support/scripted-link.ts';

const from = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const none = new Uint8Array(0);

/** Protocol reference §2.5 and §6.10. */
const requests: readonly { name: string; payload: Uint8Array; opcode: number; data?: Uint8Array; wire: string }[] = [
  {
    name: 'SYNC',
    opcode: commands.sync.opcode,
    payload: concatBytes([pack(commands.sync.request, { marker: 0x20120707 }), new Uint8Array(32).fill(0x55)]),
    wire: `c0 00 08 24 00 00 00 00 00 07 07 12 20 ${'55'.repeat(32)} c0`,
  },
  {
    name: 'READ_REG of the detect register',
    opcode: commands.readReg.opcode,
    payload: pack(commands.readReg.request, { address: 0x40001000 }),
    wire: 'c0 00 0a 04 00 00 00 00 00 00 10 00 40 c0',
  },
  {
    name: 'WRITE_REG that starts RDID',
    opcode: commands.writeReg.opcode,
    payload: pack(commands.writeReg.request, { address: 0x60000200, value: 0x10000000, mask: 0xffffffff, delayUs: 0 }),
    wire: 'c0 00 09 10 00 00 00 00 00 00 02 00 60 00 00 00 10 ff ff ff ff 00 00 00 00 c0',
  },
  {
    name: 'FLASH_BEGIN of nothing',
    opcode: commands.flashBegin.opcode,
    payload: pack(commands.flashBegin.request, { bytes: 0, blocks: 0, blockBytes: 0x400, offset: 0 }),
    wire: 'c0 00 02 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 04 00 00 00 00 00 00 c0',
  },
  {
    name: 'SPI_SET_PARAMS for 4 MB',
    opcode: commands.spiSetParams.opcode,
    payload: pack(commands.spiSetParams.request, {
      id: 0,
      flashBytes: 0x400000,
      blockBytes: 0x10000,
      sectorBytes: 0x1000,
      pageBytes: 0x100,
      statusMask: 0xffff,
    }),
    wire: 'c0 00 0b 18 00 00 00 00 00 00 00 00 00 00 00 40 00 00 00 01 00 00 10 00 00 00 01 00 00 ff ff 00 00 c0',
  },
  {
    name: 'MEM_BEGIN of the RAM loader',
    opcode: commands.memBegin.opcode,
    payload: pack(commands.memBegin.request, { bytes: 11456, blocks: 2, blockBytes: 0x1800, offset: 0x4010c500 }),
    wire: 'c0 00 05 10 00 00 00 00 00 db dc 2c 00 00 02 00 00 00 00 18 00 00 00 c5 10 40 c0',
  },
  {
    name: 'MEM_DATA with escapes and a checksum',
    opcode: commands.memData.opcode,
    payload: concatBytes([
      pack(commands.memData.request, { dataBytes: 4, sequence: 0, unused1: 0, unused2: 0 }),
      from('e9 c0 db ff'),
    ]),
    data: from('e9 c0 db ff'),
    wire: 'c0 00 07 14 00 e2 00 00 00 04 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 e9 db dc db dd ff c0',
  },
  {
    name: 'MEM_END into the RAM loader',
    opcode: commands.memEnd.opcode,
    payload: pack(commands.memEnd.request, { stay: 0, entry: 0x4010c504 }),
    wire: 'c0 00 06 08 00 00 00 00 00 00 00 00 00 04 c5 10 40 c0',
  },
  {
    name: 'CHANGE_BAUDRATE to 460800',
    opcode: commands.changeBaudrate.opcode,
    payload: pack(commands.changeBaudrate.request, { wanted: 460800, current: 115200 }),
    wire: 'c0 00 0f 08 00 00 00 00 00 00 08 07 00 00 c2 01 00 c0',
  },
  {
    name: 'FLASH_DEFL_BEGIN of 300000 bytes',
    opcode: commands.flashDeflBegin.opcode,
    payload: pack(commands.flashDeflBegin.request, {
      bytes: 300000,
      blocks: 12,
      blockBytes: 0x4000,
      offset: 0,
      encrypted: 0,
    }),
    wire: 'c0 00 10 14 00 00 00 00 00 e0 93 04 00 0c 00 00 00 00 40 00 00 00 00 00 00 00 00 00 00 c0',
  },
  {
    name: 'FLASH_DEFL_END that stays',
    opcode: commands.flashDeflEnd.opcode,
    payload: pack(commands.flashDeflEnd.request, { stay: 1 }),
    wire: 'c0 00 12 04 00 00 00 00 00 01 00 00 00 c0',
  },
  { name: 'ERASE_FLASH', opcode: commands.eraseFlash.opcode, payload: none, wire: 'c0 00 d0 00 00 00 00 00 00 c0' },
  {
    name: 'SPI_FLASH_MD5 of one sector',
    opcode: commands.spiFlashMd5.opcode,
    payload: pack(commands.spiFlashMd5.request, { address: 0, bytes: 0x1000, unused1: 0, unused2: 0 }),
    wire: 'c0 00 13 10 00 00 00 00 00 00 00 00 00 00 10 00 00 00 00 00 00 00 00 00 00 c0',
  },
];

test.for(requests)('$name is sent byte for byte as the reference has it', ({ opcode, payload, data, wire }) => {
  const checksum = data === undefined ? 0 : dataChecksum(data);
  expect(hex(encodeSlip(encodeRequest(opcode, payload, checksum)))).toBe(hex(from(wire)));
});

test.for([
  { name: 'SYNC from the ROM', wire: 'c0 01 08 02 00 07 07 12 20 00 00 c0', opcode: 8, value: 0x20120707, data: '' },
  { name: 'SYNC from a RAM loader', wire: 'c0 01 08 02 00 00 00 00 00 00 00 c0', opcode: 8, value: 0, data: '' },
  { name: 'READ_REG', wire: 'c0 01 0a 02 00 01 c1 f0 ff 00 00 c0', opcode: 10, value: 0xfff0c101, data: '' },
  {
    name: 'a value full of escapes',
    wire: 'c0 01 0a 02 00 ff db dc 00 db dd 00 00 c0',
    opcode: 10,
    value: 0xdb00c0ff,
    data: '',
  },
  {
    name: 'the digest of a blank sector',
    wire: 'c0 01 13 12 00 00 00 00 00 6a e5 9e 64 85 03 77 ee 54 70 c8 54 76 15 51 ea 00 00 c0',
    opcode: 0x13,
    value: 0,
    data: '6ae59e64850377ee5470c854761551ea',
  },
])('the answer to $name is read', ({ wire, opcode, value, data }) => {
  const [frame = none] = new SlipDecoder().push(from(wire));
  const reply = decodeReply(frame);
  expect(reply).toMatchObject({ opcode, value, status: 0, error: 0 });
  expect(hex(reply?.data ?? none)).toBe(data);
});

test('a refusal without the announced data is still a refusal', () => {
  // One RAM loader announces 18 bytes and sends the two of the status.
  expect(decodeReply(from('01 13 12 00 00 00 00 00 01 00'))).toMatchObject({ opcode: 0x13, status: 1, error: 0 });
});

test.for([
  { name: 'the greeting', frame: '4f 48 41 49' },
  { name: 'an echo of a request', frame: '00 08 02 00 07 07 12 20 00 00' },
  { name: 'a header without a status', frame: '01 08 02 00 07 07 12 20 00' },
])('$name is no answer', ({ frame }) => {
  expect(decodeReply(from(frame))).toBeNull();
});

test.for([
  { data: 'de ad be ef', checksum: 0xcd },
  { data: '00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f', checksum: 0xef },
  { data: 'e9 c0 db ff', checksum: 0xe2 },
])('the checksum of $data is right', ({ data, checksum }) => {
  expect(dataChecksum(from(data))).toBe(checksum);
});

test('every answer survives encoding and decoding', () => {
  const fields = fc.record({
    value: fc.integer({ min: 0, max: 0xffffffff }),
    data: fc.uint8Array({ maxLength: 20 }),
    status: fc.integer({ min: 0, max: 255 }),
    error: fc.integer({ min: 0, max: 255 }),
  });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), fields, (opcode, values) => {
      expect(decodeReply(replyPacket(opcode, values))).toEqual({ opcode, ...values });
    }),
  );
});
