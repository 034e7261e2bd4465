import { CpuLimitError, withinCpu } from '../foundation/cpu-limit.ts';

// Long, since a busy machine must not make a good pattern a slow one.
const limitMs = 500;
const usual = 'a1 .-_:;"x/';
const repeats = 48;

/**
 * Whether a search with this pattern may never end, as with repeats inside of repeats. It is tried on texts of what
 * stands in the pattern itself, over and over, with an end that cannot match: no proof, but what people write is found.
 */
export function isSlowPattern(pattern: RegExp): boolean {
  const { source } = pattern;
  const beginnings = ['', source.replace(/[^\w :=-][^]*$/, ''), source.replace(/[^\w :=-]/g, '')];
  const pieces = [...new Set(usual + source)].flatMap((piece) => [piece, `${piece} `, `${piece}a`]);
  try {
    withinCpu(limitMs, () => {
      for (const beginning of beginnings) {
        for (const piece of pieces) pattern.exec(`${beginning}${piece.repeat(repeats)}\u0001`);
      }
    });
    return false;
  } catch (error) {
    if (error instanceof CpuLimitError) return true;
    throw error;
  }
}
