import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ESPLoader, Transport } from 'esptool-js';
import { clientOptions, tellBench } from './client.js';
import { WebSerial } from './web-serial.js';

// The same work by esptool-js: reset, identify, RAM loader, rate, compressed write, MD5, reset.
const { port, baud, image: path } = clientOptions();
const image = Uint8Array.from(readFileSync(path));
const startMs = performance.now();
let [dtr, rts] = [false, false];
const device = new WebSerial(port, ({ dataTerminalReady, requestToSend }) => {
  dtr = dataTerminalReady ?? dtr;
  rts = requestToSend ?? rts;
  // The usual two transistors: each line acts only while the other is off (protocol reference §1.5).
  tellBench({ line: 'gpio0', active: dtr && !rts });
  tellBench({ line: 'rst', active: rts && !dtr });
});
const transport = new Transport(/** @type {any} */ (device), false);
// It reports the end of its read loop on the console, whatever it was told about tracing.
transport.trace = () => undefined;
const terminal = { clean: () => undefined, writeLine: () => undefined, write: () => undefined };
const loader = new ESPLoader({ transport, baudrate: baud, romBaudrate: 115_200, terminal });
await loader.main();
const readyMs = performance.now();
let sentMs = readyMs;
await loader.writeFlash({
  fileArray: [{ data: image, address: 0 }],
  flashMode: 'keep',
  flashFreq: 'keep',
  flashSize: 'keep',
  eraseAll: false,
  compress: true,
  reportProgress: () => {
    sentMs = performance.now();
  },
  // With this function it compares the digest of the flash, and throws when it differs.
  calculateMD5Hash: (data) => createHash('md5').update(data).digest('hex'),
});
const writtenMs = performance.now();
await transport.setRTS(true);
await loader.after('hard_reset');
await transport.disconnect();
const phaseMs = { start: readyMs - startMs, write: sentMs - readyMs, verify: writtenMs - sentMs };
tellBench({ result: { totalMs: performance.now() - startMs, phaseMs, baud, retries: 0 } });
process.disconnect?.();
process.exit();
