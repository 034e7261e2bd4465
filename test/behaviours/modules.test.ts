import { expect } from 'vitest';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import { behaviour } from '../support/behaviour.ts';
import { banner, behaviourApplication, behaviourJob } from '../support/behaviour-job.ts';
import { behaviourStation, failsAs, goodModule, nextPasses } from '../support/behaviour-station.ts';
import { ChatteringDevice, EchoingDevice } from '../support/odd-devices.ts';
import { atMoment, atShare, lamps, refusal, run } from '../support/station-steps.ts';
import { holdsJob } from '../support/virtual-bench.ts';

const mib = 1024 * 1024;

behaviour(
  'remove at 50 % write',
  'with a sensor the run ends as O02, dirty, and the module is flashed anew',
  async () => {
    await using at = await behaviourStation({ sensor: true });
    const module = goodModule();
    const chip = at.insert(1, module);
    await at.elapse(200);
    atShare(at, 0.5, () => at.nest(1).remove());
    expect(await run(at)).toMatchObject({ outcome: 'ABORTED', code: 'O02', dirty: 1, phase: 'write', attempt: null });
    expect(holdsJob(chip, behaviourJob)).toBe(false);
    at.put(1, chip);
    await at.elapse(200);
    expect(await run(at)).toMatchObject({ outcome: 'PASS', seq: 2, mac: module.mac, attempt: 1, reflash: 0 });
    expect(await lamps(at)).toBe('pass');
  },
);

behaviour('remove at 50 % write', 'without a sensor the contact was lost, dirty, and the nest is red', async () => {
  await using at = await behaviourStation();
  atShare(at, 0.5, () => at.nest(1).remove());
  expect(await run(at)).toMatchObject({ outcome: 'FAIL', attribution: 'C', dirty: 1, phase: 'write', attempt: 1 });
  expect(await lamps(at)).toBe('fail');
  await nextPasses(at);
});

behaviour('swap modules mid-run', 'gives neither of the two a green, and both can be flashed afterwards', async () => {
  await using at = await behaviourStation();
  const first = goodModule();
  const chip = at.insert(1, first);
  const second = goodModule();
  atMoment(at, 'verify', () => at.insert(1, second));
  const result = await run(at);
  expect(result).toMatchObject({ outcome: 'FAIL', code: 'D08', mac: first.mac, dirty: 1 });
  expect(await lamps(at)).not.toBe('pass');
  expect(await run(at)).toMatchObject({ outcome: 'PASS', mac: second.mac, attempt: 1 });
  at.put(1, chip);
  expect(await run(at)).toMatchObject({ outcome: 'PASS', mac: first.mac, attempt: 2 });
});

behaviour('module silent', 'is C01 within 10 s: re-seat it, and the next one passes', async () => {
  await using at = await behaviourStation({ module: () => goodModule({ misbehave: [{ kind: 'silent' }] }) });
  const startMs = at.clock.monotonic();
  await failsAs(at, 'C01', 'fail');
  const [silent] = at.station.ledger.runs().toReversed();
  expect(silent).toMatchObject({ mac: null, dirty: 0, link: 'none' });
  expect(silent?.ms_total).toBeLessThan(10_000);
  expect(at.clock.monotonic() - startMs).toBeLessThan(60_000);
});

behaviour(
  'module chattering at a wrong rate',
  'is a fault of the contact, never a pass, and does not hang',
  async () => {
    await using at = await behaviourStation({ module: () => null });
    using chatter = new ChatteringDevice(at.clock, 57_600);
    at.put(1, chatter);
    const result = await run(at);
    expect(result).toMatchObject({ outcome: 'FAIL', code: 'C04', attribution: 'C', dirty: 0, mac: null });
    expect(result.ms_total).toBeLessThan(20_000);
    expect(await lamps(at)).toBe('fail');
    await nextPasses(at);
  },
);

