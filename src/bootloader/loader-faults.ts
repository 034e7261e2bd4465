import type { Field } from '../foundation/byte-fields.ts';
import { StationError } from '../foundation/faults.ts';
import type { Command } from './commands.ts';
import type { Reply } from './packet.ts';
import { refusalFault, refusalText } from './rom-status.ts';

type Fields = readonly Field<string, number>[];

/** The silence after a command as the fault of the run. */
export function silence(command: Pick<Command<Fields>, 'name' | 'silence'>): StationError {
  return new StationError(command.silence, `The module did not answer ${command.name}.`);
}

/** The refusal of a command as the fault of the run. */
export function refusal(command: Pick<Command<Fields>, 'name' | 'step'>, reply: Reply): StationError {
  const code = refusalFault(command.step, reply);
  return new StationError(code, `The module refused ${command.name}: ${refusalText(reply)}.`);
}
