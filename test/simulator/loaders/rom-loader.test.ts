import { describe, expect, test } from 'vitest';
import { le32, RawHost, SYNC } from '../../support/raw-host.ts';

const SYNC_REPLY = 'c0 01 08 02 00 07 07 12 20 00 00 c0';

function inLoader(): RawHost {
  const host = new RawHost();
  host.enterLoader();
  expect(host.ask(SYNC)).toBe(Array(8).fill(SYNC_REPLY).join(' '));
  return host;
}

describe('entering', () => {
  test('the boot text leaves at the rate of the untrained divider', () => {
    const host = new RawHost();
    expect(host.enterLoader(false)).toBe('\n ets Jan  8 2013,rst cause:1, boot mode:(1,7)\n\n');
    expect(Math.round(host.chipBaud)).toBe(74_928);
    expect(host.chip.state).toBe('rom-loader');
  });

  test('the first SYNC trains the rate and is lost, the second one is answered eight times', () => {
    const host = new RawHost();
    host.enterLoader(false);
    expect(host.ask(SYNC)).toBe('');
    expect(host.ask(SYNC)).toBe(Array(8).fill(SYNC_REPLY).join(' '));
  });

  test.for([
    { baud: 115_200, crystalMhz: 26, divider: 452 },
    { baud: 115_200, crystalMhz: 40, divider: 695 },
    { baud: 921_600, crystalMhz: 26, divider: 57 },
    { baud: 1_500_000, crystalMhz: 26, divider: 35 },
    { baud: 2_000_000, crystalMhz: 26, divider: 26 },
  ] as const)('SYNC at $baud with $crystalMhz MHz sets the divider to $divider', ({ baud, crystalMhz, divider }) => {
    const host = new RawHost({ crystalMhz });
    host.baud = baud;
    host.enterLoader();
    host.ask(SYNC);
    const reply = host.ask('c0 00 0a 04 00 00 00 00 00 14 00 00 60 c0');
    expect(reply).toBe(`c0 01 0a 02 00 ${(divider & 0xff).toString(16)} 0${divider >> 8} 00 00 00 00 c0`);
  });

  test('the rate is trained once: a SYNC at another one is not understood', () => {
    const host = inLoader();
    host.baud = 230_400;
    expect(host.ask(SYNC)).toBe('');
    expect(host.ask(SYNC)).toBe('');
    host.baud = 117_000;
    expect(host.ask(SYNC)).not.toBe('');
  });

  test('the pin counts at the rising edge only', () => {
    const host = new RawHost();
    host.chip.setPower(true);
    host.chip.setGpio0(true);
    host.take();
    expect(host.chip.state).toBe('halted');
    host.chip.setReset(true);
    expect(host.chip.state).toBe('reset');
    host.chip.setReset(false);
    expect(Buffer.from(host.take()).toString()).toContain('rst cause:2, boot mode:(1,7)');
    host.chip.setGpio0(false);
    expect(host.chip.state).toBe('rom-loader');
  });

  test('without power nothing answers', () => {
    const host = inLoader();
    host.chip.setPower(false);
    expect(host.ask(SYNC)).toBe('');
    expect(host.chip.state).toBe('off');
  });
});

