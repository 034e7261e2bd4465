import type { ChipOptions } from '../../src/simulator/chip/chip-options.ts';
import { slower } from '../../src/simulator/flash/flash-timing.ts';
import type { Misbehaviour } from '../../src/simulator/chip/misbehaviour.ts';
import { smallFlash } from './fault-cells.ts';
import type { Verdict } from './fault-cells.ts';
import type { VirtualRunOptions } from './virtual-bench.ts';

/** A module that is as it is from the beginning, and what a run with it may come to. */
export interface FaultyModule {
  readonly name: string;
  readonly verdicts: readonly Verdict[];
  readonly chip: Partial<ChipOptions>;
  readonly run?: VirtualRunOptions;
  /** Virtual time that the run may take, ms. */
  readonly limitMs?: number;
}

const module = (
  name: string,
  verdicts: readonly Verdict[],
  chip: Partial<ChipOptions>,
  more: Pick<FaultyModule, 'run' | 'limitMs'> = {},
): FaultyModule => ({ name, verdicts, chip, ...more });

const fault = (
  name: string,
  verdicts: readonly Verdict[],
  kind: Misbehaviour,
  more: Pick<FaultyModule, 'run' | 'limitMs'> = {},
): FaultyModule => module(name, verdicts, { misbehave: [kind] }, more);

const withoutLines = { run: { reset: 'none' } } as const;

export const faultyModules: readonly FaultyModule[] = [
  module('a good module', ['PASS'], {}, { limitMs: 4_000 }),
  module(
    'a good module that is reset by hand at 115200',
    ['PASS'],
    { running: { generation: 2, baud: 115_200 } },
    withoutLines,
  ),
  fault('noise before the boot text', ['PASS'], { kind: 'noiseAtReset', bytes: 40 }),
  fault('an auto-baud that is deaf above 115200', ['PASS'], { kind: 'autoBaudDeaf', aboveBaud: 115_200 }),
  fault('an auto-baud that is always deaf', ['C03'], { kind: 'autoBaudDeaf', aboveBaud: 0 }),
  fault('an auto-baud that is 2 % off', ['PASS'], { kind: 'autoBaudOff', aboveBaud: 115_200, percent: 2 }),
  fault('an auto-baud that is 5 % off', ['PASS'], { kind: 'autoBaudOff', aboveBaud: 115_200, percent: 5 }),
  module('no fast auto-baud and no fast rate', ['PASS'], {
    misbehave: [
      { kind: 'autoBaudDeaf', aboveBaud: 115_200 },
      { kind: 'baudChangeFails', aboveBaud: 115_200 },
    ],
  }),
  module('no fast auto-baud, rates to 460800', ['PASS'], {
    misbehave: [
      { kind: 'autoBaudDeaf', aboveBaud: 115_200 },
      { kind: 'baudChangeFails', aboveBaud: 460_800 },
    ],
  }),
  fault('a flash that is busy at first', ['PASS'], { kind: 'busyAtPowerUp', ms: 3_000 }),
  fault('a flash that stays busy', ['F05'], { kind: 'busyAtPowerUp', ms: 1e9 }, { limitMs: 130_000 }),
  fault('no flash', ['F01'], { kind: 'flashAbsent' }),
  fault('a flash held low', ['F01'], { kind: 'flashStuckLow' }),
  fault('a read-only flash', ['V04'], { kind: 'writeProtected' }),
  fault('a bad bit', ['V01'], { kind: 'stuckBit', address: 0x100, bit: 4 }),
  module('a locked flash', ['PASS'], { flash: { ...smallFlash, statusRegister: 0x1c } }),
  module('a locked read-only flash', ['F04'], {
    flash: { ...smallFlash, statusRegister: 0x1c },
    misbehave: [{ kind: 'writeProtected' }],
  }),
  module(
    'a slow flash',
    ['PASS'],
    { flash: { ...smallFlash, timing: slower(smallFlash.timing, 10) } },
    { limitMs: 60_000 },
  ),
  module('a flash id of zeros', ['F01'], { flash: { ...smallFlash, id: 0 } }),
  module('a flash id of a floating bus', ['F01'], { flash: { ...smallFlash, id: 0xffff3f } }),
  module('a flash id of no known size', ['F01'], { flash: { ...smallFlash, id: 0x0540ef } }),
  module('a smaller flash', ['F03'], { flash: { ...smallFlash, id: 0x1340ef, bytes: 512 * 1024 } }),
  module('another chip', ['D01'], { detectValue: 0x00f01d83 }),
  module('a MAC of no vendor', ['D03'], { efuses: [0x9100a000, 0x02021234, 0, 0] }),
  module('a crystal of 40 MHz', ['PASS'], { crystalMhz: 40 }),
  ...[115_200, 460_800, 921_600].flatMap((baud) =>
    ([1, 2] as const).map((generation) =>
      module(
        `a RAM loader v${generation} that runs at ${baud}, no lines`,
        ['PASS'],
        { running: { generation, baud } },
        withoutLines,
      ),
    ),
  ),
  ...[115_200, 921_600].map((baud) =>
    module(`a RAM loader that runs at ${baud}, RST open`, ['S03'], {
      running: { generation: 2, baud },
      misbehave: [{ kind: 'resetIgnored' }],
    }),
  ),
  module('a RAM loader that runs, RST in order', ['PASS'], { running: { generation: 2, baud: 921_600 } }),
  module('silent firmware, RST open', ['C01', 'S03'], { misbehave: [{ kind: 'resetIgnored' }] }),
];
