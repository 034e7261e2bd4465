import { describe, expect, test } from 'vitest';
import { esp8266 } from '../../../src/chips/esp8266.ts';
import type { FaultCode } from '../../../src/foundation/faults.ts';
import { silentLogger } from '../../../src/foundation/logger.ts';
import { commands } from '../../../src/bootloader/commands.ts';
import { readDigest } from '../../../src/bootloader/flash-verifier.ts';
import { Loader } from '../../../src/bootloader/loader.ts';
import { encodeSlip } from '../../../src/bootloader/slip.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import { op, passed } from '../../support/reference-bench.ts';
import { noisyBytes, region } from '../../support/regions.ts';
import { inVirtualTime, replyPacket, ScriptedLink } from '../../support/scripted-link.ts';
import type { Script } from '../../support/scripted-link.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const job = benchJob({ regions: [[0, bootableImage(20_000)]] });
const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

function talk(script: Script) {
  const clock = new VirtualClock();
  const link = new ScriptedLink(clock, script);
  const loader = new Loader(link, clock, silentLogger());
  const signal = new AbortController().signal;
  return { clock, link, loader, signal, read: () => inVirtualTime(clock, loader.readRegister(0x1000, signal)) };
}

describe('the fields of a reply', () => {
  test('§2.3 a stale error byte after a success is not an error', async () => {
    const { clock, loader, signal } = talk(({ opcode }, link) => link.reply(opcode, { status: 0, error: 5 }));
    const begin = { bytes: 4, blocks: 1, blockBytes: 0x1800, offset: 0x40100000 };
    expect(await inVirtualTime(clock, loader.exchange(commands.memBegin, begin, signal))).toMatchObject({
      kind: 'done',
    });
  });

  test('§2.3 a value left over from an earlier command means nothing', async () => {
    const { clock, loader, signal } = talk(({ opcode }, link) => link.reply(opcode, { value: 0x20120707 }));
    const begin = { bytes: 0, blocks: 0, blockBytes: 0x400, offset: 0 };
    for (const command of [commands.memBegin, commands.flashBegin]) {
      expect(await inVirtualTime(clock, loader.exchange(command, begin, signal))).toMatchObject({ kind: 'done' });
    }
  });

  test('§2.3 an error byte that a refused block has left does not spoil the upload after it', async () => {
    const damage = { kind: 'byteFault', direction: 'received', what: 'corrupt', nth: 3_000 } as const;
    const { report, wire } = await passed({ misbehave: [damage] }, job);
    expect(report.retries).toBe(1);
    expect(wire.sent(op.memBegin).length).toBeGreaterThan(2);
  });

  test.for([
    { name: 'ROM, a wrong message', status: 1, error: 5, code: 'F06' },
    { name: 'ROM, a wrong checksum', status: 1, error: 7, code: 'F06' },
    { name: 'v1, an error in the first byte', status: 0xc0, error: 0, code: 'F06' },
    { name: 'v1, an oversize frame', status: 0xc0, error: 0xee, code: 'F06' },
    { name: 'v1, any error at all', status: 1, error: 0, code: 'F06' },
    { name: 'v2, an unknown command', status: 0xc3, error: 0, code: 'F06' },
  ] as const)('§2.4 $name: the status decides', async ({ status, error, code }) => {
    const { clock, loader, signal } = talk(({ opcode }, link) => link.reply(opcode, { status, error }));
    const sent = loader.send(commands.memEnd, { stay: 1, entry: 0 }, signal);
    await expect(inVirtualTime(clock, sent)).rejects.toMatchObject({ code });
  });

  test.for<{ name: string; status: number; code: FaultCode }>([
    { name: 'the SPI operation failed', status: 0xc4, code: 'W03' },
    { name: 'the flash could not be unlocked', status: 0xc5, code: 'W03' },
    { name: 'the stream does not inflate', status: 0xc7, code: 'W04' },
    { name: 'too few data', status: 0xc8, code: 'W01' },
    { name: 'too many data', status: 0xc9, code: 'W01' },
    { name: 'no write was begun', status: 0xc6, code: 'W01' },
  ])('§2.4 $name is $code while writing', async ({ status, code }) => {
    const { clock, loader, signal, link } = talk(({ opcode }, own) => own.reply(opcode, { status }));
    const sent = loader.send(commands.flashDeflEnd, { stay: 1 }, signal);
    await expect(inVirtualTime(clock, sent)).rejects.toMatchObject({ code });
    expect(link.requests).toHaveLength(1);
  });
});

describe('replies under the previous opcode', () => {
  const refusedSync = bytesOf('c0 01 08 02 00 07 07 12 20 01 05 c0');

  test('§2.3 eight refusals under SYNC are no answer to READ_REG, which is sent again', async () => {
    let asked = 0;
    const { link, read } = talk((_request, own) => {
      asked += 1;
      if (asked === 1) for (let copy = 0; copy < 8; copy += 1) own.push(refusedSync, 1);
      else own.reply(op.readReg, { value: 0x1234 });
    });
    expect(await read()).toBe(0x1234);
    expect(link.requests).toHaveLength(2);
  });

  test('§2.3 eight refusals under SYNC before the right answer do no harm', async () => {
    const { link, read } = talk((_request, own) => {
      for (let copy = 0; copy < 8; copy += 1) own.push(refusedSync, 1);
      own.reply(op.readReg, { value: 0x1234 }, 5);
    });
    expect(await read()).toBe(0x1234);
    expect(link.requests).toHaveLength(1);
  });

  test('§2.3 an opcode that the ROM lacks is never sent to it', async () => {
    const { wire } = await passed({}, job);
    const started = wire.at(wire.sent(op.memEnd)[0]);
    const toRom = wire.requests.filter((request) => wire.at(request) <= started).map(({ opcode }) => opcode);
    const romHas = [0x02, 0x03, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b];
    expect(toRom.filter((opcode) => !romHas.includes(opcode))).toEqual([]);
    // GET_SECURITY_INFO, which newer chips are asked first (§4.2).
    expect(wire.sent(0x14)).toEqual([]);
  });
});

