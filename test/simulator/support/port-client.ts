import { SerialPort } from 'serialport';

/** A client of a simulated port, on the real `serialport`: collects what arrives. */
export class PortClient implements AsyncDisposable {
  readonly port: SerialPort;
  #received: Buffer[] = [];
  #wake: (() => void) | null = null;

  static async open(path: string, baudRate = 115_200): Promise<PortClient> {
    const port = new SerialPort({ path, baudRate, autoOpen: false });
    await settled((done) => {
      port.open(done);
    });
    return new PortClient(port);
  }

  private constructor(port: SerialPort) {
    this.port = port;
    // A port that vanishes reports that as an error, which nobody else takes.
    port.on('error', () => undefined);
    port.on('data', (bytes: Buffer) => {
      this.#received.push(bytes);
      this.#wake?.();
    });
  }

  get received(): Buffer {
    return Buffer.concat(this.#received);
  }

  clear(): void {
    this.#received = [];
  }

  /** Waits until this many bytes have come; the test's own limit ends a wait that is too long. */
  async take(count: number): Promise<Buffer> {
    while (this.received.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const bytes = this.received;
    this.#received = [bytes.subarray(count)];
    return bytes.subarray(0, count);
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.port.write(bytes);
    await settled((done) => {
      this.port.drain(done);
    });
  }

  setBaud(baudRate: number): Promise<void> {
    return settled((done) => {
      this.port.update({ baudRate }, done);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.port.isOpen) return;
    await settled((done) => {
      this.port.close(done);
    });
  }
}

function settled(act: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    act((error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
