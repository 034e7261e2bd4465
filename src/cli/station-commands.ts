import { Argument, Command, Option } from 'commander';
import type { StationAction } from '../nest/station-actions.ts';
import { askStation } from './station/control-client.ts';
import type { StationAddress } from './station/control-client.ts';
import { nestNumber } from './module/module-target.ts';
import { loginName } from './terminal/login-name.ts';
import { processOutput } from './terminal/terminal-output.ts';
import type { TerminalOutput } from './terminal/terminal-output.ts';

/** What commander has found, by the names of options, and the argument. */
interface Given {
  readonly argument: string;
  readonly nest?: number;
  readonly reason: string;
  readonly job?: string;
}

interface StationCommand {
  readonly does: string;
  /** Its one argument. */
  readonly argument?: Argument;
  readonly options?: readonly Option[];
  readonly action: (given: Given) => StationAction;
}

const onNest = (what: string): Option => new Option('--nest <id>', what).argParser(nestNumber);
const placeOf = ({ nest }: Given): number | 'station' => nest ?? 'station';
const samples = { golden: 'golden', limit: 'limit', none: 'production' } as const;

/** What people tell a running station: each is one action at its control socket. */
export const stationCommands = {
  lock: {
    does: 'let a nest, or the whole station, take no start until it is unlocked',
    options: [
      onNest('only this nest; left out: the station'),
      new Option('--reason <text>', 'why, for those who stand before it').makeOptionMandatory(),
    ],
    action: (given) => ({ verb: 'lock', place: placeOf(given), reason: given.reason }),
  },
  unlock: {
    does: 'let a locked nest, or the locked station, start again',
    options: [onNest('this nest; left out: the station')],
    action: (given) => ({ verb: 'unlock', place: placeOf(given) }),
  },
  release: {
    does: 'let a module be tried again that has used its attempts or is held',
    argument: new Argument('<mac>', 'MAC of the module, such as 5c:cf:7f:00:00:01'),
    action: ({ argument }) => ({ verb: 'release', mac: argument }),
  },
  'accept-part': {
    does: 'accept a flash part for the product of the loaded job',
    argument: new Argument('<flash-id>', 'the part as the alarm names it, such as ef4016'),
    action: ({ argument }) => ({ verb: 'accept-part', flashId: argument }),
  },
  approve: {
    does: 'approve the hash that a job must have from now on',
    argument: new Argument('<hash>', 'as `jigd job hash` prints it'),
    options: [new Option('--job <name>', 'the job; left out: the one that is chosen')],
    action: ({ argument, job }) => ({ verb: 'approve', job: job ?? null, hash: argument }),
  },
  'select-job': {
    does: 'change the job, while no run is under way',
    argument: new Argument('<name>', 'its file in the folder of the jobs, without .yaml'),
    action: ({ argument }) => ({ verb: 'select-job', job: argument }),
  },
  sample: {
    does: 'run a sample next on a nest, as a series of its own',
    argument: new Argument('<kind>', 'golden and limit count in no yield; none: a run of production again').choices(
      Object.keys(samples),
    ),
    options: [onNest('the nest that it is in').makeOptionMandatory()],
    action: ({ argument, nest = 0 }) => ({
      verb: 'next-run',
      nest,
      mode: samples[argument as keyof typeof samples],
    }),
  },
  acknowledge: {
    does: 'end an alarm that lasts until somebody has seen it',
    argument: new Argument('<alarm>', 'new-flash-id or ledger: the others end by themselves, with their cause'),
    // The station knows its alarms and refuses other names.
    action: ({ argument }) => ({ verb: 'acknowledge', alarm: argument }) as StationAction,
  },
} as const satisfies Readonly<Record<string, StationCommand>>;

export type StationCommandName = keyof typeof stationCommands;

/** Which station is asked, as commander delivers it. */
export interface SocketOptions {
  readonly config: string;
  readonly socket?: string;
  readonly json?: boolean;
}

/**
 * One of `stationCommands`. Its action rejects with a ConfigError for a station file that is wrong, a Refusal when no
 * station is running, and a ToldError when it refuses.
 */
export function stationCommand(name: StationCommandName, output: TerminalOutput = processOutput): Command {
  const { does, argument, options = [], action }: StationCommand = stationCommands[name];
  const command = addSocketOptions(new Command(name).description(does));
  command.addOption(new Option('--who <name>', 'who says so, for the audit trail').default(loginName()));
  if (argument !== undefined) command.addArgument(argument);
  for (const option of options) command.addOption(option);
  return command.action(async () => {
    const options = command.optsWithGlobals<SocketOptions & { who: string } & Omit<Given, 'argument'>>();
    const { who, json, ...rest } = options;
    const wanted = action({ ...rest, argument: command.args[0] ?? '' });
    const at = await addressOf(options);
    const { done } = await askStation<{ readonly done: string }>(at, '/actions', { who, action: wanted });
    output.out(json === true ? `${JSON.stringify({ done })}\n` : `${done}\n`);
  });
}

/** `--config`, `--socket` and `--json`, as every command has them that asks a running station. */
export function addSocketOptions(command: Command): Command {
  return command
    .option('--config <file>', 'the station file, for its control socket', '/etc/jigd/jigd.yaml')
    .option('--socket <path>', 'the control socket itself, such as that of a demo; no station file is read then')
    .option('--json', 'print one JSON object');
}

/** A socket that is named is asked whoever listens there; a station file means its own station. @throws ConfigError */
export async function addressOf({ socket, config }: SocketOptions): Promise<StationAddress> {
  if (socket !== undefined) return { socket, station: null };
  const { loadStationConfig } = await import('../config/station-config.ts');
  const { controlSocket, station } = await loadStationConfig(config);
  return { socket: controlSocket, station: station.id };
}
