/** A line as the configuration names it: by BCM number, never by a number of the kernel. */
export interface LineSpec {
  /** BCM number, 0 … 27 on a Raspberry Pi header. */
  readonly bcm: number;
  /** The electrical level that means "on", "pressed" or "asserted". */
  readonly active: 'low' | 'high';
  /** The bias wished for; absent: as the board has it. */
  readonly pull?: 'up' | 'down' | 'off';
  /** open-drain: only ever driven low or released. */
  readonly drive: 'open-drain' | 'push-pull';
}

/** A button or a sensor: a contact that bounces. */
export interface ContactSpec extends LineSpec {
  /** How long it may bounce before its level counts, ms. */
  readonly debounceMs: number;
}

/** A line that the station drives. Opening it puts it into its inactive state without a glitch. */
export interface OutputLine extends Disposable {
  /**
   * Drives the line to its active state, or lets go of it: an open-drain line is released, a push-pull one is
   * driven to the other level.
   * @throws StationError S03 when the kernel refuses
   */
  set(active: boolean): void;
}

/** A line that the station watches. */
export interface InputLine extends Disposable {
  /** The kernel reports a level only once it was stable for the time that was asked for, and loses none. */
  readonly debounced?: boolean;
  /** The level now, true when active. @throws StationError S03 */
  read(): boolean;
  /**
   * Calls back with the level after each edge; raw ones, bounces included, unless `debounced`.
   * @param failed is told when an edge could not be read: others may be lost from now on
   */
  watch(listener: (active: boolean) => void, failed?: (error: unknown) => void): Disposable;
}

export interface InputOptions {
  /** Asks the kernel to debounce, ms; a driver that cannot says so by `debounced`. Absent: every edge. */
  readonly debounceMs?: number;
}

/**
 * One way of reaching the lines: sysfs, the character device, or the simulated bench. Disposing of it releases every
 * line before the call returns, so that it works while the process exits; doing so twice is the same as once.
 */
export interface LineDriver extends AsyncDisposable {
  /** For the log: the driver's name and the chip it found. */
  readonly description: string;
  /** @param use what the line is for, as in "nest 1 rst": named in errors. @throws StationError S03 */
  openOutput(spec: LineSpec, use: string): Promise<OutputLine>;
  /** @param use what the line is for, as in "nest 1 button": named in errors. @throws StationError S03 */
  openInput(spec: LineSpec, use: string, options?: InputOptions): Promise<InputLine>;
}
