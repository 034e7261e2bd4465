import { expect, test } from 'vitest';
import { silentDriver } from './silent-driver.ts';
import { nodeSerialLinks } from '../../src/serial/node-serial-link.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const never = new AbortController().signal;

test('the port is opened exclusively and closing it leaves the lines alone', async () => {
  const driver = silentDriver();
  await using link = await nodeSerialLinks(new VirtualClock(), driver.load)('/dev/ttyUSB0', 115_200, never);
  expect(link.path).toBe('/dev/ttyUSB0');
  expect(driver.opened).toEqual([{ path: '/dev/ttyUSB0', baudRate: 115_200, lock: true, hupcl: false, rtscts: false }]);
});

test('every change names both lines and low latency', async () => {
  const driver = silentDriver();
  await using link = await nodeSerialLinks(new VirtualClock(), driver.load)('/dev/ttyUSB0', 115_200, never);
  await link.setModemLines({ dtr: true, rts: false });
  await link.setModemLines({ dtr: false, rts: true });
  const common = { brk: false, cts: false, dsr: false, lowLatency: true };
  expect(driver.settings).toEqual([
    { dtr: false, rts: false, ...common },
    { dtr: true, rts: false, ...common },
    { dtr: false, rts: true, ...common },
  ]);
});

test('a change of the rate waits until everything written has left', async () => {
  const driver = silentDriver();
  await using link = await nodeSerialLinks(new VirtualClock(), driver.load)('/dev/ttyUSB0', 115_200, never);
  await link.write(Uint8Array.of(1), never);
  await link.setBaud(921_600, never);
  expect(driver.calls).toEqual(['write', 'drain', 'update']);
});

test('a write that the driver has forgotten to watch for goes on', async () => {
  const clock = new VirtualClock();
  const driver = silentDriver({ writeIsForgotten: true });
  const link = await nodeSerialLinks(clock, driver.load)('/dev/ttyUSB0', 115_200, never);
  const writing = link.write(Uint8Array.of(1), never);
  await clock.elapse(50);
  await writing;
  await link[Symbol.asyncDispose]();
  expect(clock.pending).toBe(0);
});

test('output that never leaves ends a change of the rate as S04', async () => {
  const clock = new VirtualClock();
  const link = await nodeSerialLinks(clock, silentDriver({ drainHangs: true }).load)('/dev/ttyUSB0', 115_200, never);
  const refused = expect(link.setBaud(921_600, never)).rejects.toMatchObject({ code: 'S04' });
  await clock.elapse(5_000);
  await refused;
  await link[Symbol.asyncDispose]();
});

test('a rate that the driver refuses is S04 and the link keeps its own', async () => {
  const driver = silentDriver({ refuseBaud: 3_000_000 });
  await using link = await nodeSerialLinks(new VirtualClock(), driver.load)('/dev/ttyUSB0', 115_200, never);
  await expect(link.setBaud(3_000_000, never)).rejects.toMatchObject({
    code: 'S04',
    detail: 'Port /dev/ttyUSB0 refused 3000000 baud: no such rate',
  });
  expect(link.baud).toBe(115_200);
});

test('a port that cannot be closed holds nobody up', async () => {
  const clock = new VirtualClock();
  const driver = silentDriver({ closeHangs: true });
  const link = await nodeSerialLinks(clock, driver.load)('/dev/ttyUSB0', 115_200, never);
  const closing = link[Symbol.asyncDispose]();
  await clock.elapse(1_000);
  await closing;
  expect(clock.pending).toBe(0);
});

test('a port that does not open is given up', async () => {
  const clock = new VirtualClock();
  const opening = nodeSerialLinks(clock, silentDriver({ openHangs: true }).load)('/dev/ttyUSB0', 115_200, never);
  const refused = expect(opening).rejects.toMatchObject({ code: 'S04' });
  await clock.elapse(3_000);
  await refused;
});
