import { describe, expect, test } from 'vitest';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import { changing, op, ReferenceBench } from '../../support/reference-bench.ts';

const job = benchJob({ regions: [[0, bootableImage(100_000)]] });
const other = { mac: '5c:cf:7f:a4:f1:5d', flash: { ...w25q32, content: new Uint8Array(0x1000) } };

describe('the address of the module', () => {
  test.for(['loader', 'write', 'verify'] as const)(
    '§4.4 another module that answers after a reset in the phase "%s" is D08, and nothing is written to it',
    async (phase) => {
      const nest = new ReferenceBench();
      let second = nest.chip;
      const swap = { at: phase, do: () => (second = nest.bench.replace(other)) };
      const { report } = await nest.session(job, { events: [swap] }, [/./]);
      expect(report).toMatchObject({ code: 'D08', phase, dirty: phase !== 'loader' });
      expect(second.flash.read(0, 0x1000)).toEqual(new Uint8Array(0x1000));
      expect(second.flash.read(0x1000, 0x1000).every((byte) => byte === 0xff)).toBe(true);
      const reset = nest.wire.lines.filter(({ line, low }) => line === 'gpio0' && low)[1];
      const after = nest.wire.events.slice(nest.wire.at(reset));
      const changed = after.filter((event) => event.kind === 'request' && changing.has(event.opcode));
      expect(reset).toBeDefined();
      expect(changed).toEqual([]);
      expect(nest.wire.requests.at(-1)?.opcode).toBe(op.readReg);
    },
  );

  test('§4.4 the same module after a reset in the middle goes on', async () => {
    const dip = { kind: 'brownOutAtReply', op: op.deflData, nth: 2 } as const;
    const nest = new ReferenceBench({ misbehave: [dip] });
    const { report } = await nest.session(job);
    expect(report).toMatchObject({ outcome: 'PASS', identity: { mac: nest.bench.mac } });
    expect(report.retries).toBeGreaterThan(0);
  });
});
