import { silentLogger } from '../../src/foundation/logger.ts';
import type { Job } from '../../src/firmware/job.ts';
import { uncountedRunResult } from '../../src/ledger/runs/build-run-result.ts';
import { wireModule } from '../../src/nest/supply/module-wiring.ts';
import type { LampName } from '../../src/nest/lamps/lamp-patterns.ts';
import { noHistory } from '../../src/nest/identity/module-history.ts';
import { Nest } from '../../src/nest/nest.ts';
import type { NestParts } from '../../src/nest/nest.ts';
import type { RunReport } from '../../src/nest/run/outcome.ts';
import { PatternPlayer } from '../../src/nest/lamps/pattern-player.ts';
import { PowerTurns } from '../../src/nest/supply/power-turns.ts';
import { openingOf } from '../../src/nest/run/run-opening.ts';
import type { RunRecorder, RunStart } from '../../src/nest/run/run-work.ts';
import type { RunOpening } from '../../src/nest/run/run-result.ts';
import type { StationEvent } from '../../src/nest/station-event.ts';
import { SimulatedChip } from '../../src/simulator/chip/chip.ts';
import { efusesForMac } from '../../src/simulator/chip/efuses.ts';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import { rememberedDuplicates } from './duplicates.ts';
import { VirtualBench } from './virtual-bench.ts';
import { VirtualClock } from './virtual-clock.ts';
import { VirtualSocket } from './virtual-socket.ts';
import { driveVirtualTime } from './virtual-time.ts';

/** One nest with a switched supply in virtual time; its recorder only remembers. */
export class VirtualNest {
  readonly clock = new VirtualClock();
  readonly socket = new VirtualSocket<SimulatedChip>(this.clock, 'switched');
  readonly nest: Nest;
  readonly events: StationEvent[] = [];
  readonly reports: RunReport[] = [];
  /** Runs whose row is open. */
  readonly open = new Map<string, RunOpening>();
  /** What the nest records with, unless its parts say otherwise. */
  readonly recorder: RunRecorder = {
    modeOf: () => 'production',
    openRun: (opening) => void this.open.set(opening.runId, opening),
    markWriting: () => undefined,
    closeRun: (runId, report, { finishedAt }) => {
      const opening = this.open.get(runId);
      if (opening === undefined) throw new Error(`The run ${runId} is not open.`);
      this.open.delete(runId);
      this.reports.push(report);
      return uncountedRunResult(opening, report, finishedAt);
    },
    refuseRun: (runId) => void this.open.delete(runId),
    historyOf: () => noHistory,
  };
  /** Called inside each event. */
  onEvent: (event: StationEvent) => void = () => undefined;
  /** Called when the station closes its port, which then takes a second more. */
  onPortClosing: () => void = () => undefined;

  static async open(job: Job, parts: Partial<NestParts> = {}): Promise<VirtualNest> {
    await VirtualBench.prepare(job);
    return new VirtualNest(job, parts);
  }

  private constructor(job: Job, parts: Partial<NestParts>) {
    const { clock, socket } = this;
    const { rst, gpio0, power } = socket;
    const wired = wireModule(
      { straps: { rst, gpio0 }, power },
      { clock, turns: new PowerTurns(clock), failed: () => undefined },
    );
    let runs = 0;
    this.nest = new Nest({
      number: 1,
      port: socket.portPath,
      baud: 921_600,
      ...wired,
      lamps: new PatternPlayer<LampName>(new Map(), clock, () => undefined),
      buzzer: null,
      hasReadyLamp: false,
      currentJob: () => job,
      describeRun: (of, nest, runId) => this.#describe(of, nest, runId),
      newRunId: () => `run ${(runs += 1)}`,
      recorder: this.recorder,
      duplicates: rememberedDuplicates(clock, (event) => this.events.push(event)),
      openLink: async (path, baud, signal) => {
        const link = await socket.open(path, baud, signal);
        const close = link[Symbol.asyncDispose].bind(link);
        link[Symbol.asyncDispose] = async () => {
          this.onPortClosing();
          await clock.sleep(1_000);
          await close();
        };
        return link;
      },
      clock,
      log: silentLogger(),
      tell: (event) => {
        this.events.push(event);
        this.onEvent(event);
      },
      acknowledgeStop: () => true,
      ...parts,
    });
  }

  /** Puts a W25Q32 module at real speed in. */
  insert(): SimulatedChip {
    const chip = new SimulatedChip({
      clock: this.clock,
      speed: 'real',
      flash: w25q32,
      efuses: efusesForMac('5c:cf:7f:a4:f1:5c'),
    });
    this.socket.insert(chip);
    return chip;
  }

  /** Lets so much time pass. */
  async elapse(ms: number): Promise<void> {
    await this.drive(this.clock.sleep(ms));
  }

  /** Lets time pass until this is settled. */
  drive<T>(work: Promise<T>): Promise<T> {
    return driveVirtualTime(this.clock, work, 600_000);
  }

  #describe(job: Job, nest: number, start: RunStart): RunOpening {
    return openingOf(job, {
      ...start,
      workOrder: null,
      lot: null,
      station: 'bench',
      line: null,
      nest,
      startedAt: this.clock.now(),
      bootId: null,
      monoMs: this.clock.monotonic(),
      clockSynced: null,
      mode: 'production',
      simulated: true,
      software: '0.0.0',
    });
  }
}
