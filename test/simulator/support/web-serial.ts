import { SerialPort } from 'serialport';

export interface Signals {
  readonly dataTerminalReady?: boolean;
  readonly requestToSend?: boolean;
}

/** The part of a browser's serial port that esptool-js uses, on the real `serialport`. */
export class WebSerialPort {
  readable: ReadableStream<Uint8Array> | null = null;
  writable: WritableStream<Uint8Array> | null = null;
  readonly #path: string;
  readonly #onSignals: (signals: Signals) => void;
  #port: SerialPort | null = null;

  /** @param onSignals what DTR and RTS are wired to; a pseudo-terminal has neither */
  constructor(path: string, onSignals: (signals: Signals) => void) {
    this.#path = path;
    this.#onSignals = onSignals;
  }

  getInfo(): object {
    return {};
  }

  async open({ baudRate }: { readonly baudRate: number }): Promise<void> {
    const port = new SerialPort({ path: this.#path, baudRate, autoOpen: false });
    await called((done) => {
      port.open(done);
    });
    this.#port = port;
    this.readable = new ReadableStream({
      start: (controller) => {
        port.on('data', (bytes: Buffer) => controller.enqueue(Uint8Array.from(bytes)));
      },
    });
    this.writable = new WritableStream({
      write: async (bytes) => {
        port.write(bytes);
        await called((done) => {
          port.drain(done);
        });
      },
    });
  }

  async close(): Promise<void> {
    const port = this.#port;
    this.readable = null;
    this.writable = null;
    this.#port = null;
    if (port === null) return;
    port.removeAllListeners('data');
    await called((done) => {
      port.close(done);
    });
  }

  setSignals(signals: Signals): Promise<void> {
    this.#onSignals(signals);
    return Promise.resolve();
  }
}

function called(act: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    act((error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
