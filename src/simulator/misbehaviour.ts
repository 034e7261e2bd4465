/** What a simulated module does wrong. Counts begin at 1. */
export type Misbehaviour =
  /** Never sends anything and never answers. */
  | { readonly kind: 'silent' }
  /** Sends its boot text, but hears nothing. */
  | { readonly kind: 'deafRx' }
  /** GPIO0 does not follow the station's line: high never enters the loader, low never leaves it. */
  | { readonly kind: 'stuckGpio0'; readonly level: 'high' | 'low' }
  /** Sends this many bytes of noise before the boot text of every reset. */
  | { readonly kind: 'noiseAtReset'; readonly bytes: number }
  /** Flips one bit of the n-th byte heard since the last reset, once. */
  | { readonly kind: 'corruptReceivedByte'; readonly nth: number }
  /** Flips one bit of every n-th byte heard. */
  | { readonly kind: 'corruptReceivedEvery'; readonly every: number }
  /** Does not send the n-th reply to the opcode; it has acted on the request. */
  | { readonly kind: 'swallowAck'; readonly op: number; readonly nth: number }
  /** Refuses the n-th frame of flash data for its checksum (C1; 07 in the ROM) and does not take it. */
  | { readonly kind: 'badBlock'; readonly nth: number }
  /** Lifted off the contacts: dead after this many frames of flash data since reset, until the next reset. */
  | { readonly kind: 'dieAfterDataBlocks'; readonly count: number; readonly once?: boolean }
  /** Nothing drives the flash lines: RDID reads FFFFFF, whoever waits for the flash waits for ever. */
  | { readonly kind: 'flashAbsent' }
  /** One bit of the flash stays 0. */
  | { readonly kind: 'stuckBit'; readonly address: number; readonly bit: number }
  /** The flash ignores programming, erasing and writes of its status register. */
  | { readonly kind: 'writeProtected' }
  /** A change to a rate above this one is acknowledged, but the chip then runs 15 % off. */
  | { readonly kind: 'baudChangeFails'; readonly aboveBaud: number }
  /** MEM_END is acknowledged, the uploaded loader never starts. */
  | { readonly kind: 'loaderStartFails' };
