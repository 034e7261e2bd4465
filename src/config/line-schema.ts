import * as z from 'zod';
import { duration, textLike, wholeNumber } from './fields.ts';

/** How long a contact may bounce where nothing is said, ms (design §6). */
const usualDebounceMs = 20;

const name = (): z.ZodUnion<[z.ZodInt, z.ZodString]> =>
  z.union([wholeNumber(0, 27), textLike(/^GPIO(\d|1\d|2[0-7])$/, 'a BCM number, 0 to 27 or GPIO0 to GPIO27')], {
    error: 'expected a BCM number, 0 to 27 or GPIO0 to GPIO27.',
  });

/** A line by number, by header name, or with its electrical details. */
export function line(use: string): z.ZodType<LineWritten, LineInput> {
  return z
    .union(
      [
        ...name().options,
        z.strictObject({
          line: name().describe('BCM number or header name.'),
          active: z.enum(['low', 'high']).optional().describe('Level that means on, pressed or asserted.'),
          pull: z
            .enum(['up', 'down', 'off'])
            .optional()
            .describe(
              'Bias of the pin. The driver is then chardev: sysfs cannot set it. Left out: as the board has it.',
            ),
          drive: z
            .enum(['open-drain', 'push-pull'])
            .optional()
            .describe('open-drain: driven low or released, never driven high. Not for inputs.'),
          debounce: duration(5, 1000, "'20ms'")
            .optional()
            .describe(
              `Only for inputs: how long the contact may bounce before its level counts, '20ms' or milliseconds; ` +
                `5 ms to 1 s. Default: ${usualDebounceMs} ms.`,
            ),
        }),
      ],
      { error: 'expected a BCM number such as 17, a header name such as GPIO17, or a mapping with `line`.' },
    )
    .describe(use);
}

/** A line as the schema leaves it: as it is written, times in milliseconds. */
export type LineWritten = number | string | (LineDetails & { readonly debounce?: number | undefined });

type LineInput = number | string | (LineDetails & { readonly debounce?: number | string | undefined });

interface LineDetails {
  readonly line: number | string;
  readonly active?: 'low' | 'high' | undefined;
  readonly pull?: 'up' | 'down' | 'off' | undefined;
  readonly drive?: 'open-drain' | 'push-pull' | undefined;
}

/** How lines are reached; auto takes the first that can do what the lines ask for. */
export type DriverWish = 'auto' | 'onoff' | 'chardev';

/** A line with every default filled in. */
export interface LineConfig {
  /** BCM number. */
  readonly bcm: number;
  readonly active: 'low' | 'high';
  readonly drive: 'open-drain' | 'push-pull';
  /** Absent: as the board has it. */
  readonly pull?: 'up' | 'down' | 'off';
}

/** An input: a contact that bounces. */
export interface ContactConfig extends LineConfig {
  /** How long it may bounce before its level counts, 5 … 1000 ms. */
  readonly debounceMs: number;
}

/**
 * Every line of a nest and of the station, and what it is by default (design §6). The drive of an input says that it is
 * never driven. An e-stop is a contact to ground that opens: pressed and a broken wire are the same level, high.
 */
export const lineRoles = {
  gpio0: { active: 'low', drive: 'open-drain', input: false },
  rst: { active: 'low', drive: 'open-drain', input: false },
  en: { active: 'low', drive: 'open-drain', input: false },
  power: { active: 'high', drive: 'push-pull', input: false },
  button: { active: 'low', drive: 'open-drain', input: true },
  present: { active: 'low', drive: 'open-drain', input: true },
  pass: { active: 'high', drive: 'push-pull', input: false },
  fail: { active: 'high', drive: 'push-pull', input: false },
  busy: { active: 'high', drive: 'push-pull', input: false },
  ready: { active: 'high', drive: 'push-pull', input: false },
  buzzer: { active: 'high', drive: 'push-pull', input: false },
  estop: { active: 'high', drive: 'open-drain', input: true },
  fault: { active: 'high', drive: 'push-pull', input: false },
} as const;

export type LineRole = keyof typeof lineRoles;
export type StationLineRole = 'estop' | 'fault';
export type NestLineRole = Exclude<LineRole, StationLineRole>;
export type ContactRole = 'button' | 'present' | 'estop';

/** The roles of the station as a whole. */
export const stationRoles: readonly StationLineRole[] = ['estop', 'fault'];

/** The roles of a nest: straps first, then what feeds the module. */
export const nestRoles = (Object.keys(lineRoles) as LineRole[]).filter(
  (role): role is NestLineRole => role !== 'estop' && role !== 'fault',
);

/** Fills in the defaults of the role. */
export function resolveLine(written: LineWritten, role: LineRole): LineConfig {
  const { active, drive } = lineRoles[role];
  if (typeof written !== 'object') return { bcm: bcmOf(written), active, drive };
  return {
    bcm: bcmOf(written.line),
    active: written.active ?? active,
    drive: written.drive ?? drive,
    ...(written.pull === undefined ? {} : { pull: written.pull }),
  };
}

/** The same for an input. */
export function resolveContact(written: LineWritten, role: ContactRole): ContactConfig {
  const own = typeof written === 'object' ? written.debounce : undefined;
  return { ...resolveLine(written, role), debounceMs: own ?? usualDebounceMs };
}

/** What is wrong with a line for its role although each of its keys is right; null when nothing is. */
export function lineProblem(
  written: LineWritten,
  role: LineRole,
  driver: DriverWish,
): { readonly key: string; readonly message: string } | null {
  if (typeof written !== 'object') return null;
  if (written.pull !== undefined && driver === 'onoff') {
    const setting = { up: 'pu', down: 'pd', off: 'pn' }[written.pull];
    const own = `write gpio=${bcmOf(written.line)}=${setting} into config.txt of the Pi`;
    const advice = `let gpio.driver be auto or chardev, ${own}, or use a resistor`;
    return { key: 'pull', message: `the driver onoff cannot set a pull, because sysfs cannot; ${advice}.` };
  }
  if (lineRoles[role].input && written.drive !== undefined) {
    return { key: 'drive', message: 'this line is an input and is never driven; take the key out.' };
  }
  if (!lineRoles[role].input && written.debounce !== undefined) {
    return { key: 'debounce', message: 'this line is an output and does not bounce; take the key out.' };
  }
  const { active, drive } = resolveLine(written, role);
  if (!lineRoles[role].input && drive === 'open-drain' && active === 'high') {
    return {
      key: 'active',
      message: 'an open-drain line is only ever driven low, so it cannot be active high; add drive: push-pull.',
    };
  }
  return null;
}

function bcmOf(written: number | string): number {
  return typeof written === 'number' ? written : Number(written.replace('GPIO', ''));
}
