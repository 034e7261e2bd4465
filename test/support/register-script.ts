import { esp8266 } from '../../src/chips/esp8266.ts';
import type { SeenRequest, ScriptedLink } from './scripted-link.ts';

const spi = esp8266.registers.spi;

/** A flash chip as the SPI registers show it. */
export interface FlashFace {
  id: number;
  status: number;
  /** Only a USR command reads the id. */
  readonly plainIdFails?: boolean;
  /** The id reads FFFFFF until the flash was woken. */
  asleep?: boolean;
  /** Writes of the status register are ignored. */
  readonly locked?: boolean;
  /** Status reads that still show busy. */
  busyReads?: number;
}

/** Answers READ_REG and WRITE_REG like a ROM loader with a flash behind it. */
export function registerScript(flash: FlashFace, values: ReadonlyMap<number, number> = new Map()) {
  const registers = new Map<number, number>(values);
  const read = (address: number): number => registers.get(address) ?? 0;
  const id = (): number => (flash.asleep === true ? 0xffffff : flash.id);
  const act = (command: number): void => {
    if (command === 0x10000000) registers.set(spi + 0x40, flash.plainIdFails === true ? 0xffffff : id());
    if (command === 0x08000000) {
      const busy = (flash.busyReads ?? 0) > 0;
      if (busy) flash.busyReads = (flash.busyReads ?? 0) - 1;
      registers.set(spi + 0x10, flash.status | (busy ? 1 : 0));
    }
    if (command === 0x04000000 && flash.locked !== true) flash.status = read(spi + 0x10);
    if (command === 0x00040000) {
      const instruction = read(spi + 0x24) & 0xff;
      if (instruction === 0x9f) registers.set(spi + 0x40, id());
      if (instruction === 0xab) flash.asleep = false;
    }
  };
  return ({ opcode, payload, word }: SeenRequest, link: ScriptedLink): void => {
    if (opcode === 0x0a) link.reply(0x0a, { value: read(word(0)) });
    if (opcode === 0x09) {
      for (let at = 0; at < payload.length / 4; at += 4) {
        if (word(at) === spi) act(word(at + 1));
        else registers.set(word(at), word(at + 1));
      }
      link.reply(0x09);
    }
  };
}
