import type { FlashMemory } from '../flash/flash-memory.ts';
import { viewOf, xorOf } from '../uart/wire.ts';

/** What the ROM prints; protocol reference §1.7, §7.1. Everything is sent at the boot rate. */

/** 1 power-on, 2 reset pin, 3 software, 4 hardware watchdog; protocol reference §1.2. */
export type ResetCause = 1 | 2 | 3 | 4;

/** @param straps the latched GPIO15, GPIO0 and GPIO2 */
export function bootBanner(cause: ResetCause, straps: number): string {
  const header = `\n ets Jan  8 2013,rst cause:${cause}, boot mode:(${straps},7)\n\n`;
  return cause === 4 ? `${header}wdt reset\n` : header;
}

export interface FlashBoot {
  readonly text: string;
  readonly boots: boolean;
}

const HEADER_BYTES = 8;
const MAX_SEGMENTS = 16;
/** The ROM reads the flash in lines of this many bytes. */
const LINE_BYTES = 16;

/** Loads the image at 0 as the ROM does. */
export function bootFromFlash(flash: FlashMemory): FlashBoot {
  if (flash.absent || flash.status === 0xff || flash.busyMs > 0) return readError;
  const [magic] = flash.read(0, 1);
  if (magic === 0xe9) return loadImage(flash, 0);
  if (magic !== 0xea) return readError;
  // Header 1 and the segment that stays in flash come first, protocol reference §7.2.
  const mappedBytes = viewOf(flash.read(HEADER_BYTES + 4, 4)).getUint32(0, true);
  return loadImage(flash, 2 * HEADER_BYTES + mappedBytes);
}

const readError: FlashBoot = { text: 'flash read err\nets_main.c \n', boots: false };

function loadImage(flash: FlashMemory, start: number): FlashBoot {
  const [magic, segments = 0] = flash.read(start, 2);
  if (magic !== 0xe9 || segments > MAX_SEGMENTS) return readError;
  let text = '';
  let at = start + HEADER_BYTES;
  let room = LINE_BYTES;
  let sum = 0xef;
  for (let segment = 0; segment < segments; segment++) {
    const header = viewOf(flash.read(at, 8));
    const [address, length] = [header.getUint32(0, true), header.getUint32(4, true)];
    at += 8;
    if (at + length > flash.bytes) return { text: `${text}csum err\nets_main.c \n`, boots: false };
    sum ^= xorOf(flash.read(at, length)) ^ 0xef;
    at += length;
    const tail = (((length - room) % LINE_BYTES) + LINE_BYTES) % LINE_BYTES;
    text += `load 0x${address.toString(16).padStart(8, '0')}, len ${length}, room ${room} \n`;
    text += `tail ${tail}\nchksum ${sumText(sum)}\n`;
    room = LINE_BYTES - tail - 8;
    if (room <= 0) room += LINE_BYTES;
  }
  const stored = flash.read(at + 15 - ((at - start) % 16), 1)[0];
  text += `csum ${sumText(stored ?? 0)}\n`;
  return stored === sum ? { text, boots: true } : { text: `${text}csum err\nets_main.c \n`, boots: false };
}

function sumText(sum: number): string {
  return `0x${sum.toString(16).padStart(2, '0')}`;
}
