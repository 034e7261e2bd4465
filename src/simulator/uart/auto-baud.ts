/** The ROM waits for more edges than this before it sets its divider; protocol reference §1.8. */
const ENOUGH_RISING_EDGES = 29;

/** Measures the shortest pulses of what arrives, as the UART does in the ROM loader's first moments. */
export class AutoBaud {
  #edges = 0;
  #runBits = 0;
  #level = 1;
  #shortestLow = Infinity;
  #shortestHigh = Infinity;

  /**
   * @param byte is consumed
   * @returns the divider once there were enough edges
   */
  hear(byte: number, hostBaud: number, uartClockHz: number): number | undefined {
    const bits = (byte << 1) | 0x200;
    for (let bit = 0; bit < 10; bit++) this.#sample((bits >> bit) & 1);
    if (this.#edges <= ENOUGH_RISING_EDGES || hostBaud <= 0) return undefined;
    const pulseBits = (this.#shortestLow + this.#shortestHigh) / 2;
    // Rounded up: 115200 gives 452, as seen on a device.
    return Math.ceil((pulseBits * uartClockHz) / hostBaud);
  }

  #sample(level: number): void {
    if (level === this.#level) {
      this.#runBits++;
      return;
    }
    if (level === 1) {
      this.#edges++;
      this.#shortestLow = Math.min(this.#shortestLow, this.#runBits);
    } else if (this.#edges > 0) {
      this.#shortestHigh = Math.min(this.#shortestHigh, this.#runBits);
    }
    this.#level = level;
    this.#runBits = 1;
  }
}
