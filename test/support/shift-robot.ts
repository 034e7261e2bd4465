import { lookMs } from './lamp-watch.ts';
import { shiftJob } from './shift-tray.ts';
import type { ShiftModule, ShiftTray } from './shift-tray.ts';
import { holdsJob } from './virtual-bench.ts';
import type { VirtualStation } from './virtual-station.ts';

/** Unload, load, close: what a hand takes (production reference §8), ms. */
const handlingMs = 6_000;
const pressMs = 100;
/** From the release of a module to its firmware, ms. */
const startLimitMs = 1_000;
/** A module that the lamp does not want taken out may be tried so often. */
const triesAtMost = 2;

/** One run as the robot saw it, beside the truth. */
export interface SortedRun {
  readonly nest: number;
  readonly module: ShiftModule;
  /** The pattern of the lamps at the end. */
  readonly lamps: string;
  /** The run has locked its nest, which hides its verdict. */
  readonly locked: boolean;
  /** The flash has the job, and the firmware runs and does what it has to. */
  readonly isGood: boolean;
  /** From the press to the end of the run. */
  readonly ms: number;
}

export interface ShiftParts {
  readonly at: VirtualStation;
  readonly tray: ShiftTray;
  /** A run may take so long. */
  readonly limitMs: number;
  /** Asked before each run. False: the shift is over. */
  readonly takesNext: () => boolean;
  readonly sorted: (run: SortedRun) => void;
}

/** Works one nest: inserts, presses, sorts by the lamp alone. @throws Error when a press has no end within the limit */
export async function workNest(parts: ShiftParts, nest: number): Promise<void> {
  const { at, tray, takesNext } = parts;
  const { clock } = at;
  while (takesNext()) {
    const module = tray.next();
    at.put(nest, module.chip);
    for (let tries = 1; ; tries += 1) {
      await clock.sleep(handlingMs);
      const lamps = await runOnce(parts, nest, module);
      // A technician looks at the nest and lets it go on.
      if (lamps === 'no-verdict') at.station.alarms.locks.unlock(nest, 'technician');
      if (lamps !== 'fail' || tries >= triesAtMost || !takesNext()) break;
      at.nest(nest).remove();
      module.reseat();
      at.put(nest, module.chip);
    }
    at.nest(nest).remove();
    module.chip.dispose();
  }
}

async function runOnce({ at, limitMs, sorted }: ShiftParts, nest: number, module: ShiftModule): Promise<string> {
  const { clock } = at;
  const button = at.button(nest);
  const startMs = clock.monotonic();
  button.pull('low');
  await clock.sleep(pressMs);
  button.pull(null);
  while (['opening', 'running', 'closing'].includes(at.state(nest).name)) {
    if (clock.monotonic() - startMs > limitMs) {
      throw new Error(`Nest ${nest} has been busy for ${limitMs} ms with ${module.fault ?? 'a good module'}.`);
    }
    await clock.sleep(50);
  }
  const ms = clock.monotonic() - startMs;
  // A result that waits for the next start is seen whenever somebody looks.
  await clock.sleep(2 * lookMs);
  const lamps = at.nest(nest).lamps.pattern;
  const { chip } = module;
  const giveUpMs = clock.monotonic() + startLimitMs;
  while (chip.state === 'reset' && clock.monotonic() < giveUpMs) await clock.sleep(20);
  const isGood = module.firmwareIsRight && chip.state === 'application' && holdsJob(chip, shiftJob);
  const state = at.state(nest);
  const locked = state.name === 'blocked' && state.fault.code === 'S07';
  sorted({ nest, module, lamps, locked, isGood, ms });
  return lamps;
}
