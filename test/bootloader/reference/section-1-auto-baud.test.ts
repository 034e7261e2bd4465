import { describe, expect, test } from 'vitest';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import { op, passed } from '../../support/reference-bench.ts';
import type { WireTap } from '../../support/wire-tap.ts';

const job = benchJob({ regions: [[0, bootableImage(20_000)]] });

/** The rates of the SYNCs after each release of RST, reset by reset. */
function syncRates(wire: WireTap): number[][] {
  const resets: number[][] = [];
  for (const event of wire.events) {
    if (event.kind === 'line' && event.line === 'rst' && !event.low) resets.push([]);
    if (event.kind === 'request' && event.opcode === op.sync) resets.at(-1)?.push(event.baud);
  }
  return resets.filter((rates) => rates.length > 0);
}

describe('the auto-baud', () => {
  test('§1.8 the first SYNC trains it and is lost, the second is answered', async () => {
    const { wire, report } = await passed({}, job);
    expect(wire.sent(op.sync)).toHaveLength(2);
    expect(report.retries).toBe(0);
    // §6.10: nobody answers the first one, so it is not waited for as long as for an answer.
    const [first, second] = wire.sent(op.sync);
    expect((second?.atMs ?? Infinity) - (first?.atMs ?? 0)).toBeLessThan(50);
  });

  test('§1.8 it is trained once per reset: every SYNC after one reset has the same rate', async () => {
    const { wire } = await passed({ misbehave: [{ kind: 'autoBaudDeaf', aboveBaud: 115_200 }] }, job);
    const rates = syncRates(wire);
    expect(rates.map((one) => new Set(one).size)).toEqual(rates.map(() => 1));
    expect(rates.map(([rate]) => rate)).toEqual([921_600, 115_200]);
  });

  test('§1.8 the ROM loader is never asked to change its rate', async () => {
    const { wire } = await passed({ misbehave: [{ kind: 'autoBaudDeaf', aboveBaud: 115_200 }] }, job);
    const started = wire.at(wire.sent(op.memEnd)[0]);
    expect(wire.sent(op.changeBaudrate).every((request) => wire.at(request) > started)).toBe(true);
  });
});

describe('the fast first rate', () => {
  test('§6.10 a module that follows 921600 gets its RAM loader at that rate and no change of it', async () => {
    const { wire, report } = await passed({}, job);
    expect(new Set(wire.requests.map(({ baud }) => baud))).toEqual(new Set([921_600]));
    expect(wire.sent(op.changeBaudrate)).toEqual([]);
    expect(report).toMatchObject({ baud: 921_600, retries: 0, marginal: false });
  });

  test.for([
    { name: 'hears nothing at it', fault: { kind: 'autoBaudDeaf', aboveBaud: 115_200 } },
    { name: 'is 5 % off', fault: { kind: 'autoBaudOff', aboveBaud: 115_200, percent: 5 } },
  ] as const)('§6.10 a module that $name is reset and met at 115200', async ({ fault }) => {
    const { wire, report } = await passed({ misbehave: [fault] }, job);
    expect(new Set(wire.sent(op.memData).map(({ baud }) => baud)).has(115_200)).toBe(true);
    expect(report.baud).toBe(921_600);
    const [change] = wire.sent(op.changeBaudrate);
    expect(change?.baud).toBe(115_200);
    expect(Buffer.from(change?.wire ?? []).toString('hex')).toBe('c0000f080000000000' + '00100e0000c20100c0');
  });

  test('§6.10 a slow link is met at its own rate', async () => {
    const { wire } = await passed({}, job, { baud: 115_200 });
    expect(new Set(wire.requests.map(({ baud }) => baud))).toEqual(new Set([115_200]));
    expect(wire.sent(op.changeBaudrate)).toEqual([]);
  });

  test('§1.7 a crystal of 40 MHz trains as well and passes', async () => {
    const { wire, report } = await passed({ crystalMhz: 40 }, job);
    expect(report).toMatchObject({ baud: 921_600, retries: 0 });
    expect(wire.sent(op.sync)).toHaveLength(2);
  });
});
