// Format of the write-ahead log: sqlite.org/fileformat2.html §4.

const headerBytes = 32;
const frameHeaderBytes = 24;
/** The lowest bit of the magic says whether checksums are big-endian. */
const magic = 0x377f0682;

type Checksum = readonly [number, number];

/** The pages in a write-ahead log. */
export interface WalPages {
  readonly pageSize: number;
  /** Page number -> its content as of the last commit that can be read. */
  readonly pages: ReadonlyMap<number, Buffer>;
}

/**
 * Reads what commits a write-ahead log holds. SQLite stops at the first frame whose checksum is wrong; as each frame is
 * summed up from the checksum stored in the one before, the commits behind a damaged frame can be told to be whole too.
 *
 * @returns null when nothing says what the log is
 */
export function readWal(wal: Buffer): WalPages | null {
  if (wal.length < headerBytes) return null;
  const kind = wal.readUInt32BE(0);
  if ((kind & ~1) >>> 0 !== magic) return null;
  const bigEndian = (kind & 1) === 1;
  const pageSize = wal.readUInt32BE(8);
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) return null;
  const salts = wal.subarray(16, 24);
  const pages = new Map<number, Buffer>();
  let pending = new Map<number, Buffer>();
  let before: Checksum = [wal.readUInt32BE(24), wal.readUInt32BE(28)];
  const frameBytes = frameHeaderBytes + pageSize;
  for (let at = headerBytes; at + frameBytes <= wal.length; at += frameBytes) {
    const frame = wal.subarray(at, at + frameBytes);
    const content = frame.subarray(frameHeaderBytes);
    const stored: Checksum = [frame.readUInt32BE(16), frame.readUInt32BE(20)];
    const summed = sum(content, bigEndian, sum(frame.subarray(0, 8), bigEndian, before));
    before = stored;
    if (summed[0] !== stored[0] || summed[1] !== stored[1] || !frame.subarray(8, 16).equals(salts)) {
      // Half a transaction is none.
      pending = new Map();
      continue;
    }
    pending.set(frame.readUInt32BE(0), content);
    const commits = frame.readUInt32BE(4) !== 0;
    if (!commits) continue;
    for (const [number, page] of pending) pages.set(number, page);
    pending = new Map();
  }
  return { pageSize, pages };
}

function sum(bytes: Buffer, bigEndian: boolean, [first, second]: Checksum): Checksum {
  let a = first;
  let b = second;
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    a = (a + (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + b) >>> 0;
    b = (b + (bigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + a) >>> 0;
  }
  return [a, b];
}
