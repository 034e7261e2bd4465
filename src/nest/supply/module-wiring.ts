import type { ModuleReset } from '../../bootloader/reset-sequences.ts';
import type { Clock } from '../../foundation/clock.ts';
import type { OutputLine } from '../../gpio/line.ts';
import { ConstantSupply } from './constant-supply.ts';
import { StrapGuard } from './strap-guard.ts';
import type { ModuleSupply } from './module-supply.ts';
import type { PowerTurns } from './power-turns.ts';
import { SwitchedSupply } from './switched-supply.ts';

/** The open lines of a nest that reach its module. */
export interface ModuleLines {
  /** null: DTR and RTS of the port reset the module. */
  readonly straps: { readonly gpio0: OutputLine; readonly rst: OutputLine } | null;
  /** null: the module is always fed. */
  readonly power: OutputLine | null;
}

export interface WiringParts {
  readonly clock: Clock;
  /** Shared by all nests of the station. */
  readonly turns: PowerTurns;
  /** Told of each line that does not obey when the supply goes or is cut. */
  readonly failed: (error: unknown) => void;
}

/** How a module is reset and fed; the one knows of the other. */
export interface ModuleWiring {
  readonly reset: ModuleReset;
  readonly supply: ModuleSupply;
}

/** Ties the reset of a module to its supply, so that nobody drives it while it is not fed. */
export function wireModule({ straps: lines, power }: ModuleLines, { clock, turns, failed }: WiringParts): ModuleWiring {
  const straps = new StrapGuard();
  // GPIO0 is released first, as at the end of every reset.
  const reset: ModuleReset =
    lines === null
      ? { kind: 'modem', mayDrive: () => straps.allowed }
      : { kind: 'lines', gpio0: straps.guard(lines.gpio0), rst: straps.guard(lines.rst) };
  const supply =
    power === null ? new ConstantSupply(straps, failed) : new SwitchedSupply({ power, straps, clock, turns, failed });
  return { reset, supply };
}
