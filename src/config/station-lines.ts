import { lineRoles, nestRoles } from './line-schema.ts';
import type { LineConfig, LineRole } from './line-schema.ts';
import type { StationConfig } from './station-config.ts';

/** One line of the station and where it belongs. */
export interface StationLine {
  /** Null for a line of the station itself. */
  readonly nest: number | null;
  readonly role: LineRole;
  readonly spec: LineConfig;
  readonly direction: 'in' | 'out';
  /** As errors name it: "nest 1 rst". */
  readonly use: string;
}

/** Every line of the station by nest, in the order of the roles, straps first; then what belongs to no nest. */
export function stationLines({ nests, lines: { fault } }: StationConfig): readonly StationLine[] {
  const ofNests = nests.flatMap(({ id, lines }) =>
    nestRoles.flatMap((role) => {
      const spec = lines[role];
      if (spec === null) return [];
      const direction = lineRoles[role].input ? 'in' : 'out';
      return [{ nest: id, role, spec, direction, use: `nest ${id} ${role}` } as const];
    }),
  );
  if (fault === null) return ofNests;
  return [...ofNests, { nest: null, role: 'fault', spec: fault, direction: 'out', use: 'station fault' }];
}

/** The lines by themselves, for whoever chooses a driver. */
export function linesOf(config: StationConfig): readonly LineConfig[] {
  return stationLines(config).map(({ spec }) => spec);
}
