import type { FaultCode } from '../../src/foundation/faults.ts';
import type { RunPhase } from '../../src/nest/run/outcome.ts';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import type { Misbehaviour } from '../../src/simulator/chip/misbehaviour.ts';
import type { VirtualBench } from './virtual-bench.ts';

/** 1 MB: a chip erase takes a quarter of the time. */
export const smallFlash = { ...w25q32, id: 0x1440ef, bytes: 1024 * 1024 } as const;

export type Verdict = FaultCode | 'PASS';

/** A fault that begins in the middle of a run, and what the run may come to by the phase in which it begins. */
export interface Strike {
  readonly name: string;
  readonly strike: (bench: VirtualBench) => void;
  /** Several where each of them names the fault rightly. */
  readonly verdicts: Readonly<Record<RunPhase, readonly Verdict[]>>;
  /** The module stops answering: asking once more whether it is still there is no violation. */
  readonly goesSilent?: boolean;
}

export const phases: readonly RunPhase[] = ['connect', 'identify', 'loader', 'erase', 'write', 'verify', 'boot'];

const pass = ['PASS'] as const;
const passes: Strike['verdicts'] = {
  connect: pass,
  identify: pass,
  loader: pass,
  erase: pass,
  write: pass,
  verify: pass,
  boot: pass,
};
/** The answer to the erase is the one that may not be asked for again at once. */
const passesOrErase: Strike['verdicts'] = { ...passes, erase: ['PASS', 'F05'] };
/** The module, or the way to it, is gone for good. */
const gone: Strike['verdicts'] = {
  connect: ['C01'],
  identify: ['C06'],
  loader: ['C06', 'F06'],
  erase: ['F05', 'C06'],
  write: ['W02', 'C06'],
  verify: ['V02', 'C06'],
  boot: ['B01'],
};
const all = (...verdicts: readonly Verdict[]): Strike['verdicts'] => ({
  connect: verdicts,
  identify: verdicts,
  loader: verdicts,
  erase: verdicts,
  write: verdicts,
  verify: verdicts,
  boot: verdicts,
});

const misbehaves =
  (fault: Misbehaviour): Strike['strike'] =>
  (bench) =>
    bench.socket.chip?.misbehave(fault);

const bytes: readonly Strike[] = (['corrupt', 'drop', 'duplicate'] as const).flatMap((what) => [
  ...[2, 9, 300].map((nth) => ({
    name: `byte ${nth} to the module: ${what}`,
    strike: misbehaves({ kind: 'byteFault', direction: 'received', what, nth }),
    verdicts: passes,
  })),
  ...[1, 8].map((nth) => ({
    name: `byte ${nth} from the module: ${what}`,
    strike: misbehaves({ kind: 'byteFault', direction: 'sent', what, nth }),
    verdicts: passesOrErase,
  })),
]);

