import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../src/foundation/clock.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';

export interface PosingChip {
  readonly label: string;
  readonly base: number;
  readonly lines: number;
}

/** A folder that poses as /sys/class/gpio; it is removed when the scope ends. */
export class PosingSysfs implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'jigd-gpio-'));

  constructor(chips: readonly PosingChip[] = [], withExport = true) {
    if (withExport) writeFileSync(join(this.root, 'export'), '');
    for (const { label, base, lines } of chips) {
      this.write(`gpiochip${base}`, { label: `${label}\n`, base: `${base}\n`, ngpio: `${lines}\n` });
    }
  }

  /** Makes a folder with these files. */
  write(folder: string, files: Readonly<Record<string, string>>): void {
    mkdirSync(join(this.root, folder), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.root, folder, name), text);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  /** The files of a line that is exported. */
  addLine(number: number, files: Readonly<Record<string, string>> = {}): void {
    this.write(`gpio${number}`, { value: '0', direction: 'in', edge: 'none', active_low: '0', ...files });
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A clock whose sleeps take no time; `asleep` is told the ms that have passed by then. */
export function hastyClock(asleep: (elapsedMs: number) => void = () => undefined): Clock {
  let elapsedMs = 0;
  return {
    ...systemClock,
    monotonic: () => elapsedMs,
    sleep: (ms) => {
      elapsedMs += ms;
      asleep(elapsedMs);
      return Promise.resolve();
    },
  };
}
