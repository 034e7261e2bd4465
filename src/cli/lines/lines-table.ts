import type { LineRole } from '../../config/line-schema.ts';
import type { TestedLine } from './tested-line.ts';
import { textTable } from '../terminal/text-table.ts';
import type { Column } from '../terminal/text-table.ts';

/** A line and the key that switches it; null: none does. */
export interface KeyedLine {
  readonly line: TestedLine;
  readonly key: string | null;
}

const columns: readonly Column[] = [
  { title: 'KEY' },
  { title: 'NEST', align: 'right' },
  { title: 'LINE' },
  { title: 'BCM', align: 'right' },
  { title: 'DIR' },
  { title: 'ACTIVE' },
  { title: 'LEVEL' },
  { title: 'STATE' },
  { title: 'PRESSES', align: 'right' },
  { title: 'EDGES', align: 'right' },
];

/** Every line under a heading that names driver and chip, then what is wrong. Made for 80 columns. */
export function linesTable(lines: readonly KeyedLine[], driver: string): string {
  const shown = lines.map(({ line, key }) => ({ place: line.place, key, view: line.view() }));
  const cells = shown.map(({ place, key, view: { level, active, presses, edges, problem } }) => {
    const isInput = place.direction === 'in';
    return [
      key ?? '',
      place.nest === null ? '-' : String(place.nest),
      place.role,
      String(place.spec.bcm),
      place.direction,
      place.spec.active,
      level ?? '?',
      problem === null ? stateText(place.role, active) : 'not to be had',
      isInput ? String(presses) : '',
      isInput ? String(edges) : '',
    ];
  });
  const problems = shown.flatMap(({ view }) => (view.problem === null ? [] : [`${view.problem}\n`]));
  return `${driver}\n${textTable(columns, cells)}${problems.join('')}`;
}

/** One object a line, the same keys always. */
export function linesJson(lines: readonly KeyedLine[], driver: string): string {
  return lines
    .map(({ line }) => {
      const { nest, role, direction, spec } = line.place;
      const place = {
        nest,
        line: role,
        bcm: spec.bcm,
        direction,
        active_level: spec.active,
        drive: spec.drive,
        driver,
      };
      return `${JSON.stringify({ ...place, ...line.view() })}\n`;
    })
    .join('');
}

function stateText(role: LineRole, active: boolean): string {
  const [whenActive, otherwise] = states[role] ?? ['on', 'off'];
  return active ? whenActive : otherwise;
}

/** In capitals what must not stay like that. */
const states: Partial<Record<LineRole, readonly [whenActive: string, otherwise: string]>> = {
  button: ['pressed', 'open'],
  present: ['module in', 'empty'],
  estop: ['pressed', 'released'],
  gpio0: ['PULLED', 'released'],
  rst: ['PULLED', 'released'],
  en: ['PULLED', 'released'],
  power: ['FED', 'off'],
};
