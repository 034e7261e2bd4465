import { StationError } from '../foundation/faults.ts';

/** The texts of the driver's errors that a person can act on, and what to tell them. */
const sentences: readonly { readonly seen: RegExp; readonly say: (path: string) => string }[] = [
  { seen: /no such file|ENOENT|no such device/i, say: (path) => `Port ${path} does not exist.` },
  { seen: /cannot lock|temporarily unavailable|busy/i, say: (path) => `Port ${path} is in use by another program.` },
  {
    seen: /permission denied|not permitted|EACCES/i,
    say: (path) => `Port ${path} may not be opened: add the user to group dialout.`,
  },
  { seen: /is a directory|EISDIR/i, say: (path) => `${path} is a directory and not a serial port.` },
  { seen: /inappropriate ioctl|not a tty/i, say: (path) => `${path} is not a serial port.` },
];

/** What went wrong when a port was opened, as S04 with one plain sentence. */
export function openFault(path: string, error: unknown): StationError {
  const text = textOf(error);
  const known = sentences.find(({ seen }) => seen.test(text));
  const detail = known === undefined ? `Port ${path} could not be opened: ${text}` : known.say(path);
  return new StationError('S04', detail, { cause: error });
}

/** The port was open and is no longer usable. */
export function goneFault(path: string, error: unknown): StationError {
  return new StationError('S04', `Port ${path} has gone: ${textOf(error)}`, { cause: error });
}

/** The driver refused a setting of an open port. */
export function settingFault(path: string, what: string, error: unknown): StationError {
  return new StationError('S04', `Port ${path} refused ${what}: ${textOf(error)}`, { cause: error });
}

/** The driver refused DTR and RTS: most ports that do have not got these lines. */
export function modemLinesFault(path: string, error: unknown): StationError {
  if (!/inappropriate ioctl|invalid argument/i.test(textOf(error))) return settingFault(path, 'DTR and RTS', error);
  const advice = 'take an adapter that has them, or reset the module by lines of the header';
  return new StationError('S04', `Port ${path} has no DTR and RTS: ${advice}.`, { cause: error });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
