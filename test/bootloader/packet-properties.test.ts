import { expect, test } from 'vitest';
import fc from 'fast-check';
import { pack } from '../../src/foundation/byte-fields.ts';
import { concatBytes, hex } from '../../src/foundation/bytes.ts';
import { commands } from '../../src/bootloader/commands.ts';
import { dataChecksum, decodeReply, encodeRequest } from '../../src/bootloader/packet.ts';
import { encodeSlip, SlipDecoder } from '../../src/bootloader/slip.ts';
import { generation1Slip, generation2Slip, romSlip, SlipReceiver } from '../../src/simulator/uart/slip-receiver.ts';
import { DATA_HEADER_BYTES, framed, parseRequest, replyHeader, word, xorOf } from '../../src/simulator/uart/wire.ts';

const uint8 = fc.integer({ min: 0, max: 0xff });
const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const bytes = fc.uint8Array({ maxLength: 300 });
const receivers = [romSlip, generation1Slip, generation2Slip];
const headerBytes = 8;
const statusBytes = 2;

/** What each of the three receivers takes out of the wire, as hexadecimal. */
function taken(wire: Uint8Array): string[][] {
  return receivers.map((rules) => {
    const receiver = new SlipReceiver(rules);
    return [...wire].flatMap((value) => receiver.push(value) ?? []).map(hex);
  });
}

test('a request has its direction, opcode, length and checksum where they belong, and its payload behind', () => {
  fc.assert(
    fc.property(uint8, bytes, uint32, (opcode, payload, checksum) => {
      const packet = encodeRequest(opcode, payload, checksum);
      const { length } = payload;
      const words = [...Uint32Array.of(checksum)].flatMap((value) =>
        [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff),
      );
      expect([...packet.subarray(0, headerBytes)]).toEqual([0, opcode, length & 0xff, length >>> 8, ...words]);
      expect(hex(packet.subarray(headerBytes))).toBe(hex(payload));
    }),
  );
});

test('the chip reads from a request what the station put in, with a codec of its own', () => {
  fc.assert(
    fc.property(uint8, bytes, uint32, (opcode, payload, checksum) => {
      const packet = encodeRequest(opcode, payload, checksum);
      expect(taken(encodeSlip(packet))).toEqual(receivers.map(() => [hex(packet)]));
      const { payload: read, ...header } = parseRequest(packet);
      expect(header).toEqual({ direction: 0, op: opcode, length: payload.length, checksum });
      expect(hex(read)).toBe(hex(payload));
    }),
  );
});

test.for(Object.values(commands))('the fields of $name arrive in their order', (command) => {
  const fields: readonly { readonly name: string }[] = command.request;
  fc.assert(
    fc.property(fc.array(uint32, { minLength: fields.length, maxLength: fields.length }), (values) => {
      const named = Object.fromEntries(fields.map(({ name }, index) => [name, values[index] ?? 0]));
      const { op, payload, length } = parseRequest(
        encodeRequest(command.opcode, pack(command.request, named as never)),
      );
      expect({ op, length }).toEqual({ op: command.opcode, length: 4 * fields.length });
      expect(fields.map((_, index) => word(payload, index))).toEqual(values);
    }),
  );
});

test('a frame of data carries the checksum that the chip computes over its data', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(commands.memData, commands.flashData, commands.flashDeflData),
      bytes,
      (command, data) => {
        const header = { dataBytes: data.length, sequence: 1, unused1: 0, unused2: 0 };
        const payload = concatBytes([pack(command.request, header), data]);
        const request = parseRequest(encodeRequest(command.opcode, payload, dataChecksum(data)));
        expect(request.checksum).toBe(xorOf(request.payload.subarray(DATA_HEADER_BYTES)));
        expect(request.checksum).toBeLessThanOrEqual(0xff);
        expect(word(request.payload, 0)).toBe(data.length);
      },
    ),
  );
});

test('one changed byte of data always changes the checksum', () => {
  const damage = fc.integer({ min: 1, max: 255 });
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), damage, (data, where, flip) => {
      const damaged = data.map((value, at) => (at === where % data.length ? value ^ flip : value));
      expect(dataChecksum(damaged)).not.toBe(dataChecksum(data));
    }),
  );
});

test('an answer that the chip built by its own code is read back', () => {
  fc.assert(
    fc.property(uint8, uint32, fc.uint8Array({ maxLength: 40 }), uint8, uint8, (opcode, value, data, status, error) => {
      const wire = framed(replyHeader(opcode, data.length + statusBytes, value), data, Uint8Array.of(status, error));
      const replies = new SlipDecoder().push(wire).map(decodeReply);
      expect(replies).toEqual([{ opcode, value, data, status, error }]);
    }),
  );
});

test('any bytes are an answer only with its direction and room for header and status, and never throw', () => {
  const direction = fc.oneof(fc.constant(1), uint8);
  fc.assert(
    fc.property(fc.tuple(direction, fc.uint8Array({ maxLength: 40 })), fc.boolean(), ([first, rest], empty) => {
      const frame = empty ? new Uint8Array(0) : Uint8Array.of(first, ...rest);
      const reply = decodeReply(frame);
      expect(reply !== null).toBe(frame[0] === 1 && frame.length >= headerBytes + statusBytes);
      if (reply === null) return;
      expect(reply.opcode).toBe(frame[1]);
      expect(hex(reply.data)).toBe(hex(frame.subarray(headerBytes, -statusBytes)));
      expect([reply.status, reply.error]).toEqual([...frame.subarray(-statusBytes)]);
    }),
  );
});

test('an answer without data that lost a byte is refused, whichever it was', () => {
  fc.assert(
    fc.property(uint8, uint32, fc.nat({ max: 9 }), (opcode, value, lost) => {
      const whole = concatBytes([replyHeader(opcode, statusBytes, value), new Uint8Array(statusBytes)]);
      expect(decodeReply(whole)).not.toBeNull();
      expect(decodeReply(whole.filter((_, at) => at !== lost))).toBeNull();
    }),
  );
});

test('an answer in the middle of a larger buffer is read as one by itself, and keeps its data', () => {
  fc.assert(
    fc.property(bytes, fc.uint8Array({ minLength: 1, maxLength: 20 }), (before, data) => {
      const packet = concatBytes([replyHeader(0x13, data.length + statusBytes, 7), data, new Uint8Array(statusBytes)]);
      const buffer = concatBytes([before, packet, before]);
      const reply = decodeReply(buffer.subarray(before.length, before.length + packet.length));
      buffer.fill(0);
      expect(reply).toEqual({ opcode: 0x13, value: 7, data, status: 0, error: 0 });
    }),
  );
});

test('what the station sends is no answer when it is echoed', () => {
  fc.assert(
    fc.property(uint8, bytes, uint32, (opcode, payload, checksum) => {
      const echoed = new SlipDecoder().push(encodeSlip(encodeRequest(opcode, payload, checksum)));
      expect(echoed.map(decodeReply)).toEqual([null]);
    }),
  );
});
