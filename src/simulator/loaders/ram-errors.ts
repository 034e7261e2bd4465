/** First status byte of the loaders in RAM, protocol reference §2.4. */
export const ramErrors = {
  none: 0x00,
  collapsed: 0x01,
  length: 0xc0,
  checksum: 0xc1,
  blockSize: 0xc2,
  invalid: 0xc3,
  spi: 0xc4,
  notBegun: 0xc6,
  inflate: 0xc7,
  notEnough: 0xc8,
  tooMuch: 0xc9,
  unknown: 0xff,
} as const;
