import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { startStation } from '../daemon.ts';
import type { Station } from '../daemon.ts';
import type { StationSetup } from '../daemon/station-setup.ts';
import { jobFileOf, loadStationConfig } from '../config/station-config.ts';
import { linesOf } from '../config/station-lines.ts';
import type { MqttConfig, StationConfig } from '../config/station-config.ts';
import { StationError } from '../foundation/faults.ts';
import { fileProblem } from '../foundation/file-problem.ts';
import { notifyServiceManager } from '../foundation/service-manager.ts';
import { systemClock } from '../foundation/system-clock.ts';
import { approvedJob } from '../nest/job/job-holder.ts';
import type { Job } from '../firmware/job.ts';
import { openLineDriver } from '../gpio/choose-driver.ts';
import { nodeSerialLinks } from '../serial/node-serial-link.ts';
import { isPortThere } from '../serial/port-presence.ts';
import { loadJob } from './job/load-job.ts';
import { endingSignalsOf, onCrash, releasedAtExit } from './terminal/interrupt.ts';
import { softwareVersion } from './station/software-version.ts';
import { stationLog } from './station/station-log.ts';
import { stopLimitMs, stopOnSignal } from './station/stop-on-signal.ts';

interface RunOptions {
  readonly config: string;
  readonly check?: boolean;
  readonly verbose?: boolean;
}

const exit = (): never => process.exit(1);

/** `jigd run`: the daemon, until SIGTERM or SIGINT. `--check` only validates. */
export function runCommand(
  print: (text: string) => void = (text) => void process.stdout.write(text),
  openLines: typeof openLineDriver = openLineDriver,
): Command {
  const command = new Command('run')
    .description('run the station')
    .option('--config <file>', 'the station file', '/etc/jigd/jigd.yaml')
    .option('--check', 'only check the station file and its job');
  return command.action(async () => {
    const options = command.optsWithGlobals<RunOptions>();
    const config = await loadStationConfig(options.config);
    const setup = await setupOf(config);
    const nests = config.nests.length === 1 ? '1 nest' : `${config.nests.length} nests`;
    if (options.check === true) {
      const job = await approvedJob(() => firstJob(config), config.approved);
      print(`${options.config} is valid: ${nests}, job ${job.name} ${job.hash}\n`);
      return;
    }
    const log = await stationLog(options.verbose === true ? 'debug' : 'info');
    const { driver, why, lines } = await openLines(config.gpio.driver, linesOf(config));
    log.info({ event: 'line-driver', driver, chip: lines.description, why });
    releasedAtExit(lines);
    const drivers = { clock: systemClock, log, openLink: nodeSerialLinks(systemClock), lines, isPortThere };
    // Listened for before the first line is claimed: a stop during the start leaves the lines safe as well.
    using signals = endingSignalsOf();
    let station: Station | null = null;
    // Whoever sends a second one does not want to wait for a start that hangs.
    void signals.nth(2).then(() => station ?? exit());
    station = await startStation(setup, drivers);
    const running = station;
    using _crash = onCrash((error) => {
      log.fatal({ event: 'crash', err: error });
      // The lines must not stay as they are; systemd starts the station again, also when what is broken cannot stop.
      systemClock.after(stopLimitMs, exit);
      void running.stop().then(exit, exit);
    });
    await notifyServiceManager('READY=1', `STATUS=${nests}`);
    await stopOnSignal(running, signals, config.stopWithinMs, log);
  });
}

/** @throws StationError J01 when the station file names none */
async function firstJob(config: StationConfig): Promise<Job> {
  if (config.job === null) throw new StationError('J01');
  return loadJob(jobFileOf(config, config.job));
}

async function setupOf(config: StationConfig): Promise<StationSetup> {
  const { job, lot, workOrder } = config;
  return {
    station: { ...config.station, lot, workOrder },
    simulated: false,
    software: softwareVersion(),
    nests: config.nests.map(({ id, serial, lines, resetPin, stuckAfterMs }) => ({
      id,
      port: serial.path,
      baud: serial.baud,
      resetPin,
      lines,
      stuckAfterMs,
    })),
    faultLamp: config.lines.fault,
    estop: config.lines.estop,
    ledgerPath: config.ledger.path,
    ledgerBackup: config.ledger.backup,
    mqtt: config.mqtt === null ? null : await brokerOf(config.mqtt),
    loadJob: (name) => loadJob(jobFileOf(config, name)),
    job,
    approved: config.approved,
    alarms: config.alarms,
    controlSocket: config.controlSocket,
  };
}

async function brokerOf({
  url,
  protocol,
  username,
  passwordFile,
  baseTopic,
}: MqttConfig): Promise<StationSetup['mqtt']> {
  return {
    url,
    protocol,
    baseTopic,
    ...(username === null ? {} : { username }),
    ...(passwordFile === null ? {} : { password: await passwordIn(passwordFile) }),
  };
}

async function passwordIn(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).split(/\r?\n/, 1)[0] ?? '';
  } catch (error) {
    const { ConfigError } = await import('../config/config-error.ts');
    throw new ConfigError(
      [{ file, line: 1, column: 1, key: 'mqtt.passwordFile', message: `cannot be read: ${fileProblem(error)}.` }],
      { cause: error },
    );
  }
}
