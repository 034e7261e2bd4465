import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';

import { systemClock } from '../../../src/foundation/system-clock.ts';
import { WiredChip } from '../../../src/simulator/bench/wired-chip.ts';
import { EchoChip } from '../support/echo-chip.ts';
import { PortClient } from '../support/port-client.ts';

const clock = systemClock;
const pattern = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, index) => (index * 7) & 0xff));

/** The port of a socket that is plugged in. */
function pathOf(wired: WiredChip<EchoChip>): string {
  if (wired.portPath === null) throw new Error('The port is unplugged.');
  return wired.portPath;
}

test('a fast chip echoes 64 KiB unchanged, and learns the rate of the host', async () => {
  using wired = await WiredChip.open<EchoChip>({ clock, speed: 'fast' });
  const chip = new EchoChip();
  wired.insert(chip);
  await using client = await PortClient.open(pathOf(wired));
  const sent = pattern(65_536);
  const [received] = await Promise.all([client.take(sent.length), client.write(sent)]);
  expect(received.equals(sent)).toBe(true);
  expect([...chip.heardAt]).toEqual([115_200]);
});

test('an empty socket is silent, and so is one whose chip has been removed', async () => {
  using wired = await WiredChip.open<EchoChip>({ clock, speed: 'fast' });
  await using client = await PortClient.open(pathOf(wired));
  await client.write(pattern(100));
  const chip = new EchoChip();
  wired.insert(chip);
  wired.remove();
  chip.send(pattern(10));
  await client.write(pattern(100));
  await clock.sleep(30);
  expect(client.received).toHaveLength(0);
  expect(chip.heard).toBe(0);
  expect(wired.chip).toBeNull();
  expect(chip.pins.at(-1)).toBe('power off');
});

test('a chip that is inserted sees the levels of the lines before it gets power', async () => {
  using wired = await WiredChip.open<EchoChip>({ clock, speed: 'fast' });
  wired.setGpio0(true);
  wired.setReset(true);
  const chip = new EchoChip();
  wired.insert(chip);
  expect(chip.pins).toEqual(['rst low', 'gpio0 low', 'power on']);
  wired.setReset(false);
  expect(chip.pins.at(-1)).toBe('rst high');
  expect(() => wired.insert(new EchoChip())).toThrow('already');
});

test('a chip is fed while its socket is, and only told when that changes', async () => {
  using wired = await WiredChip.open<EchoChip>({ clock, speed: 'fast' });
  wired.setPower(false);
  const chip = new EchoChip();
  wired.insert(chip);
  expect(chip.pins).toEqual(['rst high', 'gpio0 high']);
  wired.setPower(true);
  wired.setPower(true);
  wired.setPower(false);
  expect(chip.pins.slice(2)).toEqual(['power on', 'power off']);
});

test('what was on its way when the supply went never comes', async () => {
  using wired = await WiredChip.open<EchoChip>({ clock, speed: 'real' });
  const chip = new EchoChip(9_600);
  wired.insert(chip);
  await using client = await PortClient.open(pathOf(wired), 9_600);
  chip.send(pattern(100));
  wired.setPower(false);
  wired.setPower(true);
  chip.send(pattern(20).reverse());
  expect(await client.take(20)).toEqual(pattern(20).reverse());
});

test('boot text at 74880 is garbage at 115200 and clean at 74880', async () => {
  using wired = await WiredChip.open<EchoChip>({ clock, speed: 'fast' });
  const chip = new EchoChip(74_928);
  wired.insert(chip);
  const text = Buffer.from('\n ets Jan  8 2013,rst cause:2, boot mode:(1,7)\n\n');
  await using client = await PortClient.open(pathOf(wired), 115_200);
  chip.send(text);
  const garbage = await client.take(50);
  expect(garbage.includes('ets')).toBe(false);
  await client.setBaud(74_880);
  client.clear();
  chip.send(text);
  expect(await client.take(text.length)).toEqual(text);
});

test('a real line takes ten bits a byte in both directions', async () => {
  using wired = await WiredChip.open<EchoChip>({ clock, speed: 'real' });
  const chip = new EchoChip(230_400);
  wired.insert(chip);
  await using client = await PortClient.open(pathOf(wired), 230_400);
  const sent = pattern(8192);
  const startMs = clock.monotonic();
  const [received] = await Promise.all([client.take(sent.length), client.write(sent)]);
  const tookMs = clock.monotonic() - startMs;
  expect(received.equals(sent)).toBe(true);
  // The echo runs beside the sending, one step behind.
  expect(tookMs).toBeGreaterThan(353);
  expect(tookMs).toBeLessThan(700);
});

test('a real line reads no further ahead than it needs, so the host backs up', async () => {
  using wired = await WiredChip.open<EchoChip>({ clock, speed: 'real' });
  const chip = new EchoChip();
  wired.insert(chip);
  const file = openSync(pathOf(wired), constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  let written = 0;
  for (let round = 0; round < 30; round += 1) {
    written += writeWhatFits(file, pattern(4096));
    await clock.sleep(10);
  }
  closeSync(file);
  // 300 ms carry 3456 bytes; the rest of what was taken lies in the kernel's buffer.
  expect(chip.heard).toBeGreaterThan(1500);
  expect(chip.heard).toBeLessThan(7000);
  expect(written).toBeLessThan(40_000);
});

test('a reset empties what the chip had not sent yet', async () => {
  using wired = await WiredChip.open<EchoChip>({ clock, speed: 'real' });
  const chip = new EchoChip(9600);
  wired.insert(chip);
  await using client = await PortClient.open(pathOf(wired), 9600);
  chip.send(pattern(1000));
  await clock.sleep(50);
  wired.setReset(true);
  await clock.sleep(30);
  const before = client.received.length;
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(500);
  await clock.sleep(50);
  expect(client.received).toHaveLength(before);
});

test('bytes for a client that is slow to read wait for it', async () => {
  using wired = await WiredChip.open<EchoChip>({ clock, speed: 'fast' });
  const chip = new EchoChip();
  wired.insert(chip);
  await using client = await PortClient.open(pathOf(wired));
  client.port.pause();
  const sent = pattern(300_000);
  chip.send(sent);
  await clock.sleep(20);
  client.port.resume();
  expect((await client.take(sent.length)).equals(sent)).toBe(true);
});

test('a port that is plugged in again serves the same chip, which kept its power', async () => {
  using wired = await WiredChip.open<EchoChip>({ clock, speed: 'fast' });
  const chip = new EchoChip();
  wired.insert(chip);
  wired.unplug();
  expect(wired.portPath).toBeNull();
  chip.send(pattern(10));
  await wired.plugIn();
  await using client = await PortClient.open(pathOf(wired));
  await client.write(Buffer.from('hello'));
  expect((await client.take(5)).toString()).toBe('hello');
  expect(chip.pins).toEqual(['rst high', 'gpio0 high', 'power on']);
});

function writeWhatFits(file: number, bytes: Uint8Array): number {
  try {
    return writeSync(file, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw error;
  }
}
