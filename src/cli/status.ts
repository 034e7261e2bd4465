import { Command } from 'commander';
import { isFaultCode } from '../foundation/faults.ts';
import { operatorText } from '../foundation/operator-text.ts';
import type { NestView, StationView } from '../web/station-view.ts';
import { askStation } from './station/control-client.ts';
import { addressOf, addSocketOptions } from './station-commands.ts';
import type { SocketOptions } from './station-commands.ts';
import { processOutput } from './terminal/terminal-output.ts';
import type { TerminalOutput } from './terminal/terminal-output.ts';
import { textTable } from './terminal/text-table.ts';

/** `jigd status`: what a running station does and why it does not. Its action rejects as those of `stationCommand`. */
export function statusCommand(output: TerminalOutput = processOutput): Command {
  const command = new Command('status').description('show the job, the nests and the locks of the running station');
  return addSocketOptions(command).action(async () => {
    const options = command.optsWithGlobals<SocketOptions>();
    const view = await askStation<StationView>(await addressOf(options), '/state');
    output.out(options.json === true ? `${JSON.stringify(view)}\n` : statusText(view));
  });
}

/** The view for people. */
export function statusText(view: StationView): string {
  const table = textTable(
    [
      { title: 'NEST', align: 'right' },
      { title: 'STATE' },
      { title: 'PHASE' },
      { title: 'CODE' },
      { title: 'OPERATOR READS' },
    ],
    view.nests.map((nest) => [String(nest.nest), nest.state, phaseText(nest), nest.code ?? '', textOf(nest)]),
  );
  const samples = view.nests.flatMap(({ nest, sample }) =>
    sample === null
      ? []
      : `Nest ${nest} is to judge a ${sample} sample next; \`jigd sample none --nest ${nest}\` takes it back.\n`,
  );
  const locks = view.locks.map(({ place, code, detail, at, who, saved }) => {
    const what = place === 'station' ? 'The station' : `Nest ${place}`;
    return `${what} is locked since ${at} by ${who}, ${code}${savedText(saved)}: ${detail}\n`;
  });
  const holds = view.holds.map(
    ({ mac, code, at, saved }) => `The module ${mac} is held since ${at}, ${code}${savedText(saved)}.\n`,
  );
  // A lock is an alarm too, and is told above with who set it.
  const alarms = view.alarms.filter(({ code }) => code !== 'S07').map(alarmText);
  return `${view.station}, jigd ${view.software}: ${jobText(view)}\n\n${table}${[...samples, ...locks, ...holds, ...alarms].join('')}`;
}

function jobText({ job, job_name: name, job_fault: fault }: StationView): string {
  if (job !== null) {
    const release = job.release === null ? '' : ` release ${job.release}`;
    return `job ${name ?? job.job}${release} ${job.job_hash}`;
  }
  const what = name === null ? 'no job' : `job ${name} is not loaded`;
  return fault === null ? what : `${what}. ${fault.code}: ${fault.error}`;
}

function textOf({ code }: NestView): string {
  return code !== null && isFaultCode(code) ? operatorText(code, 'en') : '';
}

/** What is said beside something that a restart would forget. */
function savedText(saved: boolean): string {
  return saved ? '' : ', which could not be saved yet';
}

function alarmText({ alarm, code, detail, since }: StationView['alarms'][number]): string {
  return `Alarm ${alarm} since ${since}${code === null ? '' : `, ${code}`}: ${detail}\n`;
}

function phaseText({ phase, progress }: NestView): string {
  if (phase === null) return '';
  return progress === null ? phase : `${phase} ${Math.round(progress * 100)} %`;
}