describe('registers', () => {
  test.for([
    {
      name: 'READ_REG of the detect register',
      sent: 'c0 00 0a 04 00 00 00 00 00 00 10 00 40 c0',
      reply: 'c0 01 0a 02 00 01 c1 f0 ff 00 00 c0',
    },
    {
      name: 'READ_REG of the divider',
      sent: 'c0 00 0a 04 00 00 00 00 00 14 00 00 60 c0',
      reply: 'c0 01 0a 02 00 c4 01 00 00 00 00 c0',
    },
    {
      name: 'READ_REG of a register nobody knows',
      sent: 'c0 00 0a 04 00 00 00 00 00 78 00 00 60 c0',
      reply: 'c0 01 0a 02 00 00 00 00 00 00 00 c0',
    },
    {
      name: 'READ_REG of the size the ROM takes the flash to have',
      sent: 'c0 00 0a 04 00 00 00 00 00 1c c7 ff 3f c0',
      reply: 'c0 01 0a 02 00 00 00 40 00 00 00 c0',
    },
    {
      name: 'WRITE_REG that starts RDID',
      sent: 'c0 00 09 10 00 00 00 00 00 00 02 00 60 00 00 00 10 ff ff ff ff 00 00 00 00 c0',
      reply: 'c0 01 09 02 00 07 07 12 20 00 00 c0',
    },
    {
      name: 'GET_SECURITY_INFO right behind SYNC',
      sent: 'c0 00 14 00 00 00 00 00 00 c0',
      reply: Array(8).fill('c0 01 08 02 00 07 07 12 20 01 05 c0').join(' '),
    },
  ])('$name', ({ sent, reply }) => {
    expect(inLoader().ask(sent)).toBe(reply);
  });

  test('a value with delimiters and escapes in it is escaped', () => {
    const host = inLoader();
    host.request(0x09, le32(0x3ffe8000, 0xdb00c0ff, 0xffffffff, 0));
    expect(host.request(0x0a, le32(0x3ffe8000))).toBe('c0 01 0a 02 00 ff db dc 00 db dd 00 00 c0');
  });

  test.for([
    { name: '18:fe:34:d5:8e:3a', efuses: [0x3a00a000, 0x0200d58e, 0, 0] as const },
    { name: 'ac:d0:74:c4:12:7b', efuses: [0x7b00a000, 0x0201c412, 0x0000a000, 0] as const },
    { name: '5c:cf:7f:a4:f1:5c', efuses: [0x5cc2a000, 0x0200a4f1, 0x3000b000, 0x005ccf7f] as const },
  ])('the efuses of $name are read as they are', ({ efuses }) => {
    const host = new RawHost({ efuses });
    host.enterLoader();
    host.send(SYNC);
    host.take();
    for (const [index, value] of efuses.entries()) {
      const [a, b, c, d] = le32(value);
      const reply = host.request(0x0a, le32(0x3ff00050 + index * 4)).split(' ');
      expect(reply.slice(5, 9).map((digits) => Number.parseInt(digits, 16))).toEqual([a, b, c, d]);
    }
  });

  test('a mask keeps the other bits, and several entries go in one request', () => {
    const host = inLoader();
    host.request(0x09, Buffer.concat([le32(0x3ffe8000, 0x11223344, 0xffffffff, 0), le32(0x3ffe8000, 0, 0xff00, 10)]));
    expect(host.request(0x0a, le32(0x3ffe8000))).toBe('c0 01 0a 02 00 44 00 22 11 00 00 c0');
  });

  test('an address that is not a word crashes the chip', () => {
    const host = inLoader();
    expect(host.request(0x0a, le32(0x40001001))).toBe('');
    expect(host.ask(SYNC)).toBe('');
    expect(host.chip.violations.join()).toContain('0x40001001');
  });
});

