import { StationError } from '../../src/foundation/faults.ts';
import type { FaultCode } from '../../src/foundation/faults.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import type { OutputLine } from '../../src/gpio/line.ts';
import { uncountedRunResult } from '../../src/ledger/runs/build-run-result.ts';
import { lampNames } from '../../src/nest/lamps/lamp-patterns.ts';
import type { LampName } from '../../src/nest/lamps/lamp-patterns.ts';
import { alwaysFed } from '../../src/nest/supply/module-supply.ts';
import { Nest } from '../../src/nest/nest.ts';
import type { NestParts } from '../../src/nest/nest.ts';
import type { RunRecorder, RunStart } from '../../src/nest/run/run-work.ts';
import type { RunRefusal, RunReport } from '../../src/nest/run/outcome.ts';
import { PatternPlayer } from '../../src/nest/lamps/pattern-player.ts';
import { openingOf } from '../../src/nest/run/run-opening.ts';
import type { RunOpening } from '../../src/nest/run/run-result.ts';
import type { StationEvent } from '../../src/nest/station-event.ts';
import { nodeSerialLinks } from '../../src/serial/node-serial-link.ts';
import { SimulatedBench } from '../../src/simulator/bench/bench.ts';
import { SimulatedChip } from '../../src/simulator/chip/chip.ts';
import type { ChipOptions } from '../../src/simulator/chip/chip-options.ts';
import { efusesForMac } from '../../src/simulator/chip/efuses.ts';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import { benchJob, bootableImage } from './bench-job.ts';
import { historyWith, rememberedDuplicates } from './duplicates.ts';

export const job = benchJob({ regions: [[0, bootableImage(20_000)]] });

/** One real nest with real lines and a real port; its recorder only remembers, and refuses on request. */
export class NestBench implements AsyncDisposable {
  readonly nest: Nest;
  readonly bench: SimulatedBench;
  /** What happened to lines, lamps and rows, and what was told, in its order. */
  readonly story: string[] = [];
  readonly events: StationEvent[] = [];
  readonly reports: RunReport[] = [];
  readonly refusals: RunRefusal[] = [];
  /** MACs that count as passed. */
  readonly passed = new Set<string>();
  /** Codes of the failures that the record has of the module, the last one first. */
  failures: readonly FaultCode[] = [];
  /** What the next run is. */
  mode: RunOpening['mode'] = 'production';
  /** The commits that fail with S01. */
  readonly refusing = new Set<keyof RunRecorder>();
  /** Called inside each event. */
  onEvent: (event: StationEvent) => void = () => undefined;
  readonly #watches: readonly Disposable[];
  readonly #lamps: PatternPlayer<LampName>;
  readonly #buzzer: PatternPlayer<'buzzer'>;
  #opened: RunOpening | null = null;
  #runs = 0;

  static async open(parts: Partial<NestParts> = {}): Promise<NestBench> {
    const bench = await SimulatedBench.open({ nests: 1, speed: 'fast', clock: systemClock });
    const { lines } = bench.nest(1);
    const output = (name: Exclude<keyof typeof lines, 'button' | 'power' | 'present'>): Promise<OutputLine> =>
      bench.lines.openOutput(lines[name], `nest 1 ${name}`);
    const straps = { gpio0: await output('gpio0'), rst: await output('rst') };
    const lamps = new Map<LampName, OutputLine>();
    for (const name of lampNames) lamps.set(name, await output(name));
    return new NestBench(bench, straps, lamps, await output('buzzer'), parts);
  }

