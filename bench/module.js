import { systemClock } from '../dist/foundation/system-clock.js';
import { SimulatedChip } from '../dist/simulator/chip/chip.js';
import { efusesForMac } from '../dist/simulator/chip/efuses.js';
import { w25q32 } from '../dist/simulator/flash/flash-timing.js';

/** Old firmware everywhere: nothing may be left unerased. */
const used = new Uint8Array(w25q32.bytes).fill(0x5a);

/** What a module can have in its flash before the run. @typedef {'used' | 'blank' | 'same'} ModuleContent */

/**
 * What is in the flash of a module: old firmware everywhere, nothing, or the image among old firmware.
 * @param {ModuleContent} content
 * @param {Uint8Array} image at address 0, for `same`
 */
export function flashContent(content, image) {
  if (content === 'blank') return new Uint8Array(0);
  if (content === 'used') return used;
  const same = used.slice();
  same.set(image);
  return same;
}

/**
 * What every module of the bench is made of: a flash of 4 MB with the fixed timing.
 * @param {'fast' | 'real'} speed
 * @param {number} [number] gives each its own MAC
 * @param {Uint8Array} [content] of its flash, from address 0
 */
export function moduleParts(speed, number = 1, content = used) {
  const mac = `5c:cf:7f:00:00:${number.toString(16).padStart(2, '0')}`;
  return { clock: systemClock, speed, flash: { ...w25q32, content }, efuses: efusesForMac(mac) };
}

/**
 * A module with a used flash of 4 MB.
 * @param {'fast' | 'real'} speed
 * @param {number} [number] gives each its own MAC
 */
export function usedModule(speed, number = 1) {
  return new SimulatedChip(moduleParts(speed, number));
}
