/** The default RF table for a 26 MHz crystal, without the zeros that fill it up to 128 bytes (design §7). */
const initDataHex =
  '0500040205050502050004050504050504fefdfff0f0f0e0e0e0e10afffff800' +
  'f8f8524e4a444038000001010203040501000000000002000000000000000000' +
  'e10a0000000000000000019343000000';

const initDataBytes = 128;
const blankBytes = 4096;

const builtinImages = {
  'init-data': (): Uint8Array => {
    const image = new Uint8Array(initDataBytes);
    image.set(Buffer.from(initDataHex, 'hex'));
    return image;
  },
  blank: (): Uint8Array => new Uint8Array(blankBytes).fill(0xff),
} as const;

export type BuiltinName = keyof typeof builtinImages;

/** The names that a job may write after `builtin:`. */
export const builtinNames = Object.keys(builtinImages) as readonly BuiltinName[];

/** `blank`: 4096 bytes of 0xFF. `init-data`: 128 bytes, what PHY init data are for most modules. A fresh copy each. */
export function builtinImage(name: BuiltinName): Uint8Array {
  return builtinImages[name]();
}
