import { createHash } from 'node:crypto';
import { ESPLoader, Transport } from 'esptool-js';
import { expect, test } from 'vitest';

import { systemClock } from '../../src/foundation/system-clock.ts';
import type { BenchNest } from '../../src/simulator/bench/bench-nest.ts';
import { SimulatedBench } from '../../src/simulator/bench/bench.ts';
import { SimulatedChip } from '../../src/simulator/chip/chip.ts';
import { buildDemoImage } from '../../src/simulator/demo/demo-image.ts';
import { efusesForMac } from '../../src/simulator/chip/efuses.ts';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import { WebSerialPort } from './support/web-serial.ts';
import type { Signals } from './support/web-serial.ts';

const mac = '5c:cf:7f:a4:f1:5c';
const image = buildDemoImage();

function insertModule(nest: BenchNest): SimulatedChip {
  const flash = { ...w25q32, content: new Uint8Array(0x80000) };
  const chip = new SimulatedChip({ clock: systemClock, speed: 'fast', flash, efuses: efusesForMac(mac) });
  nest.insert(chip);
  return chip;
}

interface Client extends AsyncDisposable {
  readonly loader: ESPLoader;
  readonly transport: Transport;
}

function esptoolJs(path: string, baudrate: number, onSignals: (signals: Signals) => void): Client {
  const transport = new Transport(new WebSerialPort(path, onSignals), false);
  // It reports the end of its read loop on the console, whatever it was told about tracing.
  transport.trace = () => undefined;
  const terminal = { clean: () => undefined, writeLine: () => undefined, write: () => undefined };
  const loader = new ESPLoader({ transport, baudrate, romBaudrate: 115_200, terminal });
  return { loader, transport, [Symbol.asyncDispose]: () => transport.disconnect() };
}

async function write(loader: ESPLoader, compress: boolean): Promise<void> {
  await loader.writeFlash({
    fileArray: [{ data: image, address: 0 }],
    flashMode: 'keep',
    flashFreq: 'keep',
    flashSize: 'keep',
    eraseAll: false,
    compress,
    // With this function the client reads the digest of the flash and throws when it differs.
    calculateMD5Hash: (data: Uint8Array) => createHash('md5').update(data).digest('hex'),
  });
}

test('esptool-js identifies and flashes a module that is in its loader already', async () => {
  await using bench = await SimulatedBench.open({ nests: 1, speed: 'fast', clock: systemClock });
  const nest = bench.nest(1);
  nest.wire('gpio0').pull('low');
  const chip = insertModule(nest);
  await using client = esptoolJs(nest.portPath, 921_600, () => undefined);
  const { loader } = client;
  expect(await loader.main('no_reset')).toContain('ESP8266EX');
  expect(await loader.chip.readMac(loader)).toBe(mac);
  // Version 0.7.0 takes offset 0, "not in esp8266", for a register; without one it uses the right way.
  Object.assign(loader.chip, { SPI_MOSI_DLEN_OFFS: undefined });
  expect((await loader.readFlashId()).toString(16)).toBe('1640ef');
  await write(loader, true);
  expect(Buffer.compare(chip.flash.read(0, image.length), image)).toBe(0);
  expect(Buffer.from(await loader.readFlash(0x10000, 20_000)).equals(image.subarray(0x10000, 0x10000 + 20_000))).toBe(
    true,
  );
});

test('esptool-js resets the module itself when DTR and RTS are wired to the bench', async () => {
  await using bench = await SimulatedBench.open({ nests: 1, speed: 'fast', clock: systemClock });
  const nest = bench.nest(1);
  const chip = insertModule(nest);
  let [dtr, rts] = [false, false];
  await using client = esptoolJs(nest.portPath, 460_800, (signals) => {
    dtr = signals.dataTerminalReady ?? dtr;
    rts = signals.requestToSend ?? rts;
    // The usual two transistors: each line acts only while the other is off; protocol reference §1.5.
    nest.wire('gpio0').pull(dtr && !rts ? 'low' : null);
    nest.wire('rst').pull(rts && !dtr ? 'low' : null);
  });
  const { loader, transport } = client;
  expect(await loader.main()).toContain('ESP8266EX');
  await write(loader, false);
  expect(Buffer.compare(chip.flash.read(0, image.length), image)).toBe(0);
  await transport.setRTS(true);
  await loader.after('hard_reset');
  while (chip.state !== 'application') await systemClock.sleep(5);
});