behaviour('module echoing', 'is a fault of the contact: its own words are no answer', async () => {
  await using at = await behaviourStation({ module: () => null });
  at.put(1, new EchoingDevice());
  const result = await run(at);
  expect(result).toMatchObject({ outcome: 'FAIL', attribution: 'C', dirty: 0, mac: null });
  expect(result.ms_total).toBeLessThan(20_000);
  expect(await lamps(at)).toBe('fail');
  await nextPasses(at);
});

behaviour(
  'wrong chip',
  'is D01 before anything is written, and its nest is locked until somebody has looked',
  async () => {
    await using at = await behaviourStation();
    const chip = at.insert(1, goodModule({ detectValue: 0x00f0_1d83 }));
    const result = await run(at);
    expect(result).toMatchObject({ outcome: 'FAIL', code: 'D01', dirty: 0, mac: null });
    expect([chip.flash.erased, chip.flash.programmed]).toEqual([[], []]);
    expect(await lamps(at)).toBe('no-verdict');
    expect(await refusal(at)).toMatchObject({ code: 'S07' });
    at.station.alarms.locks.unlock(1, 'technician');
    await nextPasses(at);
  },
);

behaviour('flash id ff and 00', 'is F01 for both, with the module known and untouched', async () => {
  for (const kind of ['flashAbsent', 'flashStuckLow'] as const) {
    await using at = await behaviourStation();
    const module = goodModule({ misbehave: [{ kind }] });
    at.insert(1, module);
    expect(await run(at)).toMatchObject({ outcome: 'FAIL', code: 'F01', mac: module.mac, flash_id: null, dirty: 0 });
    expect(await lamps(at)).toBe('fail');
    await nextPasses(at);
  }
});

behaviour('1 MB part in a 4 MB job', 'is F03, and nothing is erased', async () => {
  await using at = await behaviourStation({
    setup: () => ({
      loadJob: () => Promise.resolve({ ...behaviourJob, flash: { ...behaviourJob.flash, size: 4 * mib } }),
    }),
  });
  const chip = at.insert(1, goodModule({ flash: { ...w25q32, id: 0x1440ef, bytes: mib } }));
  await failsAs(at, 'F03', 'rejected');
  expect(chip.flash.erased).toEqual([]);
  expect(at.station.ledger.runs().at(-1)).toMatchObject({ flash_id: 'ef4014', flash_bytes: mib, dirty: 0 });
});

behaviour('digest differs in one bit', 'is V01 with both digests in the record', async () => {
  await using at = await behaviourStation();
  // Bit 0 of the magic e9 would already keep it from booting; this one only the digest finds.
  const address = 0x20000 + [...behaviourApplication.regions[1]!.data].findIndex((byte) => (byte & 0x10) !== 0);
  at.insert(1, goodModule({ misbehave: [{ kind: 'stuckBit', address, bit: 4 }] }));
  await failsAs(at, 'V01', 'fail');
  const bad = at.station.ledger.runs().at(-1);
  expect(bad).toMatchObject({ phase: 'verify', dirty: 1, boot_mode: null });
  expect(bad?.digest_expected).not.toBe(bad?.digest_actual);
});

behaviour(
  'banner one version old',
  'is B05: the digests are right, but what runs is not what was ordered',
  async () => {
    await using at = await behaviourStation();
    at.insert(1, goodModule({ application: { ...behaviourApplication, banner: banner('1.1.9') } }));
    expect(await run(at)).toMatchObject({ outcome: 'FAIL', code: 'B05', boot_version: '1.1.9', dirty: 1 });
    expect(await lamps(at)).not.toBe('pass');
  },
);

behaviour('boot loop', 'is B03, red, with the module known and written; the next one passes', async () => {
  await using at = await behaviourStation();
  const loops = { ...behaviourApplication, banner: '', restarts: { cause: 4, afterMs: 100 } } as const;
  const module = goodModule({ application: loops });
  at.insert(1, module);
  await failsAs(at, 'B03', 'fail');
  expect(at.station.ledger.runs().at(-1)).toMatchObject({ phase: 'boot', dirty: 1, mac: module.mac, boot_mode: '3,7' });
});
