import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/simulator/seeded-random.ts';
import { benchJob, bootableImage } from '../support/bench-job.ts';
import { VirtualStation } from '../support/virtual-station.ts';

const nests = 4;
/** `npm run test:long` asks for 10,000. */
const edgesWanted = Number(process.env['JIGD_EDGES'] ?? 3_000);
/** Some minutes of the station, thousands of timers. */
const testLimitMs = 240_000;
/** Before a press counts: the debouncing (production reference §3, rule 1). */
const debounceMs = 20;
const job = {
  ...benchJob({ regions: [[0, bootableImage(8_000)]] }),
  policy: { reflash: 'allow', attempts: 2, flashIds: null, variant: 'any' },
} as const;

/** What a finger does to one button. */
interface Gesture {
  readonly nest: number;
  /** Edges at these moments, ms; the first closes the contact. */
  readonly edges: readonly number[];
  /** Whether it is a press, by what the rules say of its length. */
  readonly press: boolean;
  readonly heldMs: number;
}

/** Contacts bounce for up to 9 ms, at both ends; a glitch is closed for less than the debouncing. */
function gesturesOf(nest: number, random: SeededRandom, edgeCount: number): Gesture[] {
  const gestures: Gesture[] = [];
  let atMs = 100 + random.below(1_000);
  let count = 0;
  const bounce = (fromMs: number): number[] => {
    const pairs = random.below(5);
    return Array.from({ length: 2 * pairs }, (_, index) => fromMs + ((index + 1) * 9) / (2 * pairs));
  };
  while (count < edgeCount) {
    const press = !random.happens(0.15);
    const heldMs = !press
      ? 1 + random.below(8)
      : random.happens(0.02)
        ? 5_500 + random.below(4_000)
        : 30 + random.below(700);
    const edges = press
      ? [atMs, ...bounce(atMs), atMs + heldMs, ...bounce(atMs + heldMs)]
      : [atMs, atMs + heldMs, ...(random.happens(0.5) ? [atMs + heldMs + 8, atMs + heldMs + 9] : [])];
    gestures.push({ nest, edges, press, heldMs });
    count += edges.length;
    // From as fast as a hand can, or a machine, to a pause.
    atMs = (edges.at(-1) ?? atMs) + 40 + random.below(random.happens(0.5) ? 80 : 2_500);
  }
  return gestures;
}

test(
  `a storm of ${edgesWanted} edges on four buttons starts exactly the runs that the rules allow`,
  { timeout: testLimitMs },
  async () => {
    const random = new SeededRandom(4);
    const gestures = Array.from({ length: nests }, (_, index) =>
      gesturesOf(index + 1, random, edgesWanted / nests),
    ).flat();
    const edges = gestures.flatMap((gesture) => gesture.edges);
    expect(edges.length).toBeGreaterThanOrEqual(edgesWanted);

    await using virtual = await VirtualStation.open(nests, job);
    const startMs = virtual.clock.monotonic();
    for (const { nest, edges: moments } of gestures) {
      const wire = virtual.button(nest);
      for (const [index, ms] of moments.entries())
        virtual.clock.after(ms, () => wire.pull(index % 2 === 0 ? 'low' : null));
    }
    await virtual.elapse(Math.max(...edges) + 30_000);

    const told = virtual.told.map(({ atMs, event }) => ({ atMs: atMs - startMs, event }));
    for (let nest = 1; nest <= nests; nest += 1) {
      const starts = told.flatMap(({ atMs, event }) =>
        event.kind === 'runStarted' && event.opening.nest === nest ? [atMs] : [],
      );
      const results = told.flatMap(({ atMs, event }) =>
        event.kind === 'runResult' && event.result.nest === nest ? [{ atMs, outcome: event.result.outcome }] : [],
      );
      const notices = (kind: string): number[] =>
        told.flatMap(({ atMs, event }) =>
          event.kind === 'notice' && event.notice.nest === nest && event.notice.kind === kind ? [atMs] : [],
        );
      expect(results.map(({ outcome }) => outcome)).toEqual(starts.map(() => 'PASS'));
      const isUnderWay = (ms: number): boolean =>
        starts.some((from, index) => from < ms && ms <= (results[index]?.atMs ?? Infinity));

      // The rules, applied to what the fingers did.
      const presses = gestures.filter((gesture) => gesture.nest === nest && gesture.press);
      const counted = presses.map(({ edges: [first = 0] }) => first + debounceMs);
      expect(starts.map(round)).toEqual(counted.filter((ms) => !isUnderWay(ms)).map(round));
      expect(notices('press-ignored').map(round)).toEqual(counted.filter((ms) => isUnderWay(ms)).map(round));
      expect(notices('blocked-start')).toEqual([]);
      const stuck = presses.filter(({ heldMs }) => heldMs > 5_000);
      expect(notices('button-stuck').map(round)).toEqual(
        stuck.map(({ edges: [first = 0] }) => round(first + debounceMs + 5_000)),
      );
      const many = edgesWanted / nests / 100;
      expect([starts.length > many, notices('press-ignored').length > many]).toEqual([true, true]);
    }
    expect(gestures.some(({ heldMs }) => heldMs > 5_000)).toBe(true);
    const rows = virtual.station.ledger.runs({ limit: 100_000 });
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => rows.length - index));
  },
);

function round(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
