/** The sizes that a job may write; a test compares them with what the chips know. */
export const flashSizeNames = ['256KB', '512KB', '1MB', '2MB', '2MB-c1', '4MB', '4MB-c1', '8MB', '16MB'] as const;

/**
 * Reads a flash size as people write it: `4MB`, `4M`, `512KB`, `512K`, `4MB-c1`, `detect`, `keep`. esptool's old sizes
 * in bits, such as `32m`, are refused with both readings (design §11).
 * @returns the size's name, or what was expected
 */
export function readFlashSize(text: string): { readonly name: string } | { readonly problem: string } {
  if (text === 'detect' || text === 'keep') return { name: text };
  const name = text.replace(/^(\d+)([KM])(?=$|-)/, '$1$2B');
  if ((flashSizeNames as readonly string[]).includes(name)) return { name };
  const bits = /^(\d+)m(-c1)?$/.exec(text);
  if (bits !== null) {
    const [, number = '', map = ''] = bits;
    const asBits = `${sizeOfKilobytes(Number(number) * 128)}${map}`;
    return {
      problem: `${text} can be read in two ways: esptool's old megabits, which are ${asBits}, or ${number}MB${map}. Write the one you mean.`,
    };
  }
  return { problem: `expected one of ${flashSizeNames.join(', ')}, detect or keep, found '${text}'.` };
}

function sizeOfKilobytes(kilobytes: number): string {
  return kilobytes < 1024 ? `${kilobytes}KB` : `${kilobytes / 1024}MB`;
}
