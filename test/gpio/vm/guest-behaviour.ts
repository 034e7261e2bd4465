import type { DriverName } from '../../../src/gpio/choose-driver.ts';

/** Something that the whole program does in the virtual machine. */
export interface GuestBehaviour {
  readonly name: string;
  /** @param driver what `auto` takes there */
  readonly check: (driver: DriverName) => Promise<void>;
}
