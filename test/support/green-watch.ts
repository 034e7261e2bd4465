import type { Station } from '../../src/daemon.ts';
import type { ShownState } from '../../src/nest/run/run.ts';
import { SimulatedChip } from '../../src/simulator/chip/chip.ts';
import { holdsJob } from './virtual-bench.ts';
import type { VirtualStationNest } from './virtual-station-nest.ts';

/** Compares every green lamp, in the moment in which it is lit, with the ledger and with the module in the nest. */
export class GreenWatch {
  /** What was wrong, one sentence each. */
  readonly wrong: string[] = [];
  /** How often a nest became green. */
  count = 0;

  watch(nest: VirtualStationNest, station: Station): void {
    const judged = new WeakSet<ShownState>();
    nest.wire('pass').onChange((level) => {
      const state = station.nests[nest.number - 1]?.state;
      // A pattern that flashes is one statement.
      if (level !== 'high' || state === undefined || judged.has(state)) return;
      judged.add(state);
      this.count += 1;
      const problem = problemOf(state, nest, station);
      if (problem !== null) this.wrong.push(`Nest ${nest.number} is green, but ${problem}.`);
    });
  }

  /** @throws Error when a green lamp was wrong */
  assertRight(): void {
    if (this.wrong.length > 0) throw new Error(this.wrong.join(' '));
  }
}

function problemOf(state: ShownState, nest: VirtualStationNest, station: Station): string | null {
  const { job } = station;
  const { chip } = nest.socket;
  if (job === null) return 'there is no job';
  if (!(chip instanceof SimulatedChip)) return 'there is no module in it';
  if (!holdsJob(chip, job)) return 'the module does not hold the job';
  if (state.name === 'refused') return state.fault.code === 'D05' ? null : `it was refused as ${state.fault.code}`;
  if (state.name !== 'shown' || state.outcome !== 'PASS') return `its state is ${state.name}`;
  const last = station.ledger.runs({ nest: nest.number, limit: 1 })[0];
  if (last?.run_id !== state.runId || last.outcome !== 'PASS') return 'no pass of this run is on disk';
  return null;
}
