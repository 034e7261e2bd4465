import { expect } from 'vitest';
import type { FaultCode } from '../../src/foundation/faults.ts';
import type { Application } from '../../src/simulator/chip/chip-options.ts';
import type { SimulatedChip } from '../../src/simulator/chip/chip.ts';
import { behaviourApplication, behaviourJob } from './behaviour-job.ts';
import { lamps, run } from './station-steps.ts';
import { VirtualStation } from './virtual-station.ts';
import type { VirtualStationOptions } from './virtual-station.ts';
import type { ModuleOptions } from './virtual-station-nest.ts';

export interface BehaviourOptions extends VirtualStationOptions {
  /** Default 1. */
  readonly nests?: number;
}

/** For a job with other images: it says nothing. */
export const silentApplication: Application = { regions: [], banner: '', baud: 115_200 };

let modules = 0;

/** A good blank module with a MAC of its own, unless something else is said. */
export function goodModule(options: ModuleOptions = {}): ModuleOptions {
  modules += 1;
  const mac = `5c:cf:7f:10:${hex(modules >> 8)}:${hex(modules & 0xff)}`;
  return { mac, application: behaviourApplication, ...options };
}

/** A station in virtual time with the job of the behaviours and a good module in each nest. */
export function behaviourStation({ nests = 1, ...options }: BehaviourOptions = {}): Promise<VirtualStation> {
  return VirtualStation.open(nests, behaviourJob, { module: () => goodModule(), ...options });
}

/** What a press on a nest with a bad module has to come to: red, a record with the code, and the next module passes. */
export async function failsAs(at: VirtualStation, code: FaultCode, pattern: string, nest = 1): Promise<void> {
  const seq = at.station.ledger.lastSeq();
  expect(await run(at, nest)).toMatchObject({ outcome: 'FAIL', pass: 0, code, seq: seq + 1 });
  expect(await lamps(at, nest)).toBe(pattern);
  await nextPasses(at, nest);
}

/** The next module on a nest passes, is green, and is the only one that this run has made. */
export async function nextPasses(at: VirtualStation, nest = 1, module: ModuleOptions = {}): Promise<SimulatedChip> {
  const seq = at.station.ledger.lastSeq();
  const chip = at.insert(nest, goodModule(module));
  await at.elapse(200);
  expect(await run(at, nest)).toMatchObject({ outcome: 'PASS', code: null, seq: seq + 1, nest });
  expect(await lamps(at, nest)).toBe('pass');
  return chip;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
