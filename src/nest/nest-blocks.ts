import type { StationError } from '../foundation/faults.ts';

/** What can keep a nest from starting, the strongest first. */
const blockReasons = ['estop', 'stopping', 'port-missing', 'station-locked', 'locked', 'button-stuck'] as const;
export type BlockReason = (typeof blockReasons)[number];

/** Why a nest takes no start at present, whatever its run shows. */
export class NestBlocks {
  readonly #faults = new Map<BlockReason, StationError>();

  /** The strongest; null: the nest is free. */
  get first(): { readonly reason: BlockReason; readonly fault: StationError } | null {
    for (const reason of blockReasons) {
      const fault = this.#faults.get(reason);
      if (fault !== undefined) return { reason, fault };
    }
    return null;
  }

  add(reason: BlockReason, fault: StationError): void {
    this.#faults.set(reason, fault);
  }

  /** False when there was none. */
  remove(reason: BlockReason): boolean {
    return this.#faults.delete(reason);
  }
}
