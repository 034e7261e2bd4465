import { faultTable } from '../../src/foundation/faults.ts';
import type { Attribution, FaultKind, FaultOutcome, RetryPolicy } from '../../src/foundation/faults/fault-kind.ts';

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
  R: 're-seat and press again',
  Q: 'quarantine the module',
  S: 'stop the nest or the station',
};

const outcomes: Readonly<Record<FaultOutcome, string>> = {
  FAIL: 'a verdict on the module',
  ERROR: 'the station could not judge the module',
  ABORTED: 'the run was ended before a verdict',
  BLOCKED: 'there was no run',
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

function section([code, { name, outcome, attribution, retry, operator, cause, action }]: [string, FaultKind]): string {
  const policy = retry.map((each) => `${each} (${retries[each]})`).join(', ');
  return [
    `### ${code} ${name}`,
    '',
    `- Outcome: ${outcome}`,
    `- Attribution: ${attribution} (${attributions[attribution]})`,
    `- Retry: ${policy === '' ? 'none' : policy}`,
    `- Operator reads: **${operator}**`,
    `- Cause: ${cause}`,
    `- Action: ${action}`,
  ].join('\n');
}
