import type { ModuleReset } from '../../bootloader/reset-sequences.ts';
import type { OutputLine } from '../../gpio/line.ts';
import type { SerialLink } from '../../serial/serial-link.ts';
import type { LinkListener } from './link-trace.ts';
import type { TracedLine } from './run-evidence.ts';

/** Another link, with somebody who listens. What goes wrong with the listening is no fault of the link. */
export class RecordingLink implements SerialLink {
  readonly #link: SerialLink;
  readonly #listener: LinkListener;

  constructor(link: SerialLink, listener: LinkListener) {
    this.#link = link;
    this.#listener = listener;
    this.#noteRate();
  }

  get path(): string {
    return this.#link.path;
  }

  get baud(): number {
    return this.#link.baud;
  }

  write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    // Before it is on its way: the answer may be there before the driver has said that it took the bytes.
    try {
      this.#listener.sent(bytes);
    } catch {
      // Evidence may be missing; a run may not fail for it.
    }
    return this.#link.write(bytes, signal);
  }

  async read(signal: AbortSignal): Promise<Uint8Array> {
    const bytes = await this.#link.read(signal);
    try {
      this.#listener.heard(bytes);
    } catch {
      // As above.
    }
    return bytes;
  }

  discardInput(): Promise<void> {
    return this.#link.discardInput();
  }

  async setBaud(baud: number, signal: AbortSignal): Promise<void> {
    await this.#link.setBaud(baud, signal);
    this.#noteRate();
  }

  async setModemLines(lines: { readonly dtr: boolean; readonly rts: boolean }): Promise<void> {
    await this.#link.setModemLines(lines);
    noteLine(this.#listener, 'dtr', lines.dtr);
    noteLine(this.#listener, 'rts', lines.rts);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#link[Symbol.asyncDispose]());
  }

  #noteRate(): void {
    try {
      this.#listener.rate(this.#link.baud);
    } catch {
      // As above.
    }
  }
}

/** The same reset, with somebody who listens; what goes over the modem lines is heard by the link. */
export function recordingReset(reset: ModuleReset, listener: LinkListener): ModuleReset {
  if (reset.kind !== 'lines') return reset;
  const recording = (name: TracedLine, line: OutputLine): OutputLine => ({
    set: (active) => {
      line.set(active);
      noteLine(listener, name, active);
    },
    [Symbol.dispose]: () => line[Symbol.dispose](),
  });
  return { kind: 'lines', rst: recording('rst', reset.rst), gpio0: recording('gpio0', reset.gpio0) };
}

function noteLine(listener: LinkListener, line: TracedLine, active: boolean): void {
  try {
    listener.line(line, active);
  } catch {
    // As above.
  }
}