describe('a reply that comes in two parts', () => {
  const begun = bytesOf('c0 01 d1 02 00 00 00 00 00');
  const region64k = { address: 0x10000, bytes: 0x10000 };

  test('§2.3 v1 sends the header first; the end counts, however late', async () => {
    const { clock, loader, signal, link } = talk((_request, own) => {
      own.push(begun, 1);
      own.push(bytesOf('00 00 c0'), 2_800);
    });
    await inVirtualTime(clock, loader.send(commands.eraseRegion, region64k, signal));
    expect(clock.monotonic()).toBeGreaterThan(2_700);
    expect(link.requests).toHaveLength(1);
  });

  test('§2.3 a header without an end is no success', async () => {
    const { clock, loader, signal } = talk((_request, own) => own.push(begun, 1));
    const sent = loader.send(commands.eraseRegion, region64k, signal);
    await expect(inVirtualTime(clock, sent)).rejects.toMatchObject({ code: 'F05' });
  });

  test('§2.3 the end decides: a failed erase of v1', async () => {
    const { clock, loader, signal } = talk((_request, own) => {
      own.push(begun, 1);
      own.push(bytesOf('01 00 c0'), 100);
    });
    const sent = loader.send(commands.eraseRegion, region64k, signal);
    await expect(inVirtualTime(clock, sent)).rejects.toMatchObject({ code: 'W03' });
  });

  test('§2.3 a module that delays its replies is waited for', async () => {
    const slow = { kind: 'delayReply', op: op.deflEnd, nth: 1, ms: 2_000 } as const;
    const { report } = await passed({ misbehave: [slow] }, job);
    expect(report.retries).toBe(0);
  });
});

describe('the digest', () => {
  const data = noisyBytes(4_096, 5);
  const known = region(0x1000, data);

  test('§3.9 is 16 raw bytes, then the status; delimiters inside are escaped', async () => {
    const blank = region(0, new Uint8Array(4_096).fill(0xff));
    const { clock, loader, signal, link } = talk((_request, own) =>
      own.push(bytesOf('c0 01 13 12 00 00000000 6ae59e64850377ee5470c854761551ea 0000 c0'), 1),
    );
    expect(await inVirtualTime(clock, readDigest(loader, blank, signal))).toBe('6ae59e64850377ee5470c854761551ea');
    expect(Buffer.from(link.written[0] ?? []).toString('hex')).toBe(
      'c00013100000000000' + '00000000' + '00100000' + '00000000'.repeat(2) + 'c0',
    );
  });

  test('§3.9 its first bytes may look like an error', async () => {
    const digest = bytesOf('c4 07 c0 db dc dd 01 05 00 00 00 00 00 00 00 c7');
    const { clock, loader, signal } = talk((_request, own) => own.reply(op.md5, { data: digest }));
    const md5 = Buffer.from(digest).toString('hex');
    expect(await inVirtualTime(clock, readDigest(loader, { ...known, md5 }, signal))).toBe(md5);
  });

  test('§3.9 v1 announces 18 bytes on a failure and sends two: that is the error, not a digest', async () => {
    const { clock, loader, signal } = talk((_request, own) =>
      own.push(encodeSlip(bytesOf('01 13 12 00 00000000 c4 00')), 1),
    );
    await expect(inVirtualTime(clock, readDigest(loader, known, signal))).rejects.toMatchObject({ code: 'W03' });
  });

  test('§3.9 v1 collapses its errors to 01: a digest that failed so is V02 or W03, never a wrong digest', async () => {
    const { clock, loader, signal } = talk((_request, own) =>
      own.push(encodeSlip(bytesOf('01 13 12 00 00000000 01 00')), 1),
    );
    const failure: unknown = await inVirtualTime(clock, readDigest(loader, known, signal)).catch(
      (error: unknown) => error,
    );
    expect(['V02', 'W03']).toContain((failure as { code?: string }).code);
  });

  test('§3.9 the 32 characters of newer chips are not taken for a digest', async () => {
    const text = new Uint8Array(Buffer.from(known.md5, 'latin1'));
    const { clock, loader, signal } = talk((_request, own) => own.reply(op.md5, { data: text }));
    await expect(inVirtualTime(clock, readDigest(loader, known, signal))).rejects.toMatchObject({ code: 'V02' });
  });

  test('§3.9 address and size that v1 is asked for are whole words', async () => {
    const { wire } = await passed({ running: { generation: 1, baud: 115_200 } }, job, { reset: 'none' });
    for (const { word } of wire.sent(op.md5)) expect([word(0) % 4, word(1) % 4]).toEqual([0, 0]);
  });
});

test('§2.3 a reply in the wrong direction is none', async () => {
  const echo = replyPacket(op.readReg, { value: 1 });
  echo[0] = 0;
  const { read } = talk((_request, own) => {
    own.push(encodeSlip(echo), 1);
    own.reply(op.readReg, { value: esp8266.magic }, 3);
  });
  expect(await read()).toBe(esp8266.magic);
});
