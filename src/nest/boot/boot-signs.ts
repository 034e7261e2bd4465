import { romHeaders } from '../../bootloader/rom-text.ts';
import { StationError } from '../../foundation/faults.ts';
import { printable } from './printable.ts';

// Production reference §4.5: three starts are a loop, one by the watchdog is enough.
const startsOfLoop = 3;
const watchdogCause = 4;
// Protocol reference §1.2: a restart by the firmware itself reads as one of the reset pin, never as one of the supply.
const powerOnCause = 1;
const resetPinCause = 2;
const crashesOfLoop = 2;
const crash = /(?:Fatal e|\bE)xception \(?\d+\)?/g;
const radioComplaint = /rf_cal\[0\] ?!= ?0x05[^\r\n]{0,24}/;
const lineAtMost = 512;

/** What lines tell, whatever firmware prints them. */
interface Signs {
  /** Reset causes of the headers of the ROM, oldest first. */
  readonly causes: readonly (number | null)[];
  readonly crashes: readonly string[];
  readonly complaint: string | null;
}

/** Watches the text since the final reset for what every firmware says when it cannot get on. */
export class BootSigns {
  #finished: Signs = { causes: [], crashes: [], complaint: null };
  /** The line that has not ended yet. */
  #line = '';

  add(text: string): void {
    const lines = (this.#line + text).split(/[\r\n]+/);
    this.#line = (lines.pop() ?? '').slice(-lineAtMost);
    for (const line of lines) this.#finished = joined(this.#finished, signsIn(line));
  }

  /** How often the module has started since the final reset, as far as it could be read. */
  get starts(): number {
    return this.#all.causes.length;
  }

  /** B06 when the firmware finds no radio data that fit it; null while it says nothing of that kind. */
  get radioFault(): StationError | null {
    const { complaint } = this.#all;
    return complaint === null ? null : new StationError('B06', `The firmware printed "${printable(complaint)}".`);
  }

  /**
   * C06 as soon as it is certain that the supply was gone for a moment, so that nobody knows whether it is still the same
   * module; B03 when it starts again and again.
   */
  get restartFault(): StationError | null {
    const { causes, crashes } = this.#all;
    if (causes[0] === resetPinCause && causes.slice(1).includes(powerOnCause)) {
      return new StationError('C06', 'The module lost its supply during the boot check; it may be another one now.');
    }
    // The first start is that of the station.
    if (causes.slice(1).includes(watchdogCause)) {
      return new StationError('B03', `The watchdog restarted the module (rst cause:${watchdogCause}).`);
    }
    if (crashes.length >= crashesOfLoop) {
      return new StationError('B03', `The firmware crashed again and again: "${crashes.at(-1) ?? ''}".`);
    }
    if (causes.length < startsOfLoop) return null;
    return new StationError('B03', `The module started ${causes.length} times after one reset.`);
  }

  get #all(): Signs {
    return joined(this.#finished, signsIn(this.#line));
  }
}

function signsIn(line: string): Signs {
  return {
    causes: romHeaders(line).map(({ resetCause }) => resetCause),
    crashes: [...line.matchAll(crash)].map(([text]) => text),
    complaint: radioComplaint.exec(line)?.[0] ?? null,
  };
}

function joined(before: Signs, after: Signs): Signs {
  return {
    causes: [...before.causes, ...after.causes],
    crashes: [...before.crashes, ...after.crashes],
    complaint: before.complaint ?? after.complaint,
  };
}
