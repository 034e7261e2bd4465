import type { StandingDecisions } from '../standing.ts';

/**
 * A person has explained the module: its MAC is on hold no longer, its failures up to now count against it no longer
 * (D09), and neither does the flash that it had (D04).
 * @param mac lower case with colons
 * @returns whether it was on hold
 * @throws StationError S01, S02; what was written by then stands, and may be done again
 */
export function releaseModule(standing: StandingDecisions, mac: string, who: string): boolean {
  standing.set({ kind: 'release', key: mac, value: who, detail: null, who });
  return standing.end('hold', mac, who);
}

/**
 * Lets a flash part pass for a product (F02), beside those that its job allows.
 * @param flashId maker first, such as "ef4016"
 * @throws StationError S01, S02
 */
export function acceptPart(standing: StandingDecisions, product: string, flashId: string, who: string): void {
  standing.add({ kind: 'part', key: product, value: flashId, detail: null, who });
}
