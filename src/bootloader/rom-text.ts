/** What the ROM prints after a reset (protocol reference §1.2, §1.7). */
export interface RomHeader {
  /** 1 power-on, 2 reset pin, 3 software, 4 watchdog. */
  readonly resetCause: number | null;
  /** The straps as the ROM latched them: 1 is flash mode, 3 is a start from flash. */
  readonly mode: number;
  /** The second number of `boot mode:(x,y)`. */
  readonly detail: number;
}

/** All headers in a text, oldest first. */
export function romHeaders(text: string): RomHeader[] {
  const found = text.matchAll(/(?:rst cause:\s*(\d+),\s*)?boot mode:\s*\((\d+),(\d+)\)/g);
  return [...found].map(([, cause, mode, detail]) => ({
    resetCause: cause === undefined ? null : Number(cause),
    mode: Number(mode),
    detail: Number(detail),
  }));
}

/** Why the ROM could not start the image, one plain sentence, or null while it says nothing of that kind. */
export function romLoadProblem(text: string): string | null {
  if (/flash read err/.test(text)) return 'The ROM found no image in the flash.';
  if (/ets_main\.c/.test(text) && !/csum err/.test(text)) return 'The ROM gave the start up.';
  const nonsense = loadedSegments(text).find((segment) => !isPlausible(segment));
  if (nonsense !== undefined) return `The ROM read nonsense for a segment: ${nonsense.line}.`;
  if (/csum err/.test(text)) return 'The ROM reports a wrong checksum of the image.';
  // One line per segment, each carrying on from the one before: the last counts.
  const expected = [...text.matchAll(/chksum (0x[0-9a-f]+)/gi)].at(-1)?.[1]?.toLowerCase();
  const actual = romChecksum(text);
  if (expected === undefined || actual === null || expected === actual) return null;
  return `The checksums that the ROM prints differ: chksum ${expected}, csum ${actual}.`;
}

/** The ROM has begun to load an image. */
export function romIsLoading(text: string): boolean {
  return loadedSegments(text).length > 0;
}

/** Nothing has followed the last header. */
export function romIsQuiet(text: string): boolean {
  return /boot mode:\s*\(\d+,\d+\)\s*$/.test(text);
}

interface LoadedSegment {
  readonly line: string;
  readonly address: number;
  readonly length: number;
}

function loadedSegments(text: string): readonly LoadedSegment[] {
  return [...text.matchAll(/load (0x[0-9a-f]{8}), len (-?\d+)/gi)].map(([line, address, length]) => ({
    line,
    address: Number(address),
    length: Number(length),
  }));
}

/** RAM of data and of code; protocol reference §7.3. */
function isPlausible({ address, length }: LoadedSegment): boolean {
  return address >= 0x3ff00000 && address < 0x40200000 && length >= 0 && length <= 0x20000;
}

/** The checksum that the ROM calculated; null until its line is complete. */
export function romChecksum(text: string): string | null {
  return /\bcsum (0x[0-9a-f]+)\s/i.exec(text)?.[1]?.toLowerCase() ?? null;
}
