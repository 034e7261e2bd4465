import { SerialPort } from 'serialport';

/**
 * What esptool-js needs of a browser's serial port, on `serialport`. It changes the rate in place, which spares
 * esptool-js the closing and opening again that a browser forces on it.
 */
export class WebSerial {
  /** @type {ReadableStream<Uint8Array> | null} */
  readable = null;
  /** @type {WritableStream<Uint8Array> | null} */
  writable = null;
  #path;
  #onSignals;
  /** @type {SerialPort | null} */
  #port = null;

  /**
   * @param {string} path
   * @param {(signals: { dataTerminalReady?: boolean, requestToSend?: boolean }) => void} onSignals a pseudo-terminal
   *   has no such lines
   */
  constructor(path, onSignals) {
    this.#path = path;
    this.#onSignals = onSignals;
  }

  getInfo() {
    return {};
  }

  /** @param {{ baudRate: number }} options */
  async open({ baudRate }) {
    const port = new SerialPort({ path: this.#path, baudRate, autoOpen: false });
    await called((done) => port.open(done));
    this.#port = port;
    this.readable = new ReadableStream({
      start(controller) {
        port.on('data', (bytes) => controller.enqueue(Uint8Array.from(bytes)));
      },
    });
    this.writable = new WritableStream({ write: (bytes) => called((done) => port.write(bytes, done)) });
  }

  /** @param {number} baudRate */
  async setBaudRate(baudRate) {
    const port = this.#port;
    if (port === null) return;
    await called((done) => port.drain(done));
    await called((done) => port.update({ baudRate }, done));
  }

  async close() {
    const port = this.#port;
    this.#port = this.readable = this.writable = null;
    port?.removeAllListeners('data');
    if (port !== null) await called((done) => port.close(done));
  }

  /** @param {{ dataTerminalReady?: boolean, requestToSend?: boolean }} signals */
  async setSignals(signals) {
    this.#onSignals(signals);
  }
}

/** @param {(done: (error?: Error | null) => void) => void} act @returns {Promise<void>} */
function called(act) {
  return new Promise((resolve, reject) => act((error) => (error ? reject(error) : resolve())));
}
