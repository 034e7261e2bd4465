import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connect } from '../../../src/bootloader/connect.ts';
import { Loader } from '../../../src/bootloader/loader.ts';
import { startRamLoader } from '../../../src/bootloader/ram-loader-start.ts';
import { esp8266 } from '../../../src/chips/esp8266.ts';
import { concatBytes } from '../../../src/foundation/bytes.ts';
import { silentLogger } from '../../../src/foundation/logger.ts';
import { systemClock } from '../../../src/foundation/system-clock.ts';
import { readModule } from '../../../src/nest/session/read-module.ts';
import type { WorkHooks } from '../../../src/nest/session/use-loader.ts';
import { nodeSerialLinks } from '../../../src/serial/node-serial-link.ts';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import type { Misbehaviour } from '../../../src/simulator/chip/misbehaviour.ts';
import { loaderV1 } from '../../support/raw-host.ts';
import { noisyBytes } from '../../support/regions.ts';
import { SessionBench } from '../../support/session-bench.ts';

const content = noisyBytes(300_000, 5);
const flash = { ...w25q32, content };
const parts = { openLink: nodeSerialLinks(systemClock), clock: systemClock, log: silentLogger() };
const never = new AbortController().signal;
let bench: SessionBench;

beforeEach(async () => {
  bench = await SessionBench.open();
});

afterEach(() => bench[Symbol.asyncDispose]());

/** Reads through a module in flash mode that cannot be reset. */
async function read(address: number, bytes: number, hooks: Partial<WorkHooks> = {}, signal: AbortSignal = never) {
  const shares: number[] = [];
  const taken: Uint8Array[] = [];
  const target = { port: bench.nest.portPath, reset: { kind: 'none' }, baud: 921_600, chip: esp8266 } as const;
  const take = async (piece: Uint8Array): Promise<void> => void taken.push(piece.slice());
  const copy = await readModule(
    parts,
    { ...target, range: { address, bytes }, take },
    {
      phase: () => undefined,
      identified: () => undefined,
      ...hooks,
      progress: (share) => {
        shares.push(share);
        hooks.progress?.(share);
      },
    },
    signal,
  );
  return { copy, shares, data: concatBytes(taken) };
}

test('what is taken is the range, and the share of it grows to 1', async () => {
  bench.insert({ flash });
  bench.enterFlashMode();
  const { copy, shares, data } = await read(0x1234, 200_000);
  const expected = content.subarray(0x1234, 0x1234 + 200_000);
  expect(Buffer.compare(data, expected)).toBe(0);
  expect(copy).toMatchObject({ address: 0x1234, bytes: 200_000, identity: { chip: 'ESP8266EX' } });
  expect(copy.sha256).toBe(createHash('sha256').update(expected).digest('hex'));
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(shares.length).toBeGreaterThan(45);
  expect(shares.at(-1)).toBe(1);
});

test.for([
  { name: 'an acknowledgement that loses a byte', what: 'drop', direction: 'received', nth: 2 },
  { name: 'an acknowledgement that loses its end', what: 'drop', direction: 'received', nth: 6 },
  { name: 'an acknowledgement with a bent byte', what: 'corrupt', direction: 'received', nth: 4 },
  { name: 'an acknowledgement with a byte twice', what: 'duplicate', direction: 'received', nth: 2 },
  { name: 'a block that loses a byte', what: 'drop', direction: 'sent', nth: 2 },
  { name: 'a block that loses its beginning', what: 'drop', direction: 'sent', nth: 1 },
] as const)('$name in the middle of the stream costs time, not bytes', { timeout: 20_000 }, async (fault) => {
  const chip = bench.insert({ flash });
  bench.enterFlashMode();
  let damaged = 0;
  const progress = (share: number): void => {
    if (share < 0.4 || damaged > 0) return;
    damaged += 1;
    chip.misbehave({ kind: 'byteFault', direction: fault.direction, what: fault.what, nth: fault.nth });
  };
  const { data, shares } = await read(0, 100_000, { progress });
  expect(Buffer.compare(data, content.subarray(0, 100_000))).toBe(0);
  // The chunk was begun again.
  if (fault.nth !== 1) expect(shares).not.toEqual(shares.toSorted((a, b) => a - b));
});

function fromTheRead(begin: () => void): (phase: string) => void {
  return (phase) => {
    if (phase === 'read') begin();
  };
}

test('a line that damages every hundred-thousandth byte is read through', { timeout: 60_000 }, async () => {
  const chip = bench.insert({ flash });
  bench.enterFlashMode();
  const noise: Misbehaviour = { kind: 'randomByteFaults', share: 1e-5, seed: 7, direction: 'sent' };
  const { data } = await read(0, content.length, { phase: fromTheRead(() => chip.misbehave(noise)) });
  expect(Buffer.compare(data, content)).toBe(0);
});

test('a line that damages every block is C04 in bounded time', { timeout: 30_000 }, async () => {
  const chip = bench.insert({ flash });
  bench.enterFlashMode();
  const noise: Misbehaviour = { kind: 'randomByteFaults', share: 1e-3, seed: 7, direction: 'sent' };
  const reading = read(0, content.length, { phase: fromTheRead(() => chip.misbehave(noise)) });
  await expect(reading).rejects.toMatchObject({ code: expect.stringMatching(/^C0[46]$/) as string });
});

test('an abort in the middle is its reason, and the loader answers the next session', async () => {
  bench.insert({ flash });
  bench.enterFlashMode();
  const control = new AbortController();
  const progress = (share: number): void => {
    if (share > 0.3) control.abort();
  };
  await expect(read(0, content.length, { progress }, control.signal)).rejects.toMatchObject({ code: 'O01' });
  const { data } = await read(0x10, 32);
  expect([...data]).toEqual([...content.subarray(0x10, 0x30)]);
});

/** Starts the first generation, as other tools leave it behind. */
async function startFirstGeneration(): Promise<void> {
  await using link = await parts.openLink(bench.nest.portPath, 115_200, never);
  const loader = new Loader(link, systemClock, silentLogger());
  const options = { chip: esp8266, reset: { kind: 'none' }, otherBauds: [], retrying: () => undefined } as const;
  await connect(loader, { ...options, syncBaud: 115_200, safeBaud: 115_200 }, silentLogger(), never);
  const { text, textStart, data, dataStart, entry } = loaderV1;
  const stub = { entry, text: { address: textStart, bytes: text }, data: { address: dataStart, bytes: data } };
  await startRamLoader(loader, esp8266, stub, never);
}

test('a loader of the first generation that runs already is read through', { timeout: 20_000 }, async () => {
  const chip = bench.insert({ flash });
  bench.enterFlashMode();
  await startFirstGeneration();
  let damaged = 0;
  const progress = (share: number): void => {
    if (share < 0.4 || damaged > 0) return;
    damaged += 1;
    chip.misbehave({ kind: 'byteFault', direction: 'sent', what: 'drop', nth: 2 });
  };
  const { data } = await read(0x13, 99_999, { progress });
  expect(Buffer.compare(data, content.subarray(0x13, 0x13 + 99_999))).toBe(0);
  expect(damaged).toBe(1);
});
