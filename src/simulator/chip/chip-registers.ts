import { type AddressSpace, addresses } from './address-space.ts';
import type { Uart } from '../uart/uart.ts';

export interface ChipRegisters {
  readonly memory: AddressSpace;
  readonly uart: Uart;
  /** What 0x40001000 reads. */
  readonly detectValue: number;
  readonly efuses: readonly number[];
  /** The latched straps of this moment. */
  readonly straps: () => number;
}

/** Registers that are more than memory; protocol reference §1.2, §4.2, §4.3, §4.5. */
export function attachRegisters({ memory, uart, detectValue, efuses, straps }: ChipRegisters): void {
  memory.attach(addresses.uartDivider, {
    read: () => uart.divider,
    write: (value) => {
      uart.divider = value;
    },
  });
  memory.attach(addresses.detect, { read: () => detectValue });
  memory.attach(addresses.gpioIn, { read: () => ((7 << 29) | (straps() << 16)) >>> 0 });
  efuses.forEach((value, index) => {
    memory.attach(addresses.efuses + index * 4, { read: () => value });
  });
}
