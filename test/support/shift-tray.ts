import type { Job } from '../../src/firmware/job.ts';
import type { Application, ChipOptions } from '../../src/simulator/chip/chip-options.ts';
import type { SimulatedChip } from '../../src/simulator/chip/chip.ts';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import type { Misbehaviour } from '../../src/simulator/chip/misbehaviour.ts';
import type { SeededRandom } from '../../src/simulator/seeded-random.ts';
import { benchJob, bootableImage } from './bench-job.ts';
import { noisyBytes } from './regions.ts';
import { stationModule } from './virtual-station-nest.ts';
import type { VirtualClock } from './virtual-clock.ts';

const regions = [
  [0, bootableImage(8_000)],
  [0x10000, noisyBytes(4_096, 7)],
] as const;

/** A small image, so that thousands of runs take little computing; its firmware is asked for its self-test. */
export const shiftJob: Job = {
  ...benchJob({
    regions,
    boot: {
      baud: 115_200,
      expect: /shift firmware (\S+)/,
      version: '1.2.0',
      forbid: null,
      fail: null,
      dialogue: [{ send: 'selftest\r\n', expect: /selftest ok/, fail: /selftest failed/, withinMs: 1_000 }],
      withinMs: 3_000,
    },
  }),
  name: 'shift',
  product: 'shift-module',
};

const application: Application = {
  regions: regions.map(([address, data]) => ({ address, data })),
  banner: '\r\nshift firmware 1.2.0\r\n',
  baud: 115_200,
  answers: [{ line: 'selftest', answer: 'selftest ok\r\n' }],
};

/** What is wrong with a module. */
interface Fault {
  readonly name: string;
  readonly chip: Partial<ChipOptions>;
  /** The firmware itself does not do what the job wants, however right the flash is. */
  readonly badFirmware?: boolean;
  /** Only the contact was bad: this is over once the module has been lifted and put in again. */
  readonly contact?: Misbehaviour['kind'];
}

const misbehaves = (fault: Misbehaviour, contact = false): Fault => ({
  name: `${contact ? 'contact: ' : ''}${fault.kind}`,
  chip: { misbehave: [fault] },
  ...(contact ? { contact: fault.kind } : {}),
});

const firmware = (name: string, changes: Partial<Application>): Fault => ({
  name: `firmware: ${name}`,
  chip: { application: { ...application, ...changes } },
  badFirmware: true,
});

/** Every misbehaviour of the demo, those of firmware that starts badly, and contacts that a second try mends. */
const faults: readonly ((random: SeededRandom) => Fault)[] = [
  () => misbehaves({ kind: 'silent' }),
  () => misbehaves({ kind: 'silent' }, true),
  () => misbehaves({ kind: 'deafRx' }),
  () => misbehaves({ kind: 'deafRx' }, true),
  (random) => misbehaves({ kind: 'stuckGpio0', level: random.pick(['high', 'low']) }),
  () => misbehaves({ kind: 'stuckGpio0', level: 'high' }, true),
  () => misbehaves({ kind: 'flashAbsent' }),
  () => misbehaves({ kind: 'flashStuckLow' }),
  (random) => misbehaves({ kind: 'stuckBit', ...setBit(random) }),
  () => misbehaves({ kind: 'writeProtected' }),
  (random) => misbehaves({ kind: 'dieAfterDataBlocks', count: 1 + random.below(2) }),
  () => misbehaves({ kind: 'dieAfterDataBlocks', count: 1 }, true),
  () => misbehaves({ kind: 'loaderStartFails' }),
  (random) => misbehaves({ kind: 'noiseAtReset', bytes: 1 + random.below(40) }),
  () => misbehaves({ kind: 'badBlock', nth: 1 }),
  () => misbehaves({ kind: 'badBlock', nth: 1, repeats: true, error: 'inflate' }),
  () => misbehaves({ kind: 'baudChangeFails', aboveBaud: 460_800 }),
  (random) => misbehaves({ kind: 'randomByteFaults', share: 0.0001, seed: random.below(1_000_000) }),
  () => misbehaves({ kind: 'brownOutAtErase', nth: 1 }),
  () => ({ name: 'another chip', chip: { detectValue: 0x00f0_1d83 } }),
  () => ({ name: 'a small flash', chip: { flash: { ...w25q32, id: 0x1040ef, bytes: 64 * 1024 } } }),
  () => firmware('boot loop', { restarts: { cause: 4, afterMs: 50 } }),
  () => firmware('restarts by itself for ever', { banner: '', restarts: { cause: 2, afterMs: 100 } }),
  () => firmware('one version old', { banner: '\r\nshift firmware 1.1.9\r\n' }),
  () => firmware('silent', { banner: '' }),
  () => firmware('self-test fails', { answers: [{ line: 'selftest', answer: 'selftest failed\r\n' }] }),
  () => firmware('self-test is not answered', { answers: [] }),
];

/** One module of the shift, and what it really is. */
export interface ShiftModule {
  readonly chip: SimulatedChip;
  readonly mac: string;
  /** null: it is good. */
  readonly fault: string | null;
  /** Whether the firmware does what the job wants once it is in. */
  readonly firmwareIsRight: boolean;
  /** The module is lifted and put in again. */
  readonly reseat: () => void;
}

/** Modules with 4 MB of flash, half of them with old content. The same seed gives the same modules. */
export class ShiftTray {
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  readonly #faultShare: number;
  readonly #oldContent: Uint8Array;
  #drawn = 0;

  constructor(clock: VirtualClock, random: SeededRandom, faultShare: number) {
    this.#clock = clock;
    this.#random = random;
    this.#faultShare = faultShare;
    this.#oldContent = random.bytes(0x20000);
  }

  next(): ShiftModule {
    const random = this.#random;
    const number = this.#drawn++;
    const mac = `5c:cf:7f:${[16, 8, 0].map((shift) => ((number >> shift) & 0xff).toString(16).padStart(2, '0')).join(':')}`;
    const flash = random.happens(0.5) ? { ...w25q32, content: this.#oldContent } : w25q32;
    const fault = random.happens(this.#faultShare) ? random.pick(faults)(random) : null;
    const chip = stationModule(this.#clock, { mac, flash, application, ...fault?.chip });
    return {
      chip,
      mac,
      fault: fault?.name ?? null,
      firmwareIsRight: fault?.badFirmware !== true,
      reseat: () => {
        if (fault?.contact !== undefined) chip.recover(fault.contact);
      },
    };
  }
}

/** A bit that the images need as 1, so that a flash in which it stays 0 cannot be verified. */
function setBit(random: SeededRandom): { readonly address: number; readonly bit: number } {
  const [address, data] = random.pick(regions);
  for (;;) {
    const offset = random.below(data.length);
    const bit = random.below(8);
    if (((data[offset] ?? 0) & (1 << bit)) !== 0) return { address: address + offset, bit };
  }
}
