import type { StationError } from '../foundation/faults.ts';
import { isUnderWay } from './run/run.ts';
import type { RunState, ShownState } from './run/run.ts';

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

  /** Something besides a stop of the station is in the way: what was shown before it is not seen any more. */
  get hideVerdicts(): boolean {
    return [...this.#faults.keys()].some((reason) => reason !== 'stopping');
  }

  /** What the nest shows over its run. */
  over(state: RunState): ShownState {
    const block = this.first;
    if (block === null || isUnderWay(state)) return state;
    if (block.reason !== 'stopping') return { name: 'blocked', fault: block.fault };
    // A verdict is to be seen for as long as the station can say it; but a green that went out does not come back.
    const isSeen = state.name === 'shown' && (state.outcome !== 'PASS' || !this.hideVerdicts);
    return isSeen ? state : { name: 'stopping', fault: block.fault };
  }

  add(reason: BlockReason, fault: StationError): void {
    this.#faults.set(reason, fault);
  }

  /** False when there was none. */
  remove(reason: BlockReason): boolean {
    return this.#faults.delete(reason);
  }
}
