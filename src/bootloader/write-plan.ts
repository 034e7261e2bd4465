import type { ValuesOf } from '../foundation/byte-fields.ts';
import { commands, encodeFrame } from './commands.ts';
import { deflateBlocks, rawBlocks, sentBytes } from './deflate-blocks.ts';
import type { Block } from './deflate-blocks.ts';
import { estimateWriteMs } from './write-estimate.ts';
import type { WriteConditions } from './write-estimate.ts';

/** What the writer needs of a region; every time the same object for the same bytes. */
export interface FlashRegion {
  /** Flash address in bytes, a multiple of 4096. */
  readonly address: number;
  readonly data: Uint8Array;
  /** MD5 of `data`, lower-case hexadecimal. */
  readonly md5: string;
}

/** A part of a region that is erased and left so, because it is to hold nothing but FF. */
export interface EraseStep {
  readonly kind: 'erase';
  readonly address: number;
  readonly bytes: number;
}

/** A part of a region that is sent as one stream. */
export interface WriteStep {
  readonly kind: 'write';
  readonly address: number;
  /** Bytes of flash. */
  readonly bytes: number;
  readonly compressed: boolean;
  readonly blocks: readonly Block[];
  /** The request of each block as it goes over the wire, ready to leave at once and shared by all nests. */
  readonly frames: readonly Uint8Array[];
}

export type PlanStep = EraseStep | WriteStep;

/** The unit that one erase of the RAM loader takes away at once (protocol reference §6.7). */
const eraseBlockBytes = 0x10000;
// After an erase of everything, a shorter run costs more in the cut than it saves.
const shortestErasedRun = 0x4000;

interface Part {
  readonly address: number;
  readonly data: Uint8Array;
  readonly blank: boolean;
}

/** What was made of a region so far: its plans by their conditions, its compressed parts by their place. */
interface Made {
  readonly plans: Map<string, Promise<readonly PlanStep[]>>;
  readonly deflated: Map<string, Promise<readonly Block[]>>;
}

const madeOf = new WeakMap<FlashRegion, Made>();

/**
 * How a region gets into the flash, in ascending order: runs of FF are not sent, the rest compressed or not, whichever is
 * faster under the conditions. Made once for a region and its conditions, however many nests write it.
 */
export function planRegion(region: FlashRegion, conditions: WriteConditions): Promise<readonly PlanStep[]> {
  const made: Made = madeOf.get(region) ?? { plans: new Map(), deflated: new Map() };
  madeOf.set(region, made);
  const key = `${conditions.baud} ${conditions.erased}`;
  const plan = made.plans.get(key) ?? makePlan(region, conditions, made);
  made.plans.set(key, plan);
  return plan;
}

/** What sends the blocks of a stream. */
export function dataCommand(compressed: boolean): typeof commands.flashData {
  return compressed ? commands.flashDeflData : commands.flashData;
}

/** The header of a block. @param sequence from 0 in each stream */
export function dataHeader(bytes: Uint8Array, sequence: number): ValuesOf<typeof commands.flashData.request> {
  return { dataBytes: bytes.length, sequence, unused1: 0, unused2: 0 };
}

/** The bytes of data that the steps put on the line. */
export function plannedBytes(steps: readonly PlanStep[]): number {
  return steps.reduce((sum, step) => sum + (step.kind === 'write' ? sentBytes(step.blocks) : 0), 0);
}

async function makePlan(
  region: FlashRegion,
  conditions: WriteConditions,
  { deflated }: Made,
): Promise<readonly PlanStep[]> {
  const steps: PlanStep[] = [];
  for (const { address, data, blank } of partsOf(region, conditions.erased ? shortestErasedRun : eraseBlockBytes)) {
    const place = `${address} ${data.length}`;
    if (!blank) {
      const blocks = deflated.get(place) ?? deflateBlocks(data);
      deflated.set(place, blocks);
      steps.push(await streamOf(address, data, conditions, blocks));
    } else if (!conditions.erased) steps.push({ kind: 'erase', address, bytes: data.length });
  }
  return steps;
}

/** The bytes as one stream, compressed or not. @param compressing their compressed blocks */
export async function streamOf(
  address: number,
  data: Uint8Array,
  conditions: WriteConditions,
  compressing: Promise<readonly Block[]> = deflateBlocks(data),
): Promise<WriteStep> {
  const raw = rawBlocks(data);
  const deflated = await compressing;
  const compressed =
    sentBytes(deflated) < data.length &&
    estimateWriteMs(deflated, true, conditions) < estimateWriteMs(raw, false, conditions);
  const blocks = compressed ? deflated : raw;
  const command = dataCommand(compressed);
  const frames = blocks.map(({ bytes }, sequence) => encodeFrame(command, dataHeader(bytes, sequence), bytes));
  return { kind: 'write', address, bytes: data.length, compressed, blocks, frames };
}

/** The region cut where blocks of FF of this size, aligned to it, begin and end. */
function partsOf({ address, data }: FlashRegion, unitBytes: number): Part[] {
  const parts: Part[] = [];
  let start = 0;
  let blank = false;
  const close = (end: number): void => {
    if (end > start) parts.push({ address: address + start, data: data.subarray(start, end), blank });
    start = end;
  };
  for (let at = unitBytes - (address % unitBytes || unitBytes); at < data.length; at += unitBytes) {
    const isBlank = at + unitBytes <= data.length && data.subarray(at, at + unitBytes).every((byte) => byte === 0xff);
    if (isBlank !== blank) close(at);
    blank = isBlank;
  }
  close(data.length);
  return parts;
}
