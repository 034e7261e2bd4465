import { createHash } from 'node:crypto';
import type { AddressSpace } from './address-space.ts';
import { generation1, type KnownRamLoader, knownRamLoaders } from './known-ram-loaders.ts';

interface Segment {
  readonly address: number;
  readonly data: Uint8Array;
  filled: number;
}

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
    this.#open = { address, data: new Uint8Array(Math.min(bytes, 0x40000)), filled: 0 };
    this.#segments.set(address, this.#open);
  }

  /** Stores the bytes behind those of the frame before. */
  append(data: Uint8Array): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#memory.write(open.address + open.filled, data);
    open.data.set(
      data.subarray(0, Math.max(0, open.data.length - open.filled)),
      Math.min(open.filled, open.data.length),
    );
    open.filled += data.length;
  }

  /**
   * The loader that starts at this entry, or undefined when its bytes are not all there or something has been
   * written over them since (protocol reference §6.2).
   */
  loaderAt(entry: number): KnownRamLoader | undefined {
    for (const known of knownRamLoaders) {
      if (known.entry === entry && this.#holds(known.text) && this.#holds(known.data)) return known;
    }
    return entry === generation1.entry ? this.#unknownGeneration1() : undefined;
  }

  #unknownGeneration1(): KnownRamLoader | undefined {
    const text = this.#segments.get(generation1.address);
    const data = [...this.#segments.values()].find(({ address }) => address >= 0x3fffac00 && address < 0x3fffb000);
    if (text === undefined || data === undefined || !this.#isIntact(text) || !this.#isIntact(data)) return undefined;
    return {
      name: 'v1 of an unknown build',
      generation: 1,
      text: { address: text.address, bytes: text.data.length, sha256: '' },
      data: { address: data.address, bytes: data.data.length },
      entry: generation1.entry,
      skipsBlank: false,
    };
  }

  #holds(part: { readonly address: number; readonly bytes: number; readonly sha256?: string }): boolean {
    const segment = this.#segments.get(part.address);
    if (segment?.data.length !== part.bytes || !this.#isIntact(segment)) return false;
    const digest = createHash('sha256').update(segment.data).digest('hex');
    return digest.startsWith(part.sha256 ?? '');
  }

  #isIntact({ address, data, filled }: Segment): boolean {
    return filled >= data.length && Buffer.compare(this.#memory.read(address, data.length), data) === 0;
  }
}
