/** One published loader that runs in RAM; protocol reference §0.3, §6.1. */
export interface KnownRamLoader {
  readonly name: string;
  readonly generation: 1 | 2;
  readonly text: { readonly address: number; readonly bytes: number; readonly sha256: string };
  readonly data: { readonly address: number; readonly bytes: number; readonly sha256?: string };
  readonly entry: number;
  /** Leaves blank sectors alone, protocol reference §6.7. */
  readonly skipsBlank: boolean;
}

export const generation2 = { address: 0x4010c500, entry: 0x4010c504 };
export const generation1 = { address: 0x4010d000, entry: 0x4010d004 };

/** Digests are hexadecimal; a short one holds the first bytes only. */
export const knownRamLoaders: readonly KnownRamLoader[] = [
  {
    name: 'v2 1.2.1',
    generation: 2,
    text: {
      address: generation2.address,
      bytes: 11456,
      sha256: '37c16091ff165ffe760353a8e92d07f55927e34d01fb5fc04c18b5525c13f8f6',
    },
    data: {
      address: 0x3fffae6c,
      bytes: 920,
      sha256: 'de5922ffd2c868b51c4eec1fb74459f31adb2975f7514459a91ac2ffed65f737',
    },
    entry: generation2.entry,
    skipsBlank: true,
  },
  {
    name: 'v2 of esptool 5.3.1',
    generation: 2,
    text: { address: generation2.address, bytes: 13740, sha256: '3d315cf8155a78db' },
    data: { address: 0x3fffae68, bytes: 932 },
    entry: generation2.entry,
    skipsBlank: false,
  },
  {
    name: 'v2 0.8.0',
    generation: 2,
    text: { address: generation2.address, bytes: 13752, sha256: '88432200f3fa68fd' },
    data: { address: 0x3fffae68, bytes: 932 },
    entry: generation2.entry,
    skipsBlank: false,
  },
  {
    name: 'v2 of esptool 5.2.0',
    generation: 2,
    text: { address: generation2.address, bytes: 12260, sha256: '52b4349ba7ee21b0' },
    data: { address: 0x3fffae5c, bytes: 3968 },
    entry: generation2.entry,
    skipsBlank: false,
  },
  {
    name: 'v1',
    generation: 1,
    text: { address: generation1.address, bytes: 8276, sha256: '4dd755cefff7947b' },
    data: { address: 0x3fffacac, bytes: 768 },
    entry: generation1.entry,
    skipsBlank: false,
  },
];

/** The newest build of a generation. */
export function newestOf(generation: 1 | 2): KnownRamLoader {
  const known = knownRamLoaders.find((loader) => loader.generation === generation);
  if (known === undefined) throw new RangeError(`There is no RAM loader of generation ${generation}.`);
  return known;
}
