import { StationError } from '../foundation/faults.ts';
import { openHeaderChip } from './chardev-chip.ts';
import type { ChardevChip } from './chardev-chip.ts';
import { flagsOf, grantedFd, lineRequest, requests } from './chardev-layout.ts';
import type { LineWish } from './chardev-layout.ts';
import { ChardevInput, ChardevOutput, HeldLine } from './chardev-lines.ts';
import { mustBeOnHeader } from './header-chip.ts';
import { codeOf, loadKernelCalls } from './kernel-calls.ts';
import type { KernelCalls } from './kernel-calls.ts';
import type { InputOptions, LineDriver, LineSpec } from './line.ts';
import { holderText } from './line-holder.ts';

export interface ChardevParts {
  /** `/dev`, or a folder that poses as it. */
  readonly folder: string;
  readonly loadCalls: () => Promise<KernelCalls>;
}

/** The lines of the header over the character device, with what only it can do. */
export interface ChardevDriver extends LineDriver {
  openOutput(spec: LineSpec, use: string): Promise<ChardevOutput>;
  openInput(spec: LineSpec, use: string, options?: InputOptions): Promise<ChardevInput>;
}

/**
 * Opens the lines of the header through the character device, kernel interface v2 (Linux 5.10 and later).
 * @throws StationError S03 when the header chip is not found or may not be opened, or a native module does not load
 */
export async function openChardevDriver(parts: Partial<ChardevParts> = {}): Promise<ChardevDriver> {
  const calls = await (parts.loadCalls ?? loadKernelCalls)();
  return new HeaderLines(calls, await openHeaderChip(calls, parts.folder ?? '/dev'));
}

class HeaderLines implements ChardevDriver {
  readonly description: string;
  readonly #calls: KernelCalls;
  readonly #chip: ChardevChip;
  readonly #lines = new Set<Disposable>();
  #open = true;

  constructor(calls: KernelCalls, chip: ChardevChip) {
    this.description = `chardev on ${chip.label}, ${chip.path}`;
    this.#calls = calls;
    this.#chip = chip;
  }

  async openOutput(spec: LineSpec, use: string): Promise<ChardevOutput> {
    return this.#hold(spec, use, { flags: flagsOf(spec, 'output') }, (line) => new ChardevOutput(line));
  }

  async openInput(spec: LineSpec, use: string, { debounceMs }: InputOptions = {}): Promise<ChardevInput> {
    const debounce = debounceMs === undefined ? {} : { debounceUs: debounceMs * 1_000 };
    return this.#hold(
      spec,
      use,
      { flags: flagsOf(spec, 'input'), ...debounce },
      (line) => new ChardevInput(line, debounceMs !== undefined),
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const line of [...this.#lines]) line[Symbol.dispose]();
    if (this.#open) this.#calls.close(this.#chip.fd);
    this.#open = false;
    return Promise.resolve();
  }

  #hold<Line extends Disposable>(
    spec: LineSpec,
    use: string,
    wish: Pick<LineWish, 'flags' | 'debounceUs'>,
    make: (line: HeldLine) => Line,
  ): Promise<Line> {
    mustBeOnHeader(spec.bcm, use);
    if (!this.#open) throw new StationError('S03', `The lines have been closed: GPIO${spec.bcm} for ${use}.`);
    const asked = lineRequest({ offset: spec.bcm, consumer: `jigd ${use}`, ...wish });
    try {
      this.#calls.ioctl(this.#chip.fd, requests.getLine.number, asked);
    } catch (error) {
      throw this.#refusal(spec.bcm, use, error);
    }
    const line = make(
      new HeldLine(this.#calls, grantedFd(asked), use, () => {
        this.#lines.delete(line);
      }),
    );
    this.#lines.add(line);
    return Promise.resolve(line);
  }

  #refusal(bcm: number, use: string, cause: unknown): StationError {
    const what = `GPIO${bcm} for ${use}`;
    const code = codeOf(cause);
    if (code === 'EBUSY')
      return new StationError('S03', `${what} is in use ${holderText(this.#calls, this.#chip.fd, bcm)}.`, { cause });
    if (code === 'EINVAL' || code === 'ENOTTY') {
      const reason = 'the kernel is older than 5.10 or cannot do what is asked of the line';
      return new StationError('S03', `${what} is refused (${code}): ${reason}.`, { cause });
    }
    if (code === 'EPERM' || code === 'EACCES') {
      return new StationError('S03', `${what} may not be taken: add the user to the group gpio.`, { cause });
    }
    return new StationError('S03', `${what} cannot be had: ${code}.`, { cause });
  }
}
