import type { FaultCode } from '../../src/foundation/faults.ts';
import type { RunPhase } from '../../src/nest/run/outcome.ts';
import type { Application } from '../../src/simulator/chip/chip-options.ts';
import type { Misbehaviour } from '../../src/simulator/chip/misbehaviour.ts';
import { bootableImage } from './bench-job.ts';
import { smallFlash } from './fault-cells.ts';
import { noisyBytes } from './regions.ts';
import type { VirtualModule, VirtualRunOptions } from './virtual-bench.ts';

const initDataAt = smallFlash.bytes - 0x4000;
const calibrationAt = smallFlash.bytes - 0x5000;
const firmware = [
  [0, bootableImage(24_000)],
  [0x10000, noisyBytes(8_192, 5)],
] as const;

/** Firmware and its init data, for a module with the small flash. */
export const retriedRegions = [...firmware, [initDataAt, new Uint8Array(128).fill(0x11).with(0, 0x05)]] as const;

export const goodApplication: Application = {
  regions: firmware.map(([address, data]) => ({ address, data })),
  banner: 'NodeMCU 2.3.1 \r\n',
  baud: 115_200,
  radioData: { initData: initDataAt, calibration: calibrationAt },
};

/** How a module comes to fail with a code, once or for good. */
export interface Trouble {
  readonly module?: VirtualModule;
  /** What goes wrong, and until when after that, ms; left out: for good. */
  readonly faults?: readonly {
    readonly at: RunPhase;
    readonly afterMs?: number;
    readonly fault: Misbehaviour;
    readonly endsAfterMs?: number;
  }[];
  readonly run?: VirtualRunOptions;
}

/** A code that the station tries to mend by itself. */
export interface RetriedCode {
  /** It happens once, and the run passes. */
  readonly once: Trouble;
  /** It stays. */
  readonly always: Trouble & {
    /** Other codes that are as right. */
    readonly or?: readonly FaultCode[];
    /** Virtual time that the run may take, ms. */
    readonly limitMs: number;
  };
}

const radioLimitMs = 40_000;
const connectLimitMs = 3_000;

/** While the module is met for the first time. */
const whileMet = (fault: Misbehaviour, endsAfterMs = 350): Trouble => ({
  faults: [{ at: 'connect', fault, endsAfterMs }],
});
const from = (at: RunPhase, fault: Misbehaviour, afterMs = 0): Trouble => ({ faults: [{ at, afterMs, fault }] });

const staleCalibration = new Uint8Array(smallFlash.bytes).fill(0xff).fill(0x42, calibrationAt, calibrationAt + 64);
const invalidEfuses = [0x9100a000, 0x02021234, 0, 0] as const;

/** Every code of the table with the letter A, but for those that nothing raises. */
export const retriedCodes: Partial<Record<FaultCode, RetriedCode>> = {
  C01: {
    once: whileMet({ kind: 'silent' }),
    always: { ...from('connect', { kind: 'silent' }), limitMs: connectLimitMs },
  },
  C02: {
    once: whileMet({ kind: 'stuckGpio0', level: 'high' }, 105),
    always: { ...from('connect', { kind: 'stuckGpio0', level: 'high' }), limitMs: connectLimitMs },
  },
  C03: {
    once: whileMet({ kind: 'deafRx' }, 800),
    always: { ...from('connect', { kind: 'deafRx' }), limitMs: connectLimitMs },
  },
  C04: {
    // A module that cannot be read at the first rate only may have another crystal: that is no trouble yet.
    once: whileMet({ kind: 'randomByteFaults', share: 0.7, seed: 1 }, 1_700),
    always: {
      ...from('connect', { kind: 'randomByteFaults', share: 0.4, seed: 4 }),
      limitMs: connectLimitMs,
    },
  },
  C10: {
    once: {
      module: { misbehave: [{ kind: 'autoBaudDeaf', aboveBaud: 115_200 }] },
      ...from('connect', { kind: 'baudChangeFails', aboveBaud: 460_800 }),
    },
    // The rate fails, and then nobody can be met any more.
    always: {
      module: { misbehave: [{ kind: 'autoBaudDeaf', aboveBaud: 115_200 }] },
      faults: [
        { at: 'connect', fault: { kind: 'baudChangeFails', aboveBaud: 115_200 } },
        { at: 'loader', fault: { kind: 'stuckGpio0', level: 'high' } },
      ],
      limitMs: 6_000,
    },
  },
  D03: {
    // The answers to three readings of the efuses, the second of them spoiled.
    once: from('identify', { kind: 'byteFault', direction: 'sent', what: 'corrupt', nth: 21 }),
    always: { module: { efuses: invalidEfuses }, limitMs: 4_000 },
  },
  F01: {
    once: {
      module: { misbehave: [{ kind: 'autoBaudDeaf', aboveBaud: 115_200 }] },
      faults: [{ at: 'identify', fault: { kind: 'flashAbsent' }, endsAfterMs: 150 }],
    },
    always: { ...from('identify', { kind: 'flashAbsent' }), limitMs: 4_000 },
  },
  F06: {
    once: { faults: [{ at: 'loader', fault: { kind: 'loaderStartFails' }, endsAfterMs: 1_000 }] },
    always: { ...from('loader', { kind: 'loaderStartFails' }), limitMs: 12_000 },
  },
  W01: {
    once: from('write', { kind: 'badBlock', nth: 2 }),
    always: { ...from('write', { kind: 'badBlock', nth: 2, repeats: true }), limitMs: 10_000 },
  },
  W02: {
    once: from('write', { kind: 'dieAfterDataBlocks', count: 1, once: true }),
    always: { ...from('write', { kind: 'dieAfterDataBlocks', count: 1 }), limitMs: 30_000 },
  },
  W04: {
    once: from('write', { kind: 'badBlock', nth: 2, error: 'inflate' }),
    always: { ...from('write', { kind: 'badBlock', nth: 2, repeats: true, error: 'inflate' }), limitMs: 10_000 },
  },
  V02: {
    once: from('verify', { kind: 'swallowAck', op: 0x13, nth: 1 }),
    always: {
      ...from('verify', { kind: 'swallowAck', op: 0x13, nth: 1, repeats: true }),
      or: ['C06'],
      limitMs: 60_000,
    },
  },
  B06: {
    once: { module: { flash: { ...smallFlash, content: staleCalibration } } },
    always: {
      module: { application: { ...goodApplication, radioData: { initData: 0x10000, calibration: calibrationAt } } },
      limitMs: radioLimitMs,
    },
  },
};
