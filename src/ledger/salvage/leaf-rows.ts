import { isUtf8 } from 'node:buffer';

// Format of table pages and of records: sqlite.org/fileformat2.html §1.6, §2.1.

export type SqlValue = number | bigint | string | Buffer | null;

/** A row as it lies in a page, whatever its table is. */
export interface LeafRow {
  readonly rowId: number;
  readonly values: readonly SqlValue[];
}

const tableLeaf = 0x0d;
const leafHeaderBytes = 8;
/** Far more than any row has; a length that is damaged must not lead round and round. */
const longestRowBytes = 64 * 1024 * 1024;

/**
 * The rows in a page that is a leaf of a table; none in any other page. A row that is not as a row must be is left out.
 * @param page another page by its number, for rows that are longer than a page
 */
export function rowsOfLeaf(leaf: Buffer, page: (number: number) => Buffer | null): LeafRow[] {
  if (leaf[0] !== tableLeaf) return [];
  const cells = leaf.readUInt16BE(3);
  if (leafHeaderBytes + 2 * cells > leaf.length) return [];
  const rows: LeafRow[] = [];
  for (let index = 0; index < cells; index += 1) {
    const row = attempt(() => rowAt(leaf, leaf.readUInt16BE(leafHeaderBytes + 2 * index), page));
    if (row !== null) rows.push(row);
  }
  return rows;
}

/** Reading behind the end of a page is how a broken row shows. */
function attempt(read: () => LeafRow | null): LeafRow | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return null;
    throw error;
  }
}

function rowAt(leaf: Buffer, at: number, page: (number: number) => Buffer | null): LeafRow | null {
  const length = varint(leaf, at);
  const rowId = varint(leaf, length.next);
  if (rowId.value < 1 || !Number.isSafeInteger(rowId.value)) return null;
  const payload = payloadAt(leaf, rowId.next, length.value, page);
  const values = payload === null ? null : valuesOf(payload);
  return values === null ? null : { rowId: rowId.value, values };
}

function payloadAt(leaf: Buffer, at: number, length: number, page: (number: number) => Buffer | null): Buffer | null {
  const usable = leaf.length;
  const most = usable - 35;
  if (length < 1 || length > longestRowBytes) return null;
  if (length <= most) return at + length <= usable ? leaf.subarray(at, at + length) : null;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitting = least + ((length - least) % (usable - 4));
  const local = fitting <= most ? fitting : least;
  const parts = [leaf.subarray(at, at + local)];
  let missing = length - local;
  let next = leaf.readUInt32BE(at + local);
  while (missing > 0) {
    const overflow = next === 0 ? null : page(next);
    if (overflow === null) return null;
    const part = overflow.subarray(4, 4 + Math.min(missing, usable - 4));
    parts.push(part);
    missing -= part.length;
    next = overflow.readUInt32BE(0);
  }
  return Buffer.concat(parts);
}

function valuesOf(payload: Buffer): SqlValue[] | null {
  const header = varint(payload, 0);
  if (header.value > payload.length) return null;
  const values: SqlValue[] = [];
  let at = header.value;
  let next = header.next;
  while (next < header.value) {
    const type = varint(payload, next);
    next = type.next;
    const bytes = bytesOf(type.value);
    if (bytes === null || at + bytes > payload.length) return null;
    const value = valueOf(type.value, payload.subarray(at, at + bytes));
    if (value === undefined) return null;
    values.push(value);
    at += bytes;
  }
  return next === header.value && at === payload.length ? values : null;
}

const integerBytes = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0] as const;

function bytesOf(type: number): number | null {
  if (type >= 12) return Math.floor((type - 12) / 2);
  return integerBytes[type] ?? null;
}

/** undefined: no value that SQLite has written. */
function valueOf(type: number, bytes: Buffer): SqlValue | undefined {
  if (type === 0) return null;
  if (type === 8 || type === 9) return type - 8;
  if (type === 7) return bytes.readDoubleBE(0);
  if (type === 6) {
    const value = bytes.readBigInt64BE(0);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  if (type < 6) return bytes.readIntBE(0, bytes.length);
  if (type % 2 === 0) return bytes;
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

/** A number of SQLite's own encoding, of which no ledger has one beyond what a double holds. */
function varint(bytes: Buffer, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let index = 0; index < 8; index += 1) {
    const byte = bytes.readUInt8(at + index);
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, next: at + index + 1 };
  }
  return { value: value * 256 + bytes.readUInt8(at + 8), next: at + 9 };
}
