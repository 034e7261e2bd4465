/** What happens to a byte on its way. */
export type ByteDamage = 'corrupt' | 'drop' | 'duplicate';

/** One opcode, or whatever comes. */
export type ReplyTo = number | 'any';

/** Seen from the chip: what it hears, and what it says. */
export type Direction = 'received' | 'sent';

/**
 * What a simulated module does wrong. Counts begin at 1, and begin when the module gets the misbehaviour: at the
 * factory, or later by `SimulatedChip.misbehave`.
 */
export type Misbehaviour = ContactFault | WireFault | ReplyFault | SupplyFault | FlashFault | LoaderFault;

export type ContactFault =
  /** Never sends anything and never answers. */
  | { readonly kind: 'silent' }
  /** Sends its boot text, but hears nothing. */
  | { readonly kind: 'deafRx' }
  /** GPIO0 does not follow the station's line: high never enters the loader, low never leaves it. */
  | { readonly kind: 'stuckGpio0'; readonly level: 'high' | 'low' }
  /** RST does not follow the station's line: only the supply resets the chip. */
  | { readonly kind: 'resetIgnored' };

export type WireFault =
  /** Sends this many bytes of noise before the boot text of every reset. */
  | { readonly kind: 'noiseAtReset'; readonly bytes: number }
  /** Flips one bit of the n-th byte heard since the last reset, once. */
  | { readonly kind: 'corruptReceivedByte'; readonly nth: number }
  /** Flips one bit of every n-th byte heard. */
  | { readonly kind: 'corruptReceivedEvery'; readonly every: number }
  /** Damages the n-th byte in this direction since the last reset, once. */
  | { readonly kind: 'byteFault'; readonly direction: Direction; readonly what: ByteDamage; readonly nth: number }
  /** Damages this share of all bytes, 0 … 1: flips a bit, drops or doubles them by turns of chance. */
  | { readonly kind: 'randomByteFaults'; readonly share: number; readonly seed: number; readonly direction?: Direction }
  /** Everything it sends comes this much later, as through an adapter with a latency timer. */
  | { readonly kind: 'replyLatency'; readonly ms: number };

export type ReplyFault =
  /** Does not send the n-th reply to the opcode, nor any later one if it repeats; it has acted on the request. */
  | { readonly kind: 'swallowAck'; readonly op: ReplyTo; readonly nth: number; readonly repeats?: boolean }
  /** Sends the n-th reply to the opcode so much later, and is busy until then. */
  | { readonly kind: 'delayReply'; readonly op: ReplyTo; readonly nth: number; readonly ms: number }
  /** Every reply to the opcode is followed by copies of it, one after each pause. */
  | { readonly kind: 'lateReplies'; readonly op: ReplyTo; readonly copies: number; readonly pauseMs: number }
  /** A delimiter too many before every reply. */
  | { readonly kind: 'extraDelimiter' }
  /**
   * Refuses the n-th frame of flash data, or also every later one, and does not take it: for its checksum (C1; 07 in the
   * ROM), or the RAM loaders for what it inflates to (C7).
   */
  | {
      readonly kind: 'badBlock';
      readonly nth: number;
      readonly repeats?: boolean;
      readonly error?: 'checksum' | 'inflate';
    };

export type SupplyFault =
  /** Lifted off the contacts: dead after this many frames of flash data since reset, until the next reset. */
  | { readonly kind: 'dieAfterDataBlocks'; readonly count: number; readonly once?: boolean }
  /** The supply dips in the middle of the n-th reply to the opcode, or also of every later one. */
  | { readonly kind: 'brownOutAtReply'; readonly op: ReplyTo; readonly nth: number; readonly repeats?: boolean }
  /** The supply dips in the middle of the n-th erase, which stays half done, or also of every later one. */
  | { readonly kind: 'brownOutAtErase'; readonly nth: number; readonly repeats?: boolean };

export type FlashFault =
  /** Nothing drives the flash lines: RDID reads FFFFFF, whoever waits for the flash waits for ever. */
  | { readonly kind: 'flashAbsent' }
  /** The flash holds its lines low: RDID and status read 0, whoever waits for write-enable waits for ever. */
  | { readonly kind: 'flashStuckLow' }
  /** An erase that was cut off goes on inside the flash for so long after power-up. */
  | { readonly kind: 'busyAtPowerUp'; readonly ms: number }
  /** One bit of the flash stays 0. */
  | { readonly kind: 'stuckBit'; readonly address: number; readonly bit: number }
  /** The flash ignores programming, erasing and writes of its status register. */
  | { readonly kind: 'writeProtected' };

export type LoaderFault =
  /** The auto-baud does not follow above this rate: what was trained there hears nothing until the next reset. */
  | { readonly kind: 'autoBaudDeaf'; readonly aboveBaud: number }
  /** The auto-baud sets a divider above this rate that is so much too large. */
  | { readonly kind: 'autoBaudOff'; readonly aboveBaud: number; readonly percent: number }
  /** A change to a rate above this one is acknowledged, but the chip then runs 15 % off. */
  | { readonly kind: 'baudChangeFails'; readonly aboveBaud: number }
  /** MEM_END is acknowledged, the uploaded loader never starts. */
  | { readonly kind: 'loaderStartFails' };
