/** The rates and modem lines of a serial port as the loader needs them; implemented on the real `serialport`. */
export interface SerialLink extends AsyncDisposable {
  /** The path as configured, for messages. */
  readonly path: string;
  /** The host's rate now, baud. */
  readonly baud: number;
  /**
   * Writes all bytes and waits until the driver has taken them; the last of them may still be on their way.
   * @throws StationError S04 when the port has gone, the signal's reason when it aborts
   */
  write(bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /**
   * The bytes that have arrived since the last call: at least one, as soon as there is one. One reader at a time.
   * @throws StationError S04 when the port has gone, the signal's reason when it aborts
   */
  read(signal: AbortSignal): Promise<Uint8Array>;
  /** Drops what has arrived and was not read yet, in the driver and here. */
  discardInput(): Promise<void>;
  /** Changes the host's rate after everything written has left. @param baud 1 … 4000000 */
  setBaud(baud: number, signal: AbortSignal): Promise<void>;
  /**
   * Sets both modem lines in one call; true is "asserted", which is 0 V on the pin.
   * @throws StationError S04 when the port has no modem lines
   */
  setModemLines(lines: { readonly dtr: boolean; readonly rts: boolean }): Promise<void>;
}

/** Opens a port at a rate, 8N1, exclusively, without touching the module's reset. @throws StationError S04 */
export type OpenSerialLink = (path: string, baud: number, signal: AbortSignal) => Promise<SerialLink>;
