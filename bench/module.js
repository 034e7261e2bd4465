import { systemClock } from '../dist/foundation/system-clock.js';
import { SimulatedChip } from '../dist/simulator/chip.js';
import { efusesForMac } from '../dist/simulator/efuses.js';
import { w25q32 } from '../dist/simulator/flash-timing.js';

/** Old firmware everywhere: nothing may be left unerased. */
const used = new Uint8Array(w25q32.bytes).fill(0x5a);

/**
 * A module with a used flash of 4 MB.
 * @param {'fast' | 'real'} speed
 * @param {number} [number] gives each its own MAC
 */
export function usedModule(speed, number = 1) {
  const mac = `5c:cf:7f:00:00:${number.toString(16).padStart(2, '0')}`;
  return new SimulatedChip({
    clock: systemClock,
    speed,
    flash: { ...w25q32, content: used },
    efuses: efusesForMac(mac),
  });
}
