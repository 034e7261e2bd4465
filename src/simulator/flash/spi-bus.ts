import { BLOCK_BYTES, type FlashMemory, SECTOR_BYTES } from './flash-memory.ts';
import { wordBytes } from '../uart/wire.ts';

/** One command as it goes over the flash's wires. */
export interface SpiCommand {
  readonly opcode: number;
  readonly address: number;
  readonly sent: Uint8Array;
  readonly wantedBytes: number;
}

type Answer = (flash: FlashMemory, command: SpiCommand) => Uint8Array | undefined;

/** What the flash does and answers; undefined and missing bytes read FF. Protocol reference §4.6. */
export function runOnFlash(flash: FlashMemory, command: SpiCommand): Uint8Array {
  const answer = flash.absent ? undefined : commands.get(command.opcode)?.(flash, command);
  const out = new Uint8Array(command.wantedBytes).fill(flash.idleByte);
  if (answer !== undefined) out.set(answer.subarray(0, out.length));
  return out;
}

/** Serial Flash Discoverable Parameters, JESD216: the header, one table behind it, and there mode bits and density. */
const SFDP_HEAD = [0x53, 0x46, 0x44, 0x50, 0x05, 0x01, 0x00, 0xff, 0x00, 0x05, 0x01, 0x10, 0x80, 0x00, 0x00, 0xff];
const SFDP_TABLE_AT = 0x80;
const SFDP_MODES = 0xfff920e5;

const RESET_ENABLE = 0x66;
const RESET = 0x99;

const commands: ReadonlyMap<number, Answer> = new Map<number, Answer>([
  [0x9f, (flash) => idBytes(flash.id)],
  [0x05, (flash, { wantedBytes }) => new Uint8Array(wantedBytes).fill(flash.status)],
  [0x35, (flash, { wantedBytes }) => new Uint8Array(wantedBytes).fill(flash.status2)],
  [0x15, () => Uint8Array.of(0)],
  [0x5a, (flash, { address, wantedBytes }) => parameters(flash).subarray(address, address + wantedBytes)],
  [0x06, (flash) => done(() => flash.enableWrite(true))],
  [0x50, (flash) => done(() => flash.enableWrite(true))],
  [0x04, (flash) => done(() => flash.enableWrite(false))],
  [0x01, (flash, { sent }) => done(() => flash.writeStatus(sent[0] ?? 0, sent[1]))],
  [0x31, (flash, { sent }) => done(() => flash.writeStatus(flash.status, sent[0]))],
  [0x03, (flash, { address, wantedBytes }) => (flash.busyMs > 0 ? undefined : flash.read(address, wantedBytes))],
  [0x02, (flash, { address, sent }) => done(() => flash.program(address, sent))],
  [0x20, (flash, { address }) => done(() => flash.eraseSector(address))],
  [0x52, (flash, { address }) => done(() => eraseHalfBlock(flash, address))],
  [0xd8, (flash, { address }) => done(() => flash.eraseBlock(address))],
  [0x60, (flash) => done(() => flash.eraseChip())],
  [0xc7, (flash) => done(() => flash.eraseChip())],
  [0xb9, (flash) => done(() => flash.sleep())],
  // Release from power-down, also "read electronic id": capacity less one.
  [0xab, (flash) => (flash.wake(), Uint8Array.of(((flash.id >> 16) - 1) & 0xff))],
  [RESET_ENABLE, () => undefined],
  [RESET, (flash) => done(() => flash.enableWrite(false))],
]);

function done(action: () => void): undefined {
  action();
}

function idBytes(id: number): Uint8Array {
  return Uint8Array.of(id, id >> 8, id >> 16);
}

function eraseHalfBlock(flash: FlashMemory, address: number): void {
  const half = BLOCK_BYTES / 2;
  const start = address - (address % half);
  for (let at = start; at < start + half; at += SECTOR_BYTES) {
    flash.enableWrite(true);
    flash.eraseSector(at);
  }
}

function parameters(flash: FlashMemory): Uint8Array {
  const bytes = new Uint8Array(0x100).fill(0xff);
  bytes.set(SFDP_HEAD);
  bytes.set(wordBytes(SFDP_MODES), SFDP_TABLE_AT);
  bytes.set(wordBytes(flash.bytes * 8 - 1), SFDP_TABLE_AT + 4);
  return bytes;
}
