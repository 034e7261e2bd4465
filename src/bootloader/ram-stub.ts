import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { StationError } from '../foundation/faults.ts';

/** A program for the RAM of a chip. */
export interface RamStub {
  readonly entry: number;
  readonly text: RamSegment;
  /** Lies inside the ROM's frame buffer: nothing big may be sent after it (protocol reference §6.2). */
  readonly data: RamSegment;
}

export interface RamSegment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** Where the RAM loader of a chip is, and the SHA-256 of the one that was checked (protocol reference §0.3, §6.1). */
const pinned: Readonly<Record<string, { readonly file: string; readonly text: string; readonly data: string }>> = {
  esp8266: {
    file: 'esptool-js/lib/targets/stub_flasher/esp8266.json',
    text: '37c16091ff165ffe760353a8e92d07f55927e34d01fb5fc04c18b5525c13f8f6',
    data: 'de5922ffd2c868b51c4eec1fb74459f31adb2975f7514459a91ac2ffed65f737',
  },
};

/**
 * The RAM loader of a chip, read as data from the installed package.
 *
 * @param family as in ChipDefinition
 * @throws StationError S99 when the package lacks it or holds another build than the one checked
 */
export function loadRamStub(family: string): Promise<RamStub> {
  const known = loaded.get(family) ?? readRamStub(family);
  loaded.set(family, known);
  // What could not be read may be there at the next try.
  known.catch(() => loaded.delete(family));
  return known;
}

/** Read and checked once, whatever the number of nests: the package does not change under a running program. */
const loaded = new Map<string, Promise<RamStub>>();

async function readRamStub(family: string): Promise<RamStub> {
  const source = pinned[family];
  if (source === undefined) throw new StationError('S99', `There is no RAM loader for ${family}.`);
  const stub = parseStub(await readPackaged(source.file));
  if (sha256(stub.text.bytes) !== source.text || sha256(stub.data.bytes) !== source.data) {
    throw new StationError('S99', `${source.file} is not the RAM loader that was checked: run npm ci.`);
  }
  return stub;
}

async function readPackaged(file: string): Promise<string> {
  try {
    return await readFile(createRequire(import.meta.url).resolve(file), 'utf8');
  } catch (error) {
    throw new StationError('S99', `${file} cannot be read: run npm ci.`, { cause: error });
  }
}

function parseStub(json: string): RamStub {
  const fields = JSON.parse(json) as Readonly<Record<string, unknown>>;
  const number = (key: string): number => {
    const value = fields[key];
    if (typeof value !== 'number') throw new StationError('S99', `The RAM loader has no number "${key}".`);
    return value;
  };
  const bytes = (key: string): Uint8Array => {
    const value = fields[key];
    if (typeof value !== 'string') throw new StationError('S99', `The RAM loader has no "${key}".`);
    return new Uint8Array(Buffer.from(value, 'base64'));
  };
  return {
    entry: number('entry'),
    text: { address: number('text_start'), bytes: bytes('text') },
    data: { address: number('data_start'), bytes: bytes('data') },
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
