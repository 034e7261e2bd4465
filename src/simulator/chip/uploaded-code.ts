import { createHash } from 'node:crypto';
import type { AddressSpace } from './address-space.ts';
import { generation1, generation2, type KnownRamLoader, knownRamLoaders } from './known-ram-loaders.ts';

/** Where code and data can be uploaded; protocol reference §5.5. */
const ram = [
  { start: 0x3ffe8000, end: 0x40000000 },
  { start: 0x40100000, end: 0x40110000 },
];

interface Segment {
  readonly address: number;
  readonly data: Uint8Array;
  filled: number;
  /** Less than what was announced. */
  readonly partial?: boolean;
}

/** Where the data of every published build of a generation begin; protocol reference §0.3, §6.1. */
const DATA_RANGE_BYTES = 0x400;
const unknownBuilds = [
  { ...generation1, generation: 1, dataFrom: 0x3fffac00 },
  { ...generation2, generation: 2, dataFrom: 0x3fffac00 },
] as const;

/** A loader has two; the limit keeps a host from filling this process's memory. */
const MAX_SEGMENTS = 16;

/** What MEM_BEGIN and MEM_DATA have put into RAM, and whether it is a loader that would run. */
export class UploadedCode {
  readonly #memory: AddressSpace;
  readonly #segments = new Map<number, Segment>();
  #open: Segment | undefined;

  constructor(memory: AddressSpace) {
    this.#memory = memory;
  }

  reset(): void {
    this.#segments.clear();
    this.#open = undefined;
  }

  get begun(): boolean {
    return this.#open !== undefined;
  }

  begin(address: number, bytes: number): void {
    const roomBytes = (ram.find(({ start, end }) => address >= start && address < end)?.end ?? address) - address;
    const data = new Uint8Array(Math.min(bytes, roomBytes));
    // What it overlaps is no loader any more, as after a software reset when another build is uploaded. What arrived
    // below it stays: an upload may be taken up again behind the blocks that are there.
    for (const [other, segment] of this.#segments) {
      if (other >= address + data.length || address >= other + segment.data.length) continue;
      this.#segments.delete(other);
      const kept = segment.data.subarray(0, segment.filled);
      if (kept.length > 0 && other + kept.length <= address) {
        this.#segments.set(other, { address: other, data: kept, filled: kept.length, partial: true });
      }
    }
    this.#open = { address, data, filled: 0 };
    this.#segments.set(address, this.#open);
    const [oldest] = this.#segments.keys();
    if (oldest !== undefined && this.#segments.size > MAX_SEGMENTS) this.#segments.delete(oldest);
  }

  /** Stores the bytes behind those of the frame before. */
  append(data: Uint8Array): void {
    const open = this.#open;
    if (open === undefined) return;
    const fitting = data.subarray(0, open.data.length - open.filled);
    this.#memory.write(open.address + open.filled, fitting);
    open.data.set(fitting, open.filled);
    open.filled += fitting.length;
  }

  /**
   * The loader that starts at this entry, or undefined when its bytes are not all there or something has been
   * written over them since (protocol reference §6.2).
   */
  loaderAt(entry: number): KnownRamLoader | undefined {
    for (const known of knownRamLoaders) {
      if (known.entry === entry && this.#holds(known.text) && this.#holds(known.data)) return known;
    }
    return unknownBuilds.map((build) => this.#unknown(build, entry)).find((loader) => loader !== undefined);
  }

  /** A build that is not in the list goes by its addresses. The length of a listed one with other bytes is no build. */
  #unknown(build: (typeof unknownBuilds)[number], entry: number): KnownRamLoader | undefined {
    const text = this.#segments.get(build.address);
    const data = [...this.#segments.values()].find(
      ({ address }) => address >= build.dataFrom && address < build.dataFrom + DATA_RANGE_BYTES,
    );
    const listed =
      build.generation === 2 &&
      knownRamLoaders.some((known) => known.generation === 2 && known.text.bytes === text?.data.length);
    if (entry !== build.entry || listed || text?.partial === true || text === undefined || data === undefined)
      return undefined;
    if (!this.#isIntact(text) || !this.#isIntact(data)) return undefined;
    return {
      name: `v${build.generation} of an unknown build`,
      generation: build.generation,
      text: { address: text.address, bytes: text.data.length, sha256: '' },
      data: { address: data.address, bytes: data.data.length },
      entry,
      skipsBlank: build.generation === 2,
    };
  }

  #holds(part: { readonly address: number; readonly bytes: number; readonly sha256?: string }): boolean {
    let end = part.address;
    for (let next = this.#segments.get(end); next !== undefined; next = this.#segments.get(end)) {
      if (!this.#isIntact(next) || next.data.length === 0) return false;
      end += next.data.length;
    }
    if (end - part.address !== part.bytes) return false;
    const digest = createHash('sha256').update(this.#memory.read(part.address, part.bytes)).digest('hex');
    return digest.startsWith(part.sha256 ?? '');
  }

  #isIntact({ address, data, filled }: Segment): boolean {
    return filled >= data.length && Buffer.compare(this.#memory.read(address, data.length), data) === 0;
  }
}
