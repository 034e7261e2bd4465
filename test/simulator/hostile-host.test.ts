import { describe, expect, test } from 'vitest';

import { PacedLine } from '../../src/simulator/bench/paced-line.ts';
import { WiredChip } from '../../src/simulator/bench/wired-chip.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { bytesOf, le32, loaderV1, RawHost, requestBytes, slip, SYNC, unescaped } from '../support/raw-host.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { EchoChip } from './support/echo-chip.ts';
import { PortClient } from './support/port-client.ts';

const MEM_BEGIN = 0x05;
const OHAI = 'c0 4f 48 41 49 c0';

function inRamLoader(): RawHost {
  const host = new RawHost();
  host.enterLoader();
  host.ask(SYNC);
  expect(host.upload(loaderV1)).toBe(OHAI);
  return host;
}

describe('a host that floods the chip', () => {
  test('keeps no more than the first thousand violations', () => {
    const host = new RawHost();
    host.enterLoader();
    for (let round = 0; round < 3000; round++) host.ask(requestBytes(0x7f, new Uint8Array(0)));
    expect(host.chip.violations).toHaveLength(1000);
  });

  test('may begin any number of uploads anywhere and then upload a loader', () => {
    const host = new RawHost();
    host.enterLoader();
    host.ask(SYNC);
    const before = process.memoryUsage().arrayBuffers;
    for (let round = 0; round < 2000; round++) {
      host.request(MEM_BEGIN, le32(0x40000, 1, 0x1800, 0x40100000 + round * 16));
      host.request(MEM_BEGIN, le32(0xffffffff, 1, 0x1800, round * 0x200000));
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000);
    expect(host.upload(loaderV1)).toBe(OHAI);
  });

  test('a line that is asked for more than it carries stays bounded and goes on', () => {
    const clock = new VirtualClock();
    let arrived = 0;
    const line = new PacedLine(clock, (bytes) => {
      arrived += bytes.length;
    });
    for (let round = 0; round < 20_000; round++) line.push(new Uint8Array(12), 115_200);
    expect(line.backlogMs).toBeLessThan(5000);
    clock.advance(5000);
    const before = arrived;
    line.push(new Uint8Array(12), 115_200);
    clock.advance(10);
    expect(arrived).toBe(before + 12);
  });
});

describe('requests that no tool sends', () => {
  test('a digest past the flash goes on at its beginning; one past all addresses is refused', () => {
    const host = inRamLoader();
    host.request(0x0b, le32(0, 0xfffffffc, 0x10000, 0x1000, 0x100, 0xffff));
    expect(unescaped(host.request(0x13, le32(0xfffffff0, 0xfffffffc, 0, 0)))).toMatch(/ 01 00 c0$/);
    expect(unescaped(host.request(0x13, le32(0x3f0000, 0x20000, 0, 0)))).toMatch(/^c0 01 13 12 00/);
  });

  test('READ_FLASH in blocks of 0 silences the loader until a reset', () => {
    const host = inRamLoader();
    expect(host.request(0xd2, le32(0, 0x1000, 0, 64))).toBe('c0 01 d2 02 00 00 00 00 00 00 00 c0');
    expect(host.ask(SYNC)).toBe('');
    host.enterLoader();
    expect(host.ask(SYNC)).not.toBe('');
  });

  test('acknowledgements nobody waits for do no harm', () => {
    const host = inRamLoader();
    const flood = Array.from({ length: 5000 }, () => slip(Uint8Array.of(1, 2, 3, 4)));
    host.send(Buffer.concat(flood));
    host.take();
    expect(host.ask(bytesOf('c0 00 0a 04 00 00 00 00 00 00 10 00 40 c0'))).toBe('c0 01 0a 02 00 01 c1 f0 ff 00 00 c0');
  });
});

test('a reset forgets what the client of a fast port has not read', async () => {
  using wired = await WiredChip.open<EchoChip>({ clock: systemClock, speed: 'fast' });
  const chip = new EchoChip();
  wired.insert(chip);
  for (let round = 0; round < 100; round++) chip.send(new Uint8Array(10_000).fill(1));
  wired.setReset(true);
  wired.setReset(false);
  if (wired.portPath === null) throw new Error('The port is unplugged.');
  await using client = await PortClient.open(wired.portPath);
  // Again and again: what is there before a port is open is thrown away when it is opened.
  while (!client.received.includes(2)) {
    chip.send(Uint8Array.of(2));
    await systemClock.sleep(5);
  }
  expect(client.received.length).toBeLessThan(200_000);
});
