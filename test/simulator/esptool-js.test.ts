import { createHash } from 'node:crypto';
import { ESPLoader, Transport } from 'esptool-js';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { SimulatedChip } from '../../src/simulator/chip/chip.ts';
import { efusesForMac } from '../../src/simulator/chip/efuses.ts';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';

/** A Web Serial port with the chip behind the usual two-transistor circuit. */
function portOf(chip: SimulatedChip): object {
  let baud = 115_200;
  let dtr = false;
  let rts = false;
  const readable = new ReadableStream<Uint8Array>({
    start: (controller) => {
      chip.onTransmit = (bytes, chipBaud) => {
        if (Math.abs(baud / chipBaud - 1) < 0.035) controller.enqueue(bytes.slice());
      };
    },
  });
  const port = {
    readable,
    writable: new WritableStream<Uint8Array>({
      write: (bytes) => chip.receive(bytes, baud),
    }),
    getInfo: () => ({}),
    open: async (options: { readonly baudRate: number }) => {
      baud = options.baudRate;
    },
    setBaudRate: async (rate: number) => {
      baud = rate;
    },
    close: async () => undefined,
    setSignals: async (signals: { readonly dataTerminalReady?: boolean; readonly requestToSend?: boolean }) => {
      dtr = signals.dataTerminalReady ?? dtr;
      rts = signals.requestToSend ?? rts;
      chip.setGpio0(dtr && !rts);
      chip.setReset(rts && !dtr);
    },
  };
  return port;
}

test('esptool-js connects, uploads its loader, changes the rate, writes and verifies', async () => {
  const image = Uint8Array.from({ length: 60_000 }, (_, index) => ((index * index) >> 6) & 0xff);
  const chip = new SimulatedChip({
    clock: systemClock,
    speed: 'fast',
    flash: { ...w25q32, content: new Uint8Array(0x40000) },
    efuses: efusesForMac('5c:cf:7f:a4:f1:5c'),
  });
  chip.setPower(true);
  const transport = new Transport(portOf(chip), false);
  const terminal = { clean: () => undefined, writeLine: () => undefined, write: () => undefined };
  const loader = new ESPLoader({ transport, baudrate: 921_600, romBaudrate: 115_200, terminal });
  expect(await loader.main()).toContain('ESP8266EX');
  expect(chip.state).toBe('ram-loader');
  expect(await loader.chip.readMac(loader)).toBe('5c:cf:7f:a4:f1:5c');
  await loader.writeFlash({
    fileArray: [{ data: image, address: 0x10000 }],
    flashMode: 'keep',
    flashFreq: 'keep',
    flashSize: 'keep',
    eraseAll: false,
    compress: true,
    calculateMD5Hash: (data: Uint8Array) => createHash('md5').update(data).digest('hex'),
  });
  expect(chip.flash.read(0x10000, image.length)).toEqual(image);
  expect(await loader.readFlash(0x10000, 10_000)).toEqual(image.subarray(0, 10_000));
  chip.dispose();
});