export const strikes: readonly Strike[] = [
  ...bytes,
  {
    name: 'an answer is lost',
    strike: misbehaves({ kind: 'swallowAck', op: 'any', nth: 1 }),
    verdicts: passesOrErase,
  },
  ...[300, 2_000].map((ms) => ({
    name: `an answer is ${ms} ms late`,
    strike: misbehaves({ kind: 'delayReply', op: 'any', nth: 1, ms }),
    verdicts: passes,
    goesSilent: ms > 1_000,
  })),
  ...[1, 8].map((copies) => ({
    name: `${copies} late answers to every SYNC`,
    strike: misbehaves({ kind: 'lateReplies', op: 0x08, copies, pauseMs: 10 }),
    verdicts: passes,
  })),
  { name: 'a delimiter before every answer', strike: misbehaves({ kind: 'extraDelimiter' }), verdicts: passes },
  { name: '16 ms latency', strike: misbehaves({ kind: 'replyLatency', ms: 16 }), verdicts: passes },
  {
    name: 'the supply dips',
    strike: (bench) => bench.socket.chip?.brownOut(),
    verdicts: { ...passesOrErase, boot: ['PASS', 'B04'] },
  },
  {
    name: 'the supply dips in an answer',
    strike: misbehaves({ kind: 'brownOutAtReply', op: 'any', nth: 1 }),
    verdicts: passesOrErase,
  },
  {
    name: 'the supply dips in every answer',
    strike: misbehaves({ kind: 'brownOutAtReply', op: 'any', nth: 1, repeats: true }),
    verdicts: { ...gone, connect: ['C03', 'C04', 'C06'], boot: pass },
  },
  {
    name: 'the supply dips in an erase',
    strike: misbehaves({ kind: 'brownOutAtErase', nth: 1 }),
    verdicts: { ...passes, connect: ['PASS', 'F05'], identify: ['PASS', 'F05'], loader: ['PASS', 'F05'] },
  },
  { name: 'TX breaks', strike: misbehaves({ kind: 'silent' }), verdicts: { ...gone, connect: ['C01', 'C03'] } },
  {
    name: 'RX breaks',
    strike: misbehaves({ kind: 'deafRx' }),
    verdicts: { ...gone, connect: ['C03'], erase: ['F05', 'C06', 'W02'], boot: pass },
  },
  { name: 'the module is taken out', strike: (bench) => bench.remove(), verdicts: gone },
  {
    name: 'the module is exchanged',
    strike: (bench) => void bench.replace({ flash: smallFlash, mac: '5c:cf:7f:00:00:02' }),
    verdicts: { ...all('D08'), connect: pass, identify: ['PASS', 'D08'], erase: ['F05'], boot: ['B04'] },
  },
  { name: 'the port vanishes', strike: (bench) => bench.socket.unplug(), verdicts: all('S04') },
  {
    name: 'RST breaks',
    strike: misbehaves({ kind: 'resetIgnored' }),
    verdicts: { ...all('B01', 'S03'), connect: ['C01', 'C02', 'C04', 'S03', 'B01'], boot: ['PASS', 'B01', 'S03'] },
  },
  { name: 'GPIO0 sticks low', strike: misbehaves({ kind: 'stuckGpio0', level: 'low' }), verdicts: all('B02') },
  {
    name: 'GPIO0 sticks high',
    strike: misbehaves({ kind: 'stuckGpio0', level: 'high' }),
    verdicts: { ...passes, connect: ['C02', 'PASS'] },
  },
  {
    name: 'a bit of the flash sticks',
    strike: misbehaves({ kind: 'stuckBit', address: 0x100, bit: 4 }),
    verdicts: { ...all('V01'), verify: ['V01', 'B04'], boot: ['B04'] },
  },
  {
    name: 'the flash becomes read-only',
    strike: misbehaves({ kind: 'writeProtected' }),
    // In the middle of a write a part of the region may be there already.
    verdicts: { ...all('V04'), write: ['V04', 'V01'], verify: pass, boot: pass },
  },
  ...(['flashAbsent', 'flashStuckLow'] as const).map((kind) => ({
    name: kind === 'flashAbsent' ? 'the flash breaks off' : 'the flash is held low',
    strike: misbehaves({ kind }),
    verdicts: {
      connect: ['F01'],
      identify: ['F01'],
      loader: ['F01', 'F06'],
      erase: ['F05', 'W02', 'W03'],
      write: ['W02', 'W03', 'F01'],
      verify: ['V02', 'V04', 'F01'],
      boot: ['B04'],
    } satisfies Strike['verdicts'],
    goesSilent: true,
  })),
  { name: 'a block is refused', strike: misbehaves({ kind: 'badBlock', nth: 1 }), verdicts: passes },
  {
    name: 'dead after a block',
    strike: misbehaves({ kind: 'dieAfterDataBlocks', count: 1 }),
    verdicts: { ...all('W02'), verify: pass, boot: pass },
    goesSilent: true,
  },
  {
    name: 'dead after a block, once',
    strike: misbehaves({ kind: 'dieAfterDataBlocks', count: 1, once: true }),
    verdicts: passes,
    goesSilent: true,
  },
  {
    name: 'changes of the rate fail',
    strike: misbehaves({ kind: 'baudChangeFails', aboveBaud: 115_200 }),
    verdicts: passes,
  },
  {
    name: 'the RAM loader does not start',
    strike: misbehaves({ kind: 'loaderStartFails' }),
    verdicts: { ...passes, connect: ['F06'], identify: ['F06'], loader: ['F06'] },
  },
];
