import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { SimulatedChip, type ChipOptions } from '../../src/simulator/chip/chip.ts';
import { efusesForMac } from '../../src/simulator/chip/efuses.ts';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import { VirtualClock } from './virtual-clock.ts';

export const SYNC = `c0 00 08 24 00 00 00 00 00 07 07 12 20 ${'55 '.repeat(32)}c0`;

/** Bytes of a hexadecimal text with or without spaces. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(/\s+/g, ''), 'hex'));
}

export function textOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** The four bytes of a word as they go over the wire, without escapes. */
export function le32(...values: readonly number[]): Uint8Array {
  const out = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => out.writeUInt32LE(value >>> 0, index * 4));
  return Uint8Array.from(out);
}

/** Drives a simulated chip with raw bytes, as the station's port and lines would. */
export class RawHost {
  readonly clock = new VirtualClock();
  readonly chip: SimulatedChip;
  /** What the chip has sent and nobody has taken yet. */
  readonly #received: number[] = [];
  /** The rate of the chip's last transmission. */
  chipBaud = 0;
  baud = 115_200;
  /** How long `ask` waits for an answer, ms: for chips of real speed. */
  patienceMs = 0;

  constructor(options: Partial<ChipOptions> = {}) {
    this.chip = new SimulatedChip({
      clock: this.clock,
      speed: 'fast',
      flash: w25q32,
      efuses: efusesForMac('5c:cf:7f:a4:f1:5c'),
      ...options,
    });
    this.chip.onTransmit = (bytes, baud) => {
      this.#received.push(...bytes);
      this.chipBaud = baud;
    };
  }

  /** Everything received so far. */
  take(): Uint8Array {
    return Uint8Array.from(this.#received.splice(0));
  }

  /** What was received, as hexadecimal text. */
  takeText(): string {
    return textOf(this.take());
  }

  send(bytes: string | Uint8Array): void {
    this.chip.receive(typeof bytes === 'string' ? bytesOf(bytes) : bytes, this.baud);
  }

  /** Sends and returns what came back, as hexadecimal text. */
  ask(bytes: string | Uint8Array): string {
    this.send(bytes);
    this.clock.advance(this.patienceMs);
    return this.takeText();
  }

  /** Builds a request by hand and returns what came back. */
  request(op: number, payload: Uint8Array, checksum = 0): string {
    return this.ask(requestBytes(op, payload, checksum));
  }

  /** A frame of data with its header and its checksum. */
  data(op: number, sequence: number, data: Uint8Array): string {
    return this.request(op, Buffer.concat([le32(data.length, sequence, 0, 0), data]), xor(data));
  }

  /** Powers up, enters the loader and returns the boot text; trains the rate unless told not to. */
  enterLoader(train = true): string {
    this.chip.setGpio0(true);
    this.chip.setReset(true);
    this.chip.setPower(true);
    this.chip.setReset(false);
    this.clock.advance(this.patienceMs);
    this.chip.setGpio0(false);
    const text = Buffer.from(this.take()).toString('latin1');
    if (train) this.send(SYNC);
    return text;
  }

  /** Resets with GPIO0 high and returns what the chip prints. */
  runApplication(): string {
    this.chip.setReset(true);
    this.chip.setReset(false);
    return Buffer.from(this.take()).toString('latin1');
  }

  /** Uploads a loader as the published tools do; returns what follows the reply to MEM_END, or the failing reply. */
  upload(loader: RamLoaderFile, order: readonly ('text' | 'data')[] = ['text', 'data']): string {
    for (const part of order) {
      const bytes = loader[part];
      const begin = le32(bytes.length, Math.ceil(bytes.length / 0x1800), 0x1800, loader[`${part}Start`]);
      this.request(0x05, begin);
      for (let at = 0; at < bytes.length; at += 0x1800) {
        const reply = this.data(0x07, at / 0x1800, bytes.subarray(at, at + 0x1800));
        if (!reply.endsWith('00 00 c0')) return reply;
      }
    }
    return this.request(0x06, le32(0, loader.entry)).slice('c0 01 06 02 00 00 00 00 00 00 00 c0 '.length);
  }
}

export function requestBytes(op: number, payload: Uint8Array, checksum = 0): Uint8Array {
  const body = Buffer.concat([Uint8Array.of(0, op, payload.length, payload.length >> 8), le32(checksum), payload]);
  return slip(body);
}

export function slip(body: Uint8Array): Uint8Array {
  const out = [...body].flatMap((byte) => (byte === 0xc0 ? [0xdb, 0xdc] : byte === 0xdb ? [0xdb, 0xdd] : [byte]));
  return Uint8Array.of(0xc0, ...out, 0xc0);
}

export function xor(data: Uint8Array): number {
  return data.reduce((sum, byte) => sum ^ byte, 0xef);
}

export interface RamLoaderFile {
  readonly text: Uint8Array;
  readonly textStart: number;
  readonly data: Uint8Array;
  readonly dataStart: number;
  readonly entry: number;
}

/** The second generation, from the package the station uses. */
export function loaderV2(): RamLoaderFile {
  const path = createRequire(import.meta.url).resolve('esptool-js/lib/targets/stub_flasher/esp8266.json');
  const file = JSON.parse(readFileSync(path, 'utf8')) as Record<string, number> & { text: string; data: string };
  return {
    text: Uint8Array.from(Buffer.from(file.text, 'base64')),
    textStart: file['text_start'] ?? 0,
    data: Uint8Array.from(Buffer.from(file.data, 'base64')),
    dataStart: file['data_start'] ?? 0,
    entry: file['entry'] ?? 0,
  };
}

/** Stands for any build of the first generation: the chip goes by the addresses. */
export const loaderV1: RamLoaderFile = {
  text: Uint8Array.from({ length: 8248 }, (_, index) => (index * 31) & 0xff),
  textStart: 0x4010d000,
  data: Uint8Array.from({ length: 764 }, (_, index) => (index * 7) & 0xff),
  dataStart: 0x3fffaca8,
  entry: 0x4010d004,
};

/** The two status bytes at the end of a reply. */
export function statusOf(reply: string): string {
  return unescaped(reply).split(' ').slice(-3, -1).join(' ');
}

/** A frame as hexadecimal text without its escapes. */
export function unescaped(frame: string): string {
  return frame.replaceAll('db dc', 'c0').replaceAll('db dd', 'db');
}
