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
  if (/csum err/.test(text)) return 'The ROM reports a wrong checksum of the image.';
  // One line per segment, each carrying on from the one before: the last counts.
  const expected = [...text.matchAll(/chksum (0x[0-9a-f]+)/gi)].at(-1)?.[1]?.toLowerCase();
  const actual = romChecksum(text);
  if (expected === undefined || actual === null || expected === actual) return null;
  return `The checksums that the ROM prints differ: chksum ${expected}, csum ${actual}.`;
}

/** The checksum that the ROM calculated; null until its line is complete. */
export function romChecksum(text: string): string | null {
  return /\bcsum (0x[0-9a-f]+)\s/i.exec(text)?.[1]?.toLowerCase() ?? null;
}
