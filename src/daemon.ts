import { randomUUID } from 'node:crypto';
import { doAll } from './foundation/do-all.ts';
import { EventStream } from './foundation/event-stream.ts';
import { asStationError } from './foundation/faults.ts';
import { hostBootId, isClockSynced } from './foundation/host.ts';
import type { Job } from './firmware/job.ts';
import { releaseLines } from './gpio/release-lines.ts';
import type { BackupSchedule } from './ledger/backup/backup-schedule.ts';
import { lateRecorder, openedLedger } from './ledger/runs/late-recorder.ts';
import { LedgerAlarms } from './ledger/ledger-alarms.ts';
import { UnsavedResults } from './ledger/runs/unsaved-results.ts';
import { interruptedNests } from './ledger/runs/late-reports.ts';
import { lockLedger } from './ledger/file/ledger-lock.ts';
import type { Ledger } from './ledger/ledger.ts';
import { openStationLedger, startBackups } from './ledger/station-ledger.ts';
import type { Publisher } from './mqtt/publisher.ts';
import { DuplicateMacs } from './nest/identity/duplicate-macs.ts';
import type { JobHolder } from './nest/job/job-holder.ts';
import type { Nest, NestParts } from './nest/nest.ts';
import type { StationActions } from './nest/station-actions.ts';
import { PowerTurns } from './nest/supply/power-turns.ts';
import type { RunResult } from './nest/run/run-result.ts';
import type { StationEvent } from './nest/station-event.ts';
import { openActions } from './daemon/open-actions.ts';
import { openAlarms } from './daemon/open-alarms.ts';
import type { StationAlarms } from './daemon/open-alarms.ts';
import { openControl } from './daemon/open-control.ts';
import type { Control } from './daemon/open-control.ts';
import { openJobs, startedJobs } from './daemon/open-jobs.ts';
import { openNest } from './daemon/open-nest.ts';
import type { OpenedNest } from './daemon/open-nest.ts';
import { openPublisher } from './daemon/open-publisher.ts';
import { describeRun } from './daemon/open-run.ts';
import { orderlyStop } from './daemon/open-stop.ts';
import { linesOf, openEmergencyStop, openFaultLamp } from './daemon/open-station-lines.ts';
import type { StationDrivers, StationSetup } from './daemon/station-setup.ts';
import { ActiveAlarms } from './web/active-alarms.ts';

/** A running station. */
export interface Station {
  readonly events: Pick<EventStream<StationEvent>, 'subscribe'>;
  readonly nests: readonly Nest[];
  readonly ledger: Ledger;
  /** null when nothing is published. */
  readonly publisher: Publisher | null;
  /** What locks and unlocks nests or the station, and what ends an alarm that waits for somebody to see it. */
  readonly alarms: Pick<StationAlarms, 'locks' | 'acknowledge'>;
  /** The job that is loaded; null while there is none. */
  readonly job: Job | null;
  /** What a person can tell it, wherever that comes from. */
  readonly actions: StationActions;
  /** null: it has no socket. */
  readonly control: Pick<Control, 'listening'> | null;
  /**
   * Takes no more starts, waits for the runs under way, ends those that are left as aborted, with their records, and
   * leaves lines and lamps safe. Called again without a time it waits no longer. Bounded in time.
   * @param withinMs how long the runs under way may still take; left out: no time at all
   */
  stop(withinMs?: number): Promise<void>;
}

/**
 * Starts a station: the lock, then lines to their safe state, then ledger, job, broker, nests. A job that cannot be
 * loaded and a broker that is down do not stop it.
 * @throws StationError S01 when the ledger cannot be opened, S03 when a line cannot be had
 */
