import { normalize } from 'node:path/posix';
import { lineProblem, nestRoles, resolveLine, stationRoles } from './line-schema.ts';
import type { LineRole, LineWritten } from './line-schema.ts';
import type { StationFile } from './station-schema.ts';
import { pathText } from './yaml-source.ts';
import type { KeyPath } from './yaml-source.ts';

/** Something that only the file as a whole shows. */
export interface Finding {
  readonly path: KeyPath;
  readonly message: string;
}

/** What is wrong between keys that are right one by one: a line, port or number used twice, keys that need others. */
export function checkStation(file: StationFile): readonly Finding[] {
  return [...checkShifts(file), ...checkMqtt(file), ...checkResets(file), ...checkSupplies(file), ...checkNests(file)];
}

/** The base topic with its names put in. @returns null when a name is unknown or not set */
export function expandTopic(file: StationFile, topic: string): string | null {
  const names: Readonly<Record<string, string | undefined>> = { station: file.station.id, line: file.station.line };
  const expanded = topic.replace(/\$\{(\w*)\}/g, (written, name: string) => names[name] ?? written);
  return expanded.includes('${') ? null : expanded;
}

function checkShifts({ station }: StationFile): readonly Finding[] {
  const shifts = station.shifts ?? [];
  return shifts.flatMap((start, index) => {
    const before = shifts[index - 1];
    if (before === undefined || before < start) return [];
    return [{ path: ['station', 'shifts', index], message: `shifts ascend; ${start} does not come after ${before}.` }];
  });
}

function checkMqtt(file: StationFile): readonly Finding[] {
  const { mqtt } = file;
  if (mqtt === undefined) return [];
  const findings: Finding[] = [];
  const topic = expandTopic(file, mqtt.baseTopic);
  if (topic === null) {
    const message = 'only ${station} can stand in it, and ${line} when station.line is set.';
    findings.push({ path: ['mqtt', 'baseTopic'], message });
  } else if (/[+#]/.test(topic) || topic.startsWith('$') || topic.split('/').includes('')) {
    const message = 'expected levels with / between them, none of them empty, without + and #, not starting with $.';
    findings.push({ path: ['mqtt', 'baseTopic'], message });
  }
  if (mqtt.passwordFile !== undefined && mqtt.username === undefined) {
    findings.push({ path: ['mqtt', 'passwordFile'], message: 'a password needs a user name; add `username`.' });
  }
  return findings;
}

/** The lines that reset a module, or DTR and RTS in their place, but never both. */
function checkResets({ nests }: StationFile): readonly Finding[] {
  return nests.flatMap(({ lines, reset }, index) => {
    const finding = (role: 'gpio0' | 'rst' | 'en', message: string): Finding => ({
      path: ['nests', index, 'lines', role],
      message,
    });
    if (reset === 'dtr-rts') {
      const message = 'with reset: dtr-rts the port does the work of this line; take the line out, or reset: dtr-rts.';
      return (['gpio0', 'rst', 'en'] as const).flatMap((role) =>
        lines[role] === undefined ? [] : [finding(role, message)],
      );
    }
    const advice = 'a board that DTR and RTS of its port reset needs reset: dtr-rts and none of gpio0, rst and en';
    const missing = `this key is missing; expected a BCM number such as 17`;
    const findings: Finding[] = [];
    if (lines.gpio0 === undefined) findings.push(finding('gpio0', `${missing}. Or: ${advice}.`));
    if (lines.rst === undefined && lines.en === undefined) {
      findings.push(finding('rst', `${missing}, here or at en. Or: ${advice}.`));
    }
    if (lines.rst !== undefined && lines.en !== undefined) {
      findings.push(finding('en', 'a module is reset by rst or by en; take one of the two lines out.'));
    }
    return findings;
  });
}

/** A strap that is driven high while it is released feeds a module whose supply is off. */
function checkSupplies({ nests }: StationFile): readonly Finding[] {
  const message = 'beside power a strap must not be driven high while the module is off; take push-pull out.';
  return nests.flatMap(({ lines }, index) => {
    if (lines.power === undefined) return [];
    return (['gpio0', 'rst', 'en'] as const).flatMap((role) => {
      const written = lines[role];
      if (written === undefined) return [];
      const { active, drive } = resolveLine(written, role);
      const drivesHigh = active === 'low' && drive === 'push-pull';
      return drivesHigh ? [{ path: ['nests', index, 'lines', role, 'drive'], message }] : [];
    });
  });
}

function checkNests({ nests, gpio, lines }: StationFile): readonly Finding[] {
  const findings: Finding[] = [];
  const taken = new Map<string, string>();
  const claim = (thing: string, path: KeyPath): void => {
    const first = taken.get(thing);
    if (first === undefined) taken.set(thing, pathText(path));
    else findings.push({ path, message: `${thing} is already used by ${first}.` });
  };
  const claimLine = (written: LineWritten | undefined, role: LineRole, above: KeyPath): void => {
    if (written === undefined) return;
    const path = [...above, role];
    claim(`GPIO${resolveLine(written, role).bcm}`, path);
    const problem = lineProblem(written, role, gpio.driver);
    if (problem !== null) findings.push({ path: [...path, problem.key], message: problem.message });
  };
  nests.forEach((nest, index) => {
    claim(`the number ${nest.id}`, ['nests', index, 'id']);
    claim(normalize(nest.serial.path), ['nests', index, 'serial', 'path']);
    for (const role of nestRoles) claimLine(nest.lines[role], role, ['nests', index, 'lines']);
  });
  for (const role of stationRoles) claimLine(lines[role], role, ['lines']);
  return findings;
}
