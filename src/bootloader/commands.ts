import { pack, u32 } from '../foundation/byte-fields.ts';
import type { Field, ValuesOf } from '../foundation/byte-fields.ts';
import { concatBytes } from '../foundation/bytes.ts';
import type { FaultCode } from '../foundation/faults.ts';
import { dataChecksum, encodeRequest } from './packet.ts';
import type { Step } from './rom-status.ts';
import { encodeSlip } from './slip.ts';

type Fields = readonly Field<string, number>[];

/** One command of the loader as data; the talk, the log and the tests read the same row. */
export interface Command<Request extends Fields> {
  readonly name: string;
  readonly opcode: number;
  readonly request: Request;
  /** Data follow the fields and are covered by the checksum of the header. */
  readonly checked: boolean;
  /** Time from the last byte of the request to the whole answer, ms. */
  allowMs(values: ValuesOf<Request>): number;
  /** How often it may be sent when nothing answers: more than once only where a repeat does no harm. */
  readonly tries: number;
  /** The fault when nothing answers. */
  readonly silence: FaultCode;
  /** Decides what a refusal means. */
  readonly step: Step;
}

interface Row<Request extends Fields> {
  readonly request: Request;
  readonly checked?: boolean;
  readonly allowMs: number | ((values: ValuesOf<Request>) => number);
  readonly tries?: number;
  readonly silence?: FaultCode;
  readonly step: Step;
}

function command<const Request extends Fields>(name: string, opcode: number, row: Row<Request>): Command<Request> {
  const { allowMs } = row;
  return {
    name,
    opcode,
    request: row.request,
    checked: row.checked ?? false,
    allowMs: typeof allowMs === 'number' ? () => allowMs : allowMs,
    tries: row.tries ?? 1,
    silence: row.silence ?? 'C06',
    step: row.step,
  };
}

/** The request as it goes over the wire. @param data follows the fields */
export function encodeFrame<Request extends Fields>(
  { opcode, request, checked }: Command<Request>,
  values: ValuesOf<Request>,
  data: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const payload = concatBytes([pack(request, values), data]);
  return encodeSlip(encodeRequest(opcode, payload, checked ? dataChecksum(data) : 0));
}

/** max(3 s, so many s per 10^6 bytes), at most 240 s (protocol reference §3). */
export function scaledMs(secondsPerMegabyte: number, bytes: number): number {
  return Math.min(240_000, Math.max(3_000, (secondsPerMegabyte * bytes) / 1_000));
}

const dataHeader = [u32('dataBytes'), u32('sequence'), u32('unused1'), u32('unused2')] as const;
const begin = [u32('bytes'), u32('blocks'), u32('blockBytes'), u32('offset')] as const;
const beginCompressed = [...begin, u32('encrypted')] as const;

/** Commands of ROM and RAM loader that a run uses (protocol reference §3). */
export const commands = {
  // A beginning that is sent twice begins once more; no data have been sent yet.
  flashBegin: command('FLASH_BEGIN', 0x02, { request: begin, allowMs: 3_000, tries: 2, silence: 'W02', step: 'write' }),
  flashData: command('FLASH_DATA', 0x03, {
    request: dataHeader,
    checked: true,
    allowMs: 3_000,
    silence: 'W02',
    step: 'write',
  }),
  flashEnd: command('FLASH_END', 0x04, { request: [u32('stay')], allowMs: 3_000, silence: 'W02', step: 'write' }),
  memBegin: command('MEM_BEGIN', 0x05, { request: begin, allowMs: 3_000, step: 'start' }),
  memEnd: command('MEM_END', 0x06, { request: [u32('stay'), u32('entry')], allowMs: 3_000, step: 'start' }),
  memData: command('MEM_DATA', 0x07, { request: dataHeader, checked: true, allowMs: 3_000, step: 'start' }),
  sync: command('SYNC', 0x08, { request: [u32('marker')], allowMs: 100, step: 'talk' }),
  writeReg: command('WRITE_REG', 0x09, {
    request: [u32('address'), u32('value'), u32('mask'), u32('delayUs')],
    allowMs: 1_000,
    tries: 2,
    step: 'talk',
  }),
  readReg: command('READ_REG', 0x0a, { request: [u32('address')], allowMs: 1_000, tries: 2, step: 'talk' }),
  spiSetParams: command('SPI_SET_PARAMS', 0x0b, {
    request: [u32('id'), u32('flashBytes'), u32('blockBytes'), u32('sectorBytes'), u32('pageBytes'), u32('statusMask')],
    allowMs: 1_000,
    tries: 2,
    step: 'talk',
  }),
  changeBaudrate: command('CHANGE_BAUDRATE', 0x0f, {
    request: [u32('wanted'), u32('current')],
    allowMs: 1_000,
    step: 'talk',
  }),
  flashDeflBegin: command('FLASH_DEFL_BEGIN', 0x10, {
    request: beginCompressed,
    allowMs: 3_000,
    tries: 2,
    silence: 'W02',
    step: 'write',
  }),
  flashDeflData: command('FLASH_DEFL_DATA', 0x11, {
    request: dataHeader,
    checked: true,
    allowMs: 3_000,
    silence: 'W02',
    step: 'write',
  }),
  flashDeflEnd: command('FLASH_DEFL_END', 0x12, {
    request: [u32('stay')],
    allowMs: 3_000,
    silence: 'W02',
    step: 'write',
  }),
  spiFlashMd5: command('SPI_FLASH_MD5', 0x13, {
    request: [u32('address'), u32('bytes'), u32('unused1'), u32('unused2')],
    allowMs: ({ bytes }) => scaledMs(8, bytes),
    tries: 2,
    silence: 'V02',
    step: 'verify',
  }),
  eraseFlash: command('ERASE_FLASH', 0xd0, { request: [], allowMs: 120_000, silence: 'F05', step: 'erase' }),
  eraseRegion: command('ERASE_REGION', 0xd1, {
    request: [u32('address'), u32('bytes')],
    allowMs: ({ bytes }) => scaledMs(40, bytes),
    tries: 2,
    silence: 'F05',
    step: 'erase',
  }),
  readFlash: command('READ_FLASH', 0xd2, {
    request: [u32('address'), u32('bytes'), u32('blockBytes'), u32('inFlight')],
    allowMs: 3_000,
    step: 'talk',
  }),
};
