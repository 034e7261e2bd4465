import type { Clock } from '../../foundation/clock.ts';
import { FrameRing } from './frame-ring.ts';
import { tracedFrames } from './frame-names.ts';
import { KeptText } from './kept-text.ts';
import type { LinkChange, LinkRecord, TracedLine } from './run-evidence.ts';

/** Told of everything that passes between the station and a module, as it happens. */
export interface LinkListener {
  sent(bytes: Uint8Array): void;
  heard(bytes: Uint8Array): void;
  rate(baud: number): void;
  line(line: TracedLine, active: boolean): void;
}

/** Frames kept of each direction: a module that babbles takes nothing from what the station sent. */
export const framesEachWay = 32;
/** Several attempts at a contact, each with its text, and the start of the application. */
export const textsAtMost = 12;
/** A reset is four changes of lines and two of the rate. */
export const changesAtMost = 96;

const delimiter = 0xc0;

interface Text {
  readonly atMs: number;
  readonly baud: number;
  readonly kept: KeptText;
}

/**
 * The last of what passed on a link, in bounded memory. What is heard after a change of rate, before the station has
 * sent anything, is text, and so is all that an application says; the rest is cut into frames at its delimiters.
 */
export class LinkTrace implements LinkListener {
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #sent = new FrameRing(framesEachWay);
  readonly #heard = new FrameRing(framesEachWay);
  readonly #texts: Text[] = [];
  readonly #changes: LinkChange[] = [];
  readonly #active = new Map<TracedLine, boolean>();
  #order = 0;
  #sentBytes = 0;
  #heardBytes = 0;
  #baud = 0;
  #text: Text | null = null;
  /** Nothing was sent since the rate was set. */
  #hasTheWord = true;
  /** An application is spoken to: what it says stays text, whatever was sent. */
  isTalk = false;
  /** The frame that was heard last: over, bytes outside a frame, or a frame that has begun, without or with content. */
  #frame: 'over' | 'raw' | 'begun' | 'filled' = 'over';

  /** @param startMs the start of the run on the monotonic clock; all times count from it */
  constructor(clock: Clock, startMs: number) {
    this.#clock = clock;
    this.#startMs = startMs;
  }

  sent(bytes: Uint8Array): void {
    this.#sentBytes += bytes.length;
    this.#hasTheWord = this.isTalk;
    this.#frame = 'over';
    this.#sent.begin(this.#now, (this.#order += 1));
    this.#sent.append(bytes);
  }

  heard(bytes: Uint8Array): void {
    this.#heardBytes += bytes.length;
    if (this.#hasTheWord) this.#hearText(bytes);
    else this.#hearFrames(bytes);
  }

  rate(baud: number): void {
    this.#baud = baud;
    this.#text = null;
    this.#hasTheWord = true;
    this.#frame = 'over';
    this.#change({ atMs: this.#now, kind: 'rate', baud });
  }

  line(line: TracedLine, active: boolean): void {
    if ((this.#active.get(line) ?? false) === active) return;
    this.#active.set(line, active);
    this.#change({ atMs: this.#now, kind: 'line', line, active });
  }

  record(): LinkRecord {
    return {
      sentBytes: this.#sentBytes,
      heardBytes: this.#heardBytes,
      texts: this.#texts.map(({ atMs, baud, kept: { bytes, start, end } }) => ({ atMs, baud, bytes, start, end })),
      frames: tracedFrames(this.#sent.kept(), this.#heard.kept()),
      changes: [...this.#changes],
    };
  }

  /** To a tenth of a millisecond: a frame takes some of them. */
  get #now(): number {
    return Math.round((this.#clock.monotonic() - this.#startMs) * 10) / 10;
  }

  #change(change: LinkChange): void {
    this.#changes.push(change);
    if (this.#changes.length > changesAtMost) this.#changes.shift();
  }

  #hearText(bytes: Uint8Array): void {
    if (this.#text === null) {
      this.#text = { atMs: this.#now, baud: this.#baud, kept: new KeptText() };
      this.#texts.push(this.#text);
      if (this.#texts.length > textsAtMost) this.#texts.shift();
    }
    this.#text.kept.add(bytes);
  }

  #hearFrames(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length;) {
      const found = bytes.indexOf(delimiter, from);
      const end = found === -1 ? bytes.length : found;
      if (end > from) this.#hearInside(bytes.subarray(from, end));
      if (found !== -1) this.#hearDelimiter(bytes.subarray(found, found + 1));
      from = end + 1;
    }
  }

  #hearInside(bytes: Uint8Array): void {
    if (this.#frame === 'over') this.#begin('raw');
    if (this.#frame === 'begun') this.#frame = 'filled';
    this.#heard.append(bytes);
  }

  /** Of several delimiters in a row only the first is kept. */
  #hearDelimiter(bytes: Uint8Array): void {
    if (this.#frame === 'begun') return;
    const ends = this.#frame === 'filled';
    if (!ends) this.#begin('begun');
    this.#heard.append(bytes);
    if (ends) this.#frame = 'over';
  }

  #begin(frame: 'raw' | 'begun'): void {
    this.#heard.begin(this.#now, (this.#order += 1));
    this.#frame = frame;
  }
}
