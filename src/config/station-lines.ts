import { lineRoles } from './line-schema.ts';
import type { LineConfig, LineRole } from './line-schema.ts';
import type { StationConfig } from './station-config.ts';

/** One line of the station and where it belongs. */
export interface StationLine {
  readonly nest: number;
  readonly role: LineRole;
  readonly spec: LineConfig;
  readonly direction: 'in' | 'out';
  /** As errors name it: "nest 1 rst". */
  readonly use: string;
}

/** Every line of the station by nest, in the order of the roles: straps first. */
export function stationLines({ nests }: StationConfig): readonly StationLine[] {
  const roles = Object.keys(lineRoles) as LineRole[];
  return nests.flatMap(({ id, lines }) =>
    roles.flatMap((role) => {
      const spec = lines[role];
      if (spec === null) return [];
      const direction = lineRoles[role].input ? 'in' : 'out';
      return [{ nest: id, role, spec, direction, use: `nest ${id} ${role}` } as const];
    }),
  );
}
