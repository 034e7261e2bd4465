import { nestRoles } from './line-schema.ts';
import type { ContactConfig, LineConfig, LineRole } from './line-schema.ts';
import type { NestConfig, StationConfig } from './station-config.ts';

/** One line of the station and where it belongs. */
export type StationLine = {
  /** Null for a line of the station itself. */
  readonly nest: number | null;
  /** As the file names it. */
  readonly role: LineRole;
  /** As errors name it: "nest 1 rst". */
  readonly use: string;
  /** The switch of a module's supply. */
  readonly feeds: boolean;
} & Wired;

type Wired =
  { readonly direction: 'in'; readonly spec: ContactConfig } | { readonly direction: 'out'; readonly spec: LineConfig };

/** Every line of the station by nest, in the order of the roles, straps first; then what belongs to no nest. */
export function stationLines({ nests, lines: { estop, fault } }: StationConfig): readonly StationLine[] {
  const ofNests = nests.flatMap(({ id, lines, resetPin }) =>
    nestRoles.flatMap((role) => {
      const wired = wiredAt(role, lines, resetPin);
      return wired === null ? [] : [{ nest: id, role, use: `nest ${id} ${role}`, feeds: role === 'power', ...wired }];
    }),
  );
  const own = (role: 'estop' | 'fault', wired: Wired): StationLine => ({
    nest: null,
    role,
    use: `station ${role}`,
    feeds: false,
    ...wired,
  });
  return [
    ...ofNests,
    ...(estop === null ? [] : [own('estop', { direction: 'in', spec: estop })]),
    ...(fault === null ? [] : [own('fault', { direction: 'out', spec: fault })]),
  ];
}

/** The lines by themselves, for whoever chooses a driver. */
export function linesOf(config: StationConfig): readonly LineConfig[] {
  return stationLines(config).map(({ spec }) => spec);
}

/** The line of a role; of rst and en only the one that the file names. */
function wiredAt(
  role: (typeof nestRoles)[number],
  lines: NestConfig['lines'],
  resetPin: NestConfig['resetPin'],
): Wired | null {
  if (role === 'button' || role === 'present') {
    const spec = lines[role];
    return spec === null ? null : { direction: 'in', spec };
  }
  const isReset = role === 'rst' || role === 'en';
  if (isReset && role !== resetPin) return null;
  const spec = lines[isReset ? 'rst' : role];
  return spec === null ? null : { direction: 'out', spec };
}
