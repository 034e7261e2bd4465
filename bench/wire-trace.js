import { commandName, phaseTeller } from './wire-phases.js';
import { printTable } from './report.js';

/** Gaps of this length or more are listed one by one. */
const longMs = 20;
const listedGaps = 40;

/**
 * @typedef {{ idleMs: number, requestMs: number, waitMs: number, answerMs: number, requests: number }} Share
 * @typedef {{ atMs: number, ms: number, what: string, phase: string }} Gap
 */

/**
 * Divides the time of a whole command among what the line did: every ms belongs to one cell.
 *
 * - before: the line is silent and the client's turn has come; it belongs to the request that follows
 * - request: bytes towards the module
 * - wait: the request has arrived and its answer has not begun
 * - answer: bytes from the module
 * @param {import('./wire-log.js').WireLog} log
 * @param {{ startMs: number, endMs: number, marks: readonly { name: string, atMs: number }[] }} process
 */
export function accountFor(log, { startMs, endMs, marks }) {
  /** @type {Map<string, Share>} */
  const shares = new Map();
  /** @type {Gap[]} */
  const gaps = [];
  const phaseOf = phaseTeller();
  let cursor = startMs;
  let phase = 'start of the process';
  let last = 'the start of the process';
  /** @param {number} untilMs @param {keyof Share} column @param {string} what */
  const spend = (untilMs, column, what) => {
    // The module may still be talking when the process has gone.
    const toMs = Math.min(untilMs, endMs);
    const ms = Math.max(0, toMs - cursor);
    const share = shares.get(phase) ?? { idleMs: 0, requestMs: 0, waitMs: 0, answerMs: 0, requests: 0 };
    shares.set(phase, share);
    share[column] += ms;
    if (column === 'idleMs' || column === 'waitMs') gaps.push({ atMs: cursor - startMs, ms, what, phase });
    cursor = Math.max(cursor, toMs);
    return share;
  };
  for (const event of inOrder(log, marks, startMs)) {
    if (event.kind === 'mark') {
      spend(event.atMs, 'idleMs', `${last} → ${event.name}`);
      last = event.name;
      phase = event.phase;
    } else if (event.sent.from === 'host' && event.sent.kind === 'frame') {
      const name = commandName(event.sent);
      phase = phaseOf(event.sent);
      spend(event.sent.startMs, 'idleMs', `${last} → ${name}`).requests += 1;
      spend(event.sent.endMs, 'requestMs', name);
      last = name;
    } else {
      const name = event.sent.from === 'chip' ? `answer to ${last.replace(/^answer to /, '')}` : last;
      spend(event.sent.startMs, 'waitMs', `${last} → its answer`);
      spend(event.sent.endMs, event.sent.from === 'chip' ? 'answerMs' : 'requestMs', name);
      if (event.sent.kind === 'frame') last = name;
    }
  }
  phase = 'end of the process';
  spend(endMs, 'idleMs', `${last} → the end of the process`);
  return { shares, gaps, wholeMs: endMs - startMs };
}

/** @param {import('./wire-log.js').WireLog} log @param {readonly { name: string, atMs: number }[]} marks @param {number} startMs */
function inOrder(log, marks, startMs) {
  const sent = log.transmissions.map((each) => ({
    kind: /** @type {const} */ ('sent'),
    atMs: each.startMs,
    sent: each,
  }));
  const edges = log.edges
    .filter(({ atMs }) => atMs >= startMs)
    .map(({ atMs, line, low }) => ({
      kind: /** @type {const} */ ('mark'),
      atMs,
      name: `${line} ${low ? 'low' : 'high'}`,
      phase: 'reset',
    }));
  const own = marks.map((mark) => ({ kind: /** @type {const} */ ('mark'), phase: mark.name, ...mark }));
  return [...sent.filter(({ atMs }) => atMs >= startMs), ...edges, ...own].sort((a, b) => a.atMs - b.atMs);
}

/** @param {string} title @param {ReturnType<typeof accountFor>} account */
export function printAccount(title, { shares, gaps, wholeMs }) {
  const rows = [...shares].map(([phase, share]) => [phase, share.requests, ...columns(share)]);
  const sum = [...shares.values()].reduce(
    (all, share) => ({
      idleMs: all.idleMs + share.idleMs,
      requestMs: all.requestMs + share.requestMs,
      waitMs: all.waitMs + share.waitMs,
      answerMs: all.answerMs + share.answerMs,
    }),
    { idleMs: 0, requestMs: 0, waitMs: 0, answerMs: 0 },
  );
  const heads = ['phase', 'requests', 'silent before', 'request', 'wait', 'answer', 'sum ms'];
  printTable(`${title}: where ${wholeMs.toFixed(0)} ms went`, heads, [...rows, ['all', '', ...columns(sum)]]);
  const groups = Map.groupBy?.(gaps, ({ what }) => what) ?? groupBy(gaps, ({ what }) => what);
  const classes = [...groups].map(([what, all]) => ({ what, ms: all.map((gap) => gap.ms).sort((a, b) => a - b) }));
  const total = (/** @type {readonly number[]} */ ms) => ms.reduce((all, each) => all + each, 0);
  printTable(
    'Silence by what surrounds it, ms',
    ['from → to', 'times', 'sum', 'median', 'largest'],
    classes
      .sort((a, b) => total(b.ms) - total(a.ms))
      .filter(({ ms }) => total(ms) >= 1)
      .map(({ what, ms }) => [
        what,
        ms.length,
        fixed(total(ms)),
        fixed(ms[ms.length >> 1] ?? 0),
        fixed(ms.at(-1) ?? 0),
      ]),
  );
  const long = gaps.filter(({ ms }) => ms >= longMs);
  printTable(
    `Silences of ${longMs} ms and more${long.length > listedGaps ? `, the first ${listedGaps} of ${long.length}` : ''}`,
    ['at ms', 'ms', 'phase', 'from → to'],
    long.slice(0, listedGaps).map(({ atMs, ms, phase, what }) => [fixed(atMs), fixed(ms), phase, what]),
  );
}

/** @param {Omit<Share, 'requests'>} share */
function columns({ idleMs, requestMs, waitMs, answerMs }) {
  return [idleMs, requestMs, waitMs, answerMs, idleMs + requestMs + waitMs + answerMs].map(fixed);
}

/** @template Item @param {readonly Item[]} items @param {(item: Item) => string} keyOf */
function groupBy(items, keyOf) {
  /** @type {Map<string, Item[]>} */
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/** @param {number} ms */
function fixed(ms) {
  return ms.toFixed(1);
}

/**
 * Every transmission and edge, a line each, ms from the start of the process.
 * @param {import('./wire-log.js').WireLog} log
 * @param {number} startMs
 */
export function logText(log, startMs) {
  const lines = [
    ...log.transmissions.map((sent) => ({
      atMs: sent.startMs,
      text: [
        fixed(sent.startMs - startMs).padStart(10),
        fixed(sent.endMs - startMs).padStart(10),
        sent.from === 'host' ? '→' : '←',
        String(sent.bytes).padStart(6),
        `at ${sent.baud.toFixed(0)}`.padStart(10),
        commandName(sent),
      ].join(' '),
    })),
    ...log.edges.map(({ atMs, line, low }) => ({
      atMs,
      text: `${fixed(atMs - startMs).padStart(10)} ${line} ${low ? 'low' : 'high'}`,
    })),
  ];
  return `${lines
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ text }) => text)
    .join('\n')}\n`;
}
