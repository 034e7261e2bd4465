import { concatBytes } from '../foundation/bytes.ts';

const requestDirection = 0;
const replyDirection = 1;
const headerBytes = 8;
const statusBytes = 2;
const checksumSeed = 0xef;

/** An answer of the loader, whether it was good or not. */
export interface Reply {
  readonly opcode: number;
  /** Meaningful for READ_REG and SYNC only: elsewhere the ROM leaves an old one (protocol reference §2.3). */
  readonly value: number;
  /** What came before the status. */
  readonly data: Uint8Array;
  /** 0 is success. */
  readonly status: number;
  /** May be left over from an earlier failure: look at it only when `status` is not 0. */
  readonly error: number;
}

/** A request before framing. @param checksum of the data, for commands that carry some */
export function encodeRequest(opcode: number, payload: Uint8Array, checksum = 0): Uint8Array {
  const header = new Uint8Array(headerBytes);
  const view = new DataView(header.buffer);
  view.setUint8(0, requestDirection);
  view.setUint8(1, opcode);
  view.setUint16(2, payload.length, true);
  view.setUint32(4, checksum, true);
  return concatBytes([header, payload]);
}

/** The reply in a frame, or null when the frame is none: noise, an echo of a request, the greeting. */
export function decodeReply(frame: Uint8Array): Reply | null {
  if (frame.length < headerBytes + statusBytes || frame[0] !== replyDirection) return null;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  // The announced length is not used: one loader announces a digest and sends only the status (reference §3.9).
  const end = frame.length - statusBytes;
  return {
    opcode: view.getUint8(1),
    value: view.getUint32(4, true),
    data: frame.slice(headerBytes, end),
    status: view.getUint8(end),
    error: view.getUint8(end + 1),
  };
}

/** Exclusive-or of the data bytes, seed 0xEF; the upper 24 bits stay zero (protocol reference §2.2). */
export function dataChecksum(data: Uint8Array): number {
  let checksum = checksumSeed;
  for (const byte of data) checksum ^= byte;
  return checksum;
}
