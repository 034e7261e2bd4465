import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { faultTable } from '../../src/foundation/faults.ts';
import type { FaultCode } from '../../src/foundation/faults.ts';
import type { Attribution, FaultKind, FaultOutcome, RetryPolicy } from '../../src/foundation/faults/fault-kind.ts';
import { operatorText } from '../../src/foundation/operator-text.ts';

/** First letter of a code -> what the codes of this class are about, in the order of a run. */
const classes: Readonly<Record<string, string>> = {
  C: 'contact and connection',
  D: 'identity of the module',
  F: 'flash memory and loader',
  W: 'writing',
  V: 'verifying',
  B: 'boot check',
  J: 'job',
  O: 'operator',
  S: 'station',
  N: 'network',
};

const attributions: Readonly<Record<Attribution, string>> = {
  C: 'contact or fixture',
  D: 'device',
  J: 'job',
  O: 'operator',
  S: 'station',
};

const retries: Readonly<Record<RetryPolicy, string>> = {
  A: 'the station retries inside the run',
  R: 're-seat and press again, as often as the job allows',
  Q: 'quarantine the module',
  'R once': 're-seat and press again, once',
  'S nest': 'the nest is locked until somebody unlocks it',
  'S station': 'the station is locked until somebody unlocks it',
  'S until mended': 'no start as long as the cause lasts',
};

const outcomes: Readonly<Record<FaultOutcome, string>> = {
  FAIL: 'a verdict on the module',
  ERROR: 'the station could not judge the module',
  ABORTED: 'the run was ended before a verdict',
  BLOCKED: 'there was no run',
  REFUSED: 'the module was identified and left as it was; the run counts nowhere',
  EVENT: 'told, and nothing else',
};

const intro = `# Failure codes

Made from \`src/foundation/faults.ts\`: \`UPDATE_DOCS=1 npx vitest run test/documents.test.ts\` writes this page, and the
same test without it compares. Codes are never renumbered or reused. \`jigd\` records the code of a run as \`code\`, its name
as \`code_name\` and who acts on it as \`attribution\`.`;

/** docs/faults.md: every code by class, with what the operator reads, the likely cause and the next action. */
export function faultsPage(): string {
  const rows: [string, FaultKind][] = Object.entries(faultTable);
  const strays = rows.filter(([code]) => !(code.charAt(0) in classes));
  if (strays.length > 0) throw new Error(`A class has no title: ${strays.map(([code]) => code).join(', ')}.`);
  const sections = Object.entries(classes).flatMap(([letter, title]) => {
    const own = rows.filter(([code]) => code.startsWith(letter)).sort(([a], [b]) => a.localeCompare(b));
    return own.length === 0 ? [] : [`## ${letter}: ${title}`, ...own.map(section)];
  });
  return `${[intro, legend('Outcome', outcomes), legend('Attribution', attributions), ...sections].join('\n\n')}\n`;
}

function legend(name: string, meanings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(meanings).map(([key, meaning]) => `- \`${key}\`: ${meaning}`);
  return `${name}:\n\n${lines.join('\n')}`;
}

function section([code, { name, outcome, attribution, retry, cause, action }]: [string, FaultKind]): string {
  const policy = retry.map((each) => `${each} (${retries[each]})`).join(', ');
  return [
    `### ${code} ${name}`,
    '',
    `- Outcome: ${outcome}`,
    `- Attribution: ${attribution} (${attributions[attribution]})`,
    `- Retry: ${policy === '' ? 'none' : policy}`,
    `- Operator reads: **${operatorText(code as FaultCode, 'en')}** · ${operatorText(code as FaultCode, 'zh')}`,
    ...(isRaised(code) ? [] : ['- Not raised by this version; the code is taken.']),
    `- Cause: ${cause}`,
    `- Action: ${action}`,
  ].join('\n');
}

const source = resolve(import.meta.dirname, '../../src');
const code = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !/^foundation\/(faults|texts)\//.test(name))
  .map((name) => readFileSync(join(source, name), 'utf8'))
  .join('\n');

/** Whether any part of the program names it. */
function isRaised(fault: string): boolean {
  return code.includes(`'${fault}'`);
}