  private constructor(
    bench: SimulatedBench,
    straps: { readonly gpio0: OutputLine; readonly rst: OutputLine },
    lamps: ReadonlyMap<LampName, OutputLine>,
    buzzer: OutputLine,
    parts: Partial<NestParts>,
  ) {
    this.bench = bench;
    const place = bench.nest(1);
    this.#watches = [
      place.wire('rst').onChange((level) => this.story.push(`rst ${level}`)),
      place.wire('gpio0').onChange((level) => this.story.push(`gpio0 ${level}`)),
      place.onLamp((lamp, on) => this.story.push(`${lamp} ${on ? 'lit' : 'dark'}`)),
    ];
    const failed = (error: unknown): unknown => this.story.push(String(error));
    this.#lamps = new PatternPlayer(lamps, systemClock, failed);
    this.#buzzer = new PatternPlayer(new Map([['buzzer', buzzer]]), systemClock, failed);
    this.nest = new Nest({
      number: 1,
      port: place.portPath,
      baud: 921_600,
      reset: { kind: 'lines', ...straps },
      supply: alwaysFed,
      lamps: this.#lamps,
      buzzer: this.#buzzer,
      hasReadyLamp: true,
      currentJob: () => job,
      describeRun: (of, nest, start) => describeRun(of.name, nest, start),
      newRunId: () => `run ${(this.#runs += 1)}`,
      recorder: this.#recorder(),
      duplicates: rememberedDuplicates(systemClock, this.tell),
      openLink: nodeSerialLinks(systemClock),
      clock: systemClock,
      log: silentLogger(),
      tell: this.tell,
      acknowledgeStop: () => true,
      ...parts,
    });
  }

  readonly tell = (event: StationEvent): void => {
    this.events.push(event);
    if (event.kind === 'nestState') this.story.push(`told ${event.state.state}`);
    else this.story.push(`told ${event.kind}`);
    this.onEvent(event);
  };

  insert(options: Partial<ChipOptions> = {}): SimulatedChip {
    const efuses = efusesForMac('5c:cf:7f:a4:f1:5c');
    const chip = new SimulatedChip({ clock: systemClock, speed: 'fast', flash: w25q32, efuses, ...options });
    this.bench.nest(1).insert(chip);
    return chip;
  }

  /** Waits until the nest has come to a state. */
  async until(...names: readonly Nest['state']['name'][]): Promise<void> {
    while (!names.includes(this.nest.state.name)) await systemClock.sleep(5);
  }

  /** The kinds and codes of the notices. */
  notices(): string[] {
    return this.events.flatMap((event) =>
      event.kind === 'notice' ? [`${event.notice.kind} ${event.notice.code}`] : [],
    );
  }

  /** Which alarms began and ended. */
  alarms(): string[] {
    return this.events.flatMap((event) =>
      event.kind === 'alarm' ? [`${event.alarm.slug} ${event.alarm.active ? 'on' : 'off'}`] : [],
    );
  }

  lit(): string[] {
    return Object.entries(this.bench.nest(1).lamps()).flatMap(([name, on]) => (on ? [name] : []));
  }

  levels(): readonly string[] {
    return (['rst', 'gpio0'] as const).map((name) => this.bench.nest(1).wire(name).level);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.nest.stop(new StationError('O01'));
    this.#lamps[Symbol.dispose]();
    this.#buzzer[Symbol.dispose]();
    for (const watch of this.#watches) watch[Symbol.dispose]();
    await this.bench[Symbol.asyncDispose]();
  }

  #recorder(): RunRecorder {
    const commit = (name: keyof RunRecorder): void => {
      if (this.refusing.has(name)) throw new StationError('S01', 'The disk is full.');
    };
    return {
      modeOf: () => this.mode,
      openRun: (opening) => {
        commit('openRun');
        this.#opened = opening;
        this.story.push('row opened');
      },
      markWriting: () => {
        commit('markWriting');
        this.story.push('row writing');
      },
      closeRun: (_runId, report, { finishedAt }) => {
        commit('closeRun');
        if (this.#opened === null) throw new Error('No run is open.');
        this.reports.push(report);
        this.story.push('row closed');
        return uncountedRunResult(this.#opened, report, finishedAt);
      },
      refuseRun: (_runId, refusal) => {
        commit('refuseRun');
        this.refusals.push(refusal);
        this.story.push('row refused');
      },
      historyOf: ({ mac }) => historyWith({ passed: this.passed.has(mac), failures: this.failures }),
    };
  }
}

export function describeRun(name: string, nest: number, start: RunStart): RunOpening {
  return openingOf(
    { ...job, name },
    {
      ...start,
      workOrder: null,
      lot: null,
      station: 'bench',
      line: null,
      nest,
      startedAt: systemClock.now(),
      bootId: null,
      monoMs: systemClock.monotonic(),
      clockSynced: null,
      mode: 'production',
      simulated: true,
      software: '0.0.0',
    },
  );
}