export async function startStation(setup: StationSetup, drivers: StationDrivers): Promise<Station> {
  const { lines, clock, log } = drivers;
  // Before the lines: another process may be using them.
  const lock = await lockLedger(setup.ledgerPath);
  const events = new EventStream<StationEvent>((error) => {
    log.error({ event: 'listener-failed', err: error });
  });
  const activeAlarms = new ActiveAlarms(events);
  const context = { bootId: hostBootId(), setup, clock, isClockSynced: drivers.isClockSynced ?? isClockSynced };
  const opened: OpenedNest[] = [];
  let ledger: Ledger | null = null;
  let jobs: JobHolder | null = null;
  let actions: StationActions;
  let control: Control | null = null;
  let publisher: Publisher | null = null;
  let saveLast = (): void => undefined;
  let backups: BackupSchedule | null = null;
  let faultLamp: Awaited<ReturnType<typeof openFaultLamp>> = null;
  let emergency: Awaited<ReturnType<typeof openEmergencyStop>> = null;
  let watched: StationAlarms | null = null;
  const letGo = async (): Promise<void> => {
    // Lines and lamps do not wait for the broker.
    const closing = control?.[Symbol.asyncDispose]();
    await doAll([
      ...opened.map((nest) => () => nest[Symbol.dispose]()),
      () => emergency?.[Symbol.dispose](),
      () => faultLamp?.[Symbol.dispose](),
      () => lines[Symbol.asyncDispose](),
      () => saveLast(),
      () => publisher?.close(),
      () => closing,
      () => backups?.[Symbol.asyncDispose](),
      () => watched?.[Symbol.dispose](),
      () => ledger?.close(),
      () => lock[Symbol.dispose](),
    ]);
  };
  try {
    const tell = (event: StationEvent): void => events.publish(event);
    const alarms = new LedgerAlarms(tell, clock);
    const onClosed = (result: RunResult): void => tell({ kind: 'runResult', result });
    const onFailed = (error: unknown): void => log.error({ event: 'run-not-closed', err: error });
    const results = new UnsavedResults({ ledger: () => ledger, alarms, clock, log, onClosed, onFailed });
    const recorder = lateRecorder(
      () => ledger,
      onClosed,
      onFailed,
      () => results.look(),
    );
    const duplicates = new DuplicateMacs({ record: openedLedger(() => ledger), clock, log, tell });
    saveLast = () => {
      results.end();
      duplicates.saveHolds();
    };
    const shared = { ...drivers, recorder, duplicates, turns: new PowerTurns(clock) };
    const lineFailed = (): void => faultLamp?.lamp.lineFailed();
    const acknowledgeStop = (): boolean => emergency?.estop.acknowledge() ?? true;
    for (const nest of setup.nests) {
      const describe: NestParts['describeRun'] = (job, number, start) => describeRun(context, job, number, start);
      const job = { describeRun: describe, currentJob: () => startedJobs(jobs).current(), newRunId: randomUUID };
      opened.push(await openNest(nest, { ...shared, ...job, tell, lineFailed, acknowledgeStop }));
    }
    faultLamp = await openFaultLamp(setup.faultLamp, drivers, events);
    const nests = opened.map(({ nest }) => nest);
    emergency = await openEmergencyStop(setup.estop, nests, drivers, tell, lineFailed);
    log.info({ event: 'lines-safe', driver: lines.description });
    const storage = { ledgerPath: setup.ledgerPath, backup: setup.ledgerBackup ?? null };
    ledger = await openStationLedger(storage, { clock, log, alarms });
    ledger.audit.note('lot', setup.station.lot ?? null, context.bootId);
    ledger.audit.note('work-order', setup.station.workOrder ?? null, context.bootId);
    jobs = openJobs(setup, ledger, drivers, tell);
    await jobs.load();
    if (jobs.job === null) faultLamp?.lamp.jobMissing();
    publisher = await openPublisher(setup, context.bootId, jobs.job, ledger, drivers, events);
    alarms.start();
    duplicates.refresh();
    events.subscribe((event) => duplicates.accept(event));
    watched = openAlarms(setup, drivers, { ledger, jobs, about: alarms }, nests, events);
    backups = startBackups(storage, ledger, { clock, log, alarms });
    emergency?.start();
    await Promise.all(opened.map((nest) => nest.watchPort()));
    const interrupted = interruptedNests(ledger.lastResults());
    for (const each of opened) each.start(interrupted.get(each.nest.number) ?? null);
    const commanded = { nests, jobs, ledger, duplicates, tell, clock, log };
    const { locks, acknowledge } = watched;
    actions = openActions({ ...commanded, locks, acknowledge });
    control = openControl({ ...commanded, setup, locks, alarms: activeAlarms, actions });
  } catch (error) {
    // Nests that listen already start nothing more.
    await Promise.allSettled(opened.map(({ nest }) => nest.stop(asStationError(error))));
    // The lines that the start has not come to may be as a killed station left them.
    await releaseLines(linesOf(setup), lines);
    await letGo();
    throw error;
  }
  log.info({ event: 'station-ready', station: setup.station.id, nests: opened.length });
  return {
    events,
    nests: opened.map(({ nest }) => nest),
    ledger,
    publisher,
    alarms: watched,
    get job() {
      return jobs.job;
    },
    actions,
    control,
    stop: orderlyStop({ nests: opened.map(({ nest }) => nest), clock, log, letGo }),
  };
}
