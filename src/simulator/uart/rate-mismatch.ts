/** Above this difference of the rates the ninth bit is sampled outside its cell. Protocol reference §6.4, §13. */
const TOLERANCE = 0.035;
const BITS = 10;

/**
 * What a UART at `receiverBaud` makes of bytes sent at `senderBaud`, both 8N1: the same bytes while the rates agree
 * within 3.5 %, else the garbage that sampling the bits at the wrong moments gives. Bytes with a broken stop bit are
 * handed on as they are, as Linux does without INPCK. The same input always gives the same garbage.
 */
export function asHeard(bytes: Uint8Array, senderBaud: number, receiverBaud: number): Uint8Array {
  if (receiverBaud <= 0 || senderBaud <= 0) return new Uint8Array(0);
  if (Math.abs(senderBaud / receiverBaud - 1) <= TOLERANCE) return bytes;
  const heard = sample(bytes, senderBaud / receiverBaud);
  // Perfect sampling survives a little more than real edges do; there the last data bit is the one that goes.
  return isSame(heard, bytes) ? bytes.map((byte) => byte ^ 0x80) : heard;
}

/** @param cell the receiver's bit time in bit times of the sender */
function sample(bytes: Uint8Array, cell: number): Uint8Array {
  const sentBits = bytes.length * BITS;
  const levelAt = (time: number): number => bitOf(bytes, Math.floor(time));
  const nextBit = (time: number): number => Math.floor(time) + 1;
  const heard: number[] = [];
  let time = 0;
  while (time < sentBits) {
    // A start bit begins with a falling edge, so a line that is low already is waited out first.
    if (heard.length > 0) while (time < sentBits && levelAt(time) === 0) time = nextBit(time);
    while (time < sentBits && levelAt(time) === 1) time = nextBit(time);
    if (time >= sentBits) break;
    if (levelAt(time + cell / 2) === 1) {
      time += cell / 2;
      continue;
    }
    let byte = 0;
    for (let bit = 0; bit < 8; bit += 1) byte |= levelAt(time + cell * (bit + 1.5)) << bit;
    heard.push(byte);
    time += cell * (BITS - 0.5);
  }
  return Uint8Array.from(heard);
}

/** The level of the n-th bit on the line: start bit 0, data from the lowest bit on, stop bit and silence 1. */
function bitOf(bytes: Uint8Array, index: number): number {
  const byte = bytes[Math.floor(index / BITS)];
  const bit = index % BITS;
  if (byte === undefined || bit === BITS - 1) return 1;
  return bit === 0 ? 0 : (byte >> (bit - 1)) & 1;
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
