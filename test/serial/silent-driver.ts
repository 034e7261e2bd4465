import type { PortDriver } from '../../src/serial/port-driver.ts';

export interface SilentDriverOptions {
  readonly refuseBaud?: number;
  readonly closeHangs?: boolean;
  readonly openHangs?: boolean;
  readonly drainHangs?: boolean;
  /** A write ends only after the driver was asked to watch for "writable", which is bit 1. */
  readonly writeIsForgotten?: boolean;
}

const forever = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** A driver whose port never receives a byte and notes what is asked of it. */
export function silentDriver({
  refuseBaud,
  closeHangs = false,
  openHangs = false,
  drainHangs = false,
  writeIsForgotten = false,
}: SilentDriverOptions = {}) {
  const opened: unknown[] = [];
  const settings: unknown[] = [];
  const calls: string[] = [];
  const note = async (call: string): Promise<void> => {
    calls.push(call);
    return Promise.resolve();
  };
  let remember = (): void => undefined;
  const forgotten = new Promise<void>((resolve) => {
    remember = resolve;
  });
  const poller = {
    poll: (events: number): void => {
      if ((events & 0b10) !== 0) remember();
    },
  };
  const port = {
    isOpen: true,
    ...(writeIsForgotten ? { poller } : {}),
    read: () => forever(),
    write: () => (writeIsForgotten ? forgotten : note('write')),
    drain: () => (drainHangs ? forever() : note('drain')),
    update: async ({ baudRate }: { baudRate: number }) => {
      if (baudRate === refuseBaud) throw new Error('no such rate');
      await note('update');
    },
    set: async (options: unknown) => {
      settings.push(options);
      return Promise.resolve();
    },
    getBaudRate: async () => Promise.resolve({ baudRate: 115_200 }),
    close: () => (closeHangs ? forever() : Promise.resolve()),
  };
  const driver = {
    open: (options: unknown) => {
      opened.push(options);
      return openHangs ? forever() : Promise.resolve(port);
    },
  };
  return { opened, settings, calls, load: async () => Promise.resolve(driver as unknown as PortDriver) };
}
