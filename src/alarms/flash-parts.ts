import type { RunTrace } from '../ledger/runs/recent-runs.ts';
import type { Standing, StandingDecisions } from '../nest/standing.ts';
import type { Verdict } from './rule.ts';

const slug = 'new-flash-id';

/** A run in production, as far as it is looked at. */
type RunOfPart = Pick<RunTrace, 'product' | 'flash_id'>;

/**
 * A flash part that a product has not had: the maker of the module has taken another one. Kept on disk, since it may be
 * known for a million runs; told until somebody has seen it.
 */
export class FlashParts {
  readonly #standing: StandingDecisions;
  /** Flash ids by product. */
  readonly #seen = new Map<string, Set<string>>();
  /** Those on disk. */
  readonly #kept = new Map<string, Set<string>>();
  /** What nobody has seen yet. */
  #news: readonly Standing[];

  /** @throws StationError S01 */
  constructor(standing: StandingDecisions) {
    this.#standing = standing;
    this.#news = standing.of('alarm', slug);
    for (const { key, value } of standing.of('seen-part')) {
      add(this.#seen, key, value);
      add(this.#kept, key, value);
    }
  }

  /**
   * Runs from before the start. Of a product of which nothing is on disk, their parts are the usual ones. Else a part that
   * is not there is news, which a kill behind the result has kept from being told.
   * @throws StationError S01, S02
   */
  learn(runs: readonly RunOfPart[]): void {
    const different = [...new Map(runs.map((run) => [`${run.product} ${run.flash_id}`, run])).values()];
    const known = new Set(this.#kept.keys());
    for (const { product, flash_id: part } of different) {
      if (product !== null && part !== null && !known.has(product)) add(this.#seen, product, part);
    }
    for (const run of different) this.take(run);
  }

  /** @throws StationError S01, S02; the part is new again then */
  take({ product, flash_id: part }: RunOfPart): void {
    if (product === null || part === null || this.#kept.get(product)?.has(part) === true) return;
    const seen = this.#seen.get(product);
    if (seen !== undefined && !seen.has(part) && !this.#isAccepted(product, part)) {
      const detail = `The flash part ${part} has not been met with ${product} before.`;
      this.#standing.add({ kind: 'alarm', key: slug, value: `${product} ${part}`, detail, who: 'station' });
      this.#news = this.#standing.of('alarm', slug);
    }
    add(this.#seen, product, part);
    this.#standing.add({ kind: 'seen-part', key: product, value: part, detail: null, who: 'station' });
    add(this.#kept, product, part);
  }

  verdicts(): Verdict[] {
    const [first] = this.#news;
    if (first === undefined) return [[slug, null]];
    const detail = this.#news.map((news) => news.detail ?? news.value).join(' ');
    const about = this.#news.map(({ value }) => value).join();
    return [[slug, { nest: null, code: null, detail, about, since: Date.parse(first.at) }]];
  }

  /** Somebody has seen it. False when there is nothing to see. @throws StationError S01, S02 */
  acknowledge(who: string): boolean {
    const ended = this.#standing.end('alarm', slug, who);
    this.#news = [];
    return ended;
  }

  /** Somebody has met it before the station did. */
  #isAccepted(product: string, part: string): boolean {
    return this.#standing.of('part', product).some(({ value }) => value === part);
  }
}

function add(parts: Map<string, Set<string>>, product: string, part: string): void {
  const known = parts.get(product);
  if (known === undefined) parts.set(product, new Set([part]));
  else known.add(part);
}
