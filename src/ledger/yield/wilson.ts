/** A share with its 95 % interval, all 0 … 1. */
export interface Rate {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** The 97.5 % point of the normal distribution. */
const z = 1.959963984540054;

/** The share of successes with its Wilson 95 % interval; null when there was nothing to count. */
export function wilson(successes: number, total: number): Rate | null {
  if (total === 0) return null;
  const share = successes / total;
  const scale = 1 + z ** 2 / total;
  const centre = (share + z ** 2 / (2 * total)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / total + z ** 2 / (4 * total ** 2));
  return { share, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