describe('replies', () => {
  test('the error byte of a failure stays until SYNC, READ_REG or WRITE_REG', () => {
    const host = inLoader();
    expect(host.request(0x05, le32(4, 1, 0x1801, 0x3ffe8000))).toBe('c0 01 05 02 00 07 07 12 20 01 05 c0');
    expect(host.request(0x05, le32(4, 1, 0x1800, 0x3ffe8000))).toBe('c0 01 05 02 00 07 07 12 20 00 05 c0');
    expect(host.request(0x0a, le32(0x40001000))).toMatch(/00 00 c0$/);
    expect(host.request(0x05, le32(4, 1, 0x1800, 0x3ffe8000))).toBe('c0 01 05 02 00 01 c1 f0 ff 00 00 c0');
  });

  test('a request in the wrong direction is refused under the opcode before it', () => {
    const host = inLoader();
    host.request(0x0a, le32(0x40001000));
    expect(host.ask('c0 01 0b 00 00 00 00 00 00 c0')).toBe('c0 01 0a 02 00 01 c1 f0 ff 01 05 c0');
  });

  test('a stray delimiter and bytes outside of frames do no harm', () => {
    const host = inLoader();
    expect(host.ask('c0')).toBe('');
    expect(host.ask('c0 00 0a 04 00 00 00 00 00 00 10 00 40 c0')).toBe('c0 01 0a 02 00 01 c1 f0 ff 00 00 c0');
    expect(host.ask('11 22 33')).toBe('');
    expect(host.ask('db 00')).toBe('');
    expect(host.ask('c0 00 0a 04 00 00 00 00 00 00 10 00 40 c0')).toBe('c0 01 0a 02 00 01 c1 f0 ff 00 00 c0');
  });

  test('two requests in one go are both answered and kept as a violation', () => {
    const host = inLoader();
    host.ask('c0 00 0a 04 00 00 00 00 00 00 10 00 40 c0 c0 00 0a 04 00 00 00 00 00 00 10 00 40 c0');
    expect(host.chip.violations).toHaveLength(1);
  });
});

describe('RAM', () => {
  test('MEM_DATA with delimiters and escapes in it arrives', () => {
    const host = inLoader();
    host.request(0x05, le32(4, 1, 0x1800, 0x3ffe8000));
    const sent = 'c0 00 07 14 00 e2 00 00 00 04 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 e9 db dc db dd ff c0';
    expect(host.ask(sent)).toBe('c0 01 07 02 00 07 07 12 20 00 00 c0');
    expect(host.request(0x0a, le32(0x3ffe8000))).toBe('c0 01 0a 02 00 e9 db dc db dd ff 00 00 c0');
  });

  test.for([
    { name: 'a wrong checksum', sequence: 0, bytes: 8, checksum: 0x00, error: '07' },
    { name: 'the wrong number', sequence: 1, bytes: 8, checksum: 0xef, error: '05' },
    { name: 'more than the block size', sequence: 0, bytes: 12, checksum: 0xef, error: '05' },
  ])('a block with $name is refused with $error', ({ sequence, bytes, checksum, error }) => {
    const host = inLoader();
    host.request(0x05, le32(64, 8, 8, 0x3ffe8000));
    const payload = Buffer.concat([le32(bytes, sequence, 0, 0), new Uint8Array(bytes)]);
    expect(host.request(0x07, payload, checksum)).toBe(`c0 01 07 02 00 07 07 12 20 01 ${error} c0`);
  });

  test('a block with a wrong checksum cannot be sent again: its number has gone by', () => {
    const host = inLoader();
    host.request(0x05, le32(8, 1, 0x1800, 0x3ffe8000));
    const payload = Buffer.concat([le32(4, 0, 0, 0), Uint8Array.of(1, 2, 3, 4)]);
    expect(host.request(0x07, payload, 0x55)).toMatch(/01 07 c0$/);
    expect(host.request(0x07, payload, 0xeb)).toMatch(/01 05 c0$/);
  });

  test('the checksum is compared in its low byte only', () => {
    const host = inLoader();
    host.request(0x05, le32(4, 1, 0x1800, 0x3ffe8000));
    const payload = Buffer.concat([le32(4, 0, 0, 0), Uint8Array.of(1, 2, 3, 4)]);
    expect(host.request(0x07, payload, 0xabcdefeb)).toMatch(/00 00 c0$/);
  });

  test('MEM_END with the flag set stays in the loader', () => {
    const host = inLoader();
    expect(host.request(0x06, le32(1, 0x40100000))).toBe('c0 01 06 02 00 07 07 12 20 00 00 c0');
    expect(host.chip.state).toBe('rom-loader');
  });
});
