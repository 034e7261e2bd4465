import { lowerBaud, higherBaud } from '../../bootloader/baud-change.ts';

/** How the link of one run behaved. */
export interface LinkExperience {
  /** The rate that was aimed at, baud. */
  readonly wantedBaud: number;
  /** The rate at the end, baud; null when no data were sent. */
  readonly baud: number | null;
  /** A rate was given up, or blocks arrived damaged several times. */
  readonly troubled: boolean;
}

/** The rate that every ROM loader follows, baud. */
export const safeBaud = 115_200;
/** Above this rate nobody has seen a ROM loader follow, baud (protocol reference §6.10). */
const fastestSyncBaud = 921_600;
const runsUntilNextTry = 20;

/**
 * What a nest remembers of its link from run to run: the best rate that works. After a number of runs without trouble
 * the next higher one is tried again. It is forgotten when the station stops.
 */
export class LinkMemory {
  #ceiling = Infinity;
  #goodRuns = 0;
  #safeStarts = 0;

  /** The rate to aim at. @param wanted the rate of the nest, baud */
  baud(wanted: number): number {
    return Math.min(wanted, this.#ceiling);
  }

  /** The rate to meet the ROM loader at. @param aim the rate of the link while writing, baud */
  syncBaud(aim: number): number {
    return Math.min(aim, this.#safeStarts > 0 ? safeBaud : fastestSyncBaud);
  }

  /** The ROM loader did not follow a fast first rate, or failed at it. */
  startedTooFast(): void {
    this.#safeStarts = runsUntilNextTry;
  }

  /** Learns from a run that has ended. */
  learn({ wantedBaud, baud, troubled }: LinkExperience): void {
    if (baud === null) return;
    this.#safeStarts = Math.max(0, this.#safeStarts - 1);
    if (troubled) {
      this.#goodRuns = 0;
      this.#ceiling = baud < this.baud(wantedBaud) ? baud : lowerBaud(baud);
      return;
    }
    this.#goodRuns += 1;
    if (this.#ceiling >= wantedBaud || this.#goodRuns < runsUntilNextTry) return;
    this.#goodRuns = 0;
    this.#ceiling = higherBaud(this.#ceiling);
  }
}
