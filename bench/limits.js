import { deflateSync } from 'node:zlib';
import { w25q32Timing } from '../dist/simulator/flash/flash-timing.js';

const sectorBytes = 4096;
const blockBytes = 65_536;
const dataBlockBytes = 0x4000;
const programBytes = 32;
const bitsPerByte = 10;
const bytesPerMib = 1024 * 1024;
/** Header of the packet and of its data (protocol reference §2.2, §3.2). */
const headerBytes = 8 + 16;

/**
 * What no loader can go below: the time of the compressed image on the line, and the time that the flash needs.
 * @param {Uint8Array} image written at address 0
 * @param {number} baud
 * @param {import('./module.js').ModuleContent} content what is in the flash before
 */
export function limitsOf(image, baud, content) {
  const compressed = deflateSync(image, { level: 9 });
  const digestMs = (image.length * w25q32Timing.md5MsPerMib) / bytesPerMib;
  const sizes = { bytes: image.length, compressedBytes: compressed.length };
  // Nothing is sent and nothing is written: only the digest says that the image is there.
  if (content === 'same') return { ...sizes, wireMs: 0, flashMs: 0, digestMs, boundMs: digestMs };
  const wireMs = (onTheWire(compressed) * bitsPerByte * 1000) / baud;
  const programMs = (Math.ceil(image.length / programBytes) * w25q32Timing.program32Us) / 1000;
  const flashMs = programMs + (content === 'blank' ? 0 : eraseMs(image.length));
  return { ...sizes, wireMs, flashMs, digestMs, boundMs: Math.max(wireMs, flashMs) };
}

/**
 * Bytes of the data packets: headers, escapes and both delimiters of the SLIP frames.
 * @param {Uint8Array} compressed
 */
function onTheWire(compressed) {
  const escapes = compressed.filter((byte) => byte === 0xc0 || byte === 0xdb).length;
  return compressed.length + escapes + Math.ceil(compressed.length / dataBlockBytes) * (headerBytes + 2);
}

/** @param {number} bytes from address 0: blocks of 64 KB as far as they fit, then sectors (protocol reference §6.7) */
function eraseMs(bytes) {
  const sectors = Math.ceil(bytes / sectorBytes);
  const blocks = Math.floor((sectors * sectorBytes) / blockBytes);
  const single = sectors - (blocks * blockBytes) / sectorBytes;
  return blocks * w25q32Timing.blockEraseMs + single * w25q32Timing.sectorEraseMs;
}
