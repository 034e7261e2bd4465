import { describe, expect, test } from 'vitest';
import { esp8266 } from '../../../src/chips/esp8266.ts';
import { proveLink } from '../../../src/bootloader/baud-change.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import { changing, failed, op, passed, ReferenceBench } from '../../support/reference-bench.ts';
import { holdsJob, virtualMac } from '../../support/virtual-bench.ts';
import type { WireTap } from '../../support/wire-tap.ts';

const job = benchJob({ regions: [[0, bootableImage(20_000)]] });
const syncWire = 'c00008240000000000' + '07071220' + '55'.repeat(32) + 'c0';
const romReply = '01080200070712200000';

function syncReplies(wire: WireTap): string[] {
  const frames = wire.events.filter((event) => event.kind === 'heard' && event.opcode === op.sync);
  return frames.map((event) => (event.kind === 'heard' ? Buffer.from(event.frame).toString('hex') : ''));
}

describe('SYNC', () => {
  test('§2.5 it is sent and answered byte by byte as on a device', async () => {
    const { wire } = await passed({}, job);
    for (const { wire: bytes } of wire.sent(op.sync)) expect(Buffer.from(bytes).toString('hex')).toBe(syncWire);
    expect(syncReplies(wire)).toEqual(Array.from({ length: 8 }, () => romReply));
  });

  test('§4.1 all eight replies are off the line before the next request', async () => {
    const { wire } = await passed({}, job);
    const next = wire.requests.find(({ opcode }) => opcode !== op.sync);
    const before = wire.events.slice(0, wire.at(next));
    expect(before.filter((event) => event.kind === 'heard' && event.opcode === op.sync)).toHaveLength(8);
  });

  test.for([5, 60, 400])('§4.1 replies that trickle in %d ms later are not taken for others', async (pauseMs) => {
    const late = { kind: 'lateReplies', op: op.sync, copies: 8, pauseMs } as const;
    const { report } = await passed({ misbehave: [late] }, job);
    expect(report.identity.mac).toBe(virtualMac);
    expect(report.retries).toBe(0);
  });

  test('§4.1 sixteen replies, because a second SYNC was waiting behind the first, do no harm', async () => {
    const late = { kind: 'delayReply', op: op.sync, nth: 1, ms: 80 } as const;
    const { report, wire } = await passed({ misbehave: [late] }, job);
    expect(syncReplies(wire).length).toBeGreaterThanOrEqual(16);
    expect(report.identity.mac).toBe(virtualMac);
  });

  test('§4.1 one reply lost of the eight costs no repeat', async () => {
    const lost = { kind: 'byteFault', direction: 'sent', what: 'drop', nth: 58 } as const;
    const { report } = await passed({ misbehave: [lost] }, job);
    expect(report.identity.mac).toBe(virtualMac);
  });

  test('§4.1 a module that never answers is given up in less than ten seconds', async () => {
    for (const kind of ['silent', 'deafRx'] as const) {
      const { ms, wire } = await failed(kind === 'silent' ? 'C01' : 'C03', { misbehave: [{ kind }] }, job);
      expect(ms).toBeLessThan(10_000);
      expect(wire.requests.every(({ opcode }) => opcode === op.sync)).toBe(true);
    }
  });
});

describe('a RAM loader that still runs', () => {
  test.for(
    ([1, 2] as const).flatMap((generation) =>
      [115_200, 460_800, 921_600].map((baud) => ({ name: `v${generation} at ${baud}`, generation, baud })),
    ),
  )('§4.1 $name is used as it is where the module cannot be reset', async ({ generation, baud }) => {
    const { wire, chip, report } = await passed({ running: { generation, baud } }, job, { reset: 'none' });
    for (const opcode of [op.memBegin, op.memData, op.memEnd]) expect(wire.sent(opcode)).toEqual([]);
    expect(chip.state).toBe('ram-loader');
    expect(report.baud).toBe(921_600);
  });

  test.for([1, 2] as const)(
    '§6.3 v%d is left at 115200 for the session after, which uses it again',
    async (generation) => {
      const nest = new ReferenceBench({ running: { generation, baud: 115_200 } });
      for (let session = 0; session < 3; session += 1) {
        const { report } = await nest.session(job, { reset: 'none' });
        expect(report).toMatchObject({ outcome: 'PASS', retries: 0 });
        expect(holdsJob(nest.chip, job)).toBe(true);
      }
      expect(await nest.talk(115_200, (loader, signal) => proveLink(loader, esp8266, signal))).toBe(true);
    },
  );

  // What comes within 5 ms of the answer to CHANGE_BAUDRATE is lost.
  test.for([1, 2] as const)(
    '§6.4 a session may begin at once after one that left v%d at 115200',
    async (generation) => {
      const nest = new ReferenceBench({ running: { generation, baud: 115_200 } });
      for (let session = 0; session < 2; session += 1) {
        const { report } = await nest.session(job, { reset: 'none' });
        expect(report).toMatchObject({ outcome: 'PASS', retries: 0 });
      }
    },
  );

  test('§6.4 the session that leaves it there ends 15 ms after the last answer', async () => {
    const nest = new ReferenceBench({ running: { generation: 2, baud: 115_200 } });
    await nest.session(job, { reset: 'none' });
    const last = nest.wire.events.findLast(({ kind }) => kind === 'heard');
    expect(last).toMatchObject({ opcode: op.changeBaudrate });
    expect(nest.bench.clock.monotonic() - (last?.atMs ?? NaN)).toBeGreaterThanOrEqual(15);
  });

  test('§4.1 a ROM loader entered by hand is answered with its mark and gets the RAM loader', async () => {
    const nest = new ReferenceBench();
    nest.bench.enterFlashMode();
    await nest.bench.clock.elapse(50);
    const { report } = await nest.session(job, { reset: 'none' });
    expect(report).toMatchObject({ outcome: 'PASS' });
    expect(syncReplies(nest.wire)).toContain(romReply);
    expect(nest.wire.sent(op.memEnd)).toHaveLength(1);
  });

  test.for([115_200, 921_600])('§4.1 one that answers right after a reset, at %d, is S03', async (baud) => {
    const running = { generation: 2, baud } as const;
    const { wire } = await failed('S03', { running, misbehave: [{ kind: 'resetIgnored' }] }, job);
    expect(wire.requests.filter(({ opcode }) => changing.has(opcode))).toEqual([]);
    expect(wire.sent(op.memBegin)).toEqual([]);
  });

  test.for([1, 2] as const)('§6.3 v%d is gone after a reset, and the own one is uploaded', async (generation) => {
    const { wire, report } = await passed({ running: { generation, baud: 921_600 } }, job);
    expect(wire.sent(op.memEnd)).toHaveLength(1);
    expect(report.retries).toBe(0);
  });
});
