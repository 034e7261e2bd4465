import type { Clock } from '../../foundation/clock.ts';
import type { RunResult } from '../../nest/run/run-result.ts';
import type { Application } from '../../simulator/chip/chip-options.ts';
import type { SimulatedChip } from '../../simulator/chip/chip.ts';

/** How long a module may take to start after the station has let go of it, ms. */
const startLimitMs = 1_000;
const lookEveryMs = 20;

/** Whether the module is what a green lamp promises: it holds the job, and it runs. */
export async function isGood(chip: SimulatedChip, application: Application, clock: Clock): Promise<boolean> {
  const holds = application.regions.every(
    ({ address, data }) => Buffer.compare(chip.flash.read(address, data.length), data) === 0,
  );
  if (!holds) return false;
  const limit = clock.monotonic() + startLimitMs;
  while (chip.state === 'reset' && clock.monotonic() < limit) await clock.sleep(lookEveryMs);
  return chip.state === 'application';
}

/** One verdict beside the truth. */
export interface JudgedRun {
  readonly result: RunResult;
  readonly good: boolean;
}

/** A verdict is right when it is PASS exactly for a good module. */
export function isRight({ result, good }: JudgedRun): boolean {
  return (result.outcome === 'PASS') === good;
}
