/** A chip as data: every difference between chips is a field here, never a case in a procedure. */
export interface ChipDefinition {
  /** Family name as jobs write it, lower case. */
  readonly family: string;
  /** What the detect register reads on this family. */
  readonly magic: number;
  readonly registers: {
    /** Tells the families apart. */
    readonly detect: number;
    /** Addresses of the efuse words, in the order that `identify` takes them. */
    readonly efuses: readonly number[];
    /** Divider of the UART clock. */
    readonly uartDivider: number;
    /** Base of the SPI controller of the flash. */
    readonly spi: number;
  };
  /** Connects the flash pins to the SPI controller and sets its slow single-wire mode, as the ROM's own attach does. */
  readonly flashSetup: readonly { readonly address: number; readonly value: number; readonly mask: number }[];
  readonly rom: {
    /** Largest block that MEM_DATA takes, bytes. */
    readonly memoryBlockBytes: number;
    /** The ROM's own idea of the flash size: it refuses to write above, bytes. */
    readonly flashCeilingBytes: number;
    /** Where the ROM keeps the address of its record of the flash, whose second word is that size; and the RAM it is in. */
    readonly flashRecord: { readonly pointer: number; readonly ramStart: number; readonly ramEnd: number };
  };
  /** Clock of the UART in Hz for a crystal in MHz; the loader runs before the PLL is switched. */
  uartClockHz(crystalMhz: number): number;
  /** Crystals beside the usual one, highest first: a frequency measured above the limit is taken for it. */
  readonly crystals: readonly { readonly mhz: number; readonly aboveMhz: number }[];
  readonly usualCrystalMhz: number;
  /** Rate of the ROM's boot text with the usual crystal, baud. */
  readonly romTextBaud: number;
  /** Reads the identity from the efuse words. Never throws: an invalid MAC is reported as null. */
  identify(efuses: readonly number[]): ChipIdentity;
  /** Where the ROM looks for the image it boots. */
  readonly bootAddress: number;
  readonly header: HeaderCodes;
}

export interface ChipIdentity {
  /** Type on the label, such as ESP8266EX. */
  readonly variant: string;
  /** What the maker's data sheet promises, such as Wi-Fi. */
  readonly features: readonly string[];
  /** Size of a flash inside the chip; null when it has none or the efuses state none that is known. */
  readonly embeddedFlashBytes: number | null;
  /** What firmware reads as its chip id, 0 … 0xFFFFFFFF. */
  readonly chipId: number;
  /** Lower case with colons; null when the efuses hold no valid one. */
  readonly mac: string | null;
  /** Why `mac` is null, one plain sentence; null when it is not. */
  readonly macProblem: string | null;
}

/** The codes of bytes 2 and 3 of an image header. */
export interface HeaderCodes {
  readonly modes: Readonly<Record<FlashMode, number>>;
  /** Name of a size as jobs write it -> its bytes and its high nibble of byte 3, already shifted. */
  readonly sizes: Readonly<Record<string, { readonly bytes: number; readonly code: number }>>;
  readonly frequencies: Readonly<Record<FlashFrequency, number>>;
}

export type FlashMode = 'qio' | 'qout' | 'dio' | 'dout';
export type FlashFrequency = '20m' | '26m' | '40m' | '80m';
