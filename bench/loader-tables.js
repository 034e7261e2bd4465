import { printTable, seconds } from './report.js';

/** @typedef {any} CellRuns */

/** The cells of design §9 that have a target. */
const targets = { overBound: 1.25, overOthers: 0.8, sameMs: 3000 };

/** @param {readonly CellRuns[]} cells */
export function printLoader(cells) {
  printTable(
    'Bounds: the line carries the compressed image in data packets; the flash is erased and programmed',
    ['image', 'module', 'baud', 'bytes', 'deflated', 'ratio', 'line s', 'flash s', 'digest s'],
    cells.map((cell) => [
      cell.firmware,
      cell.content,
      cell.baud,
      cell.bytes,
      cell.compressedBytes,
      (cell.compressedBytes / cell.bytes).toFixed(3),
      ...[cell.wireMs, cell.flashMs, cell.digestMs].map((ms) => seconds(ms)),
    ]),
    2,
  );
  const rows = cells.flatMap((cell) => clientsOf(cell).map((client) => ({ cell, client, run: typical(cell, client) })));
  const phases = [...new Set(rows.flatMap(({ run }) => Object.keys(run?.phaseMs ?? {})))];
  printTable(
    'Seconds by phase; "process" is from the start of the process to its end, of several runs the median one',
    ['image', 'module', 'client', 'baud', ...phases, 'process', '/ bound', 'jigd / it', 'runs', 'machine busy'],
    rows.map(({ cell, client, run }) => [
      cell.firmware,
      cell.content,
      client,
      run?.baud ?? cell.baud,
      ...phases.map((phase) => (run?.phaseMs[phase] === undefined ? '' : seconds(run.phaseMs[phase]))),
      ...(run === undefined ? ['failed'] : totals(cell, client, run)),
    ]),
    3,
  );
  printTargets(cells);
}

/** @param {CellRuns} cell @returns {string[]} */
function clientsOf({ runs }) {
  return [...new Set(runs.map((/** @type {any} */ run) => run.client))];
}

/** The run in the middle of those that passed; undefined when none did. @param {CellRuns} cell @param {string} client */
function typical({ runs }, client) {
  const passed = runs.filter((/** @type {any} */ run) => run.client === client && run.problem === undefined);
  passed.sort((/** @type {any} */ a, /** @type {any} */ b) => a.processMs - b.processMs);
  return passed[(passed.length - 1) >> 1];
}

/** @param {CellRuns} cell @param {string} client @param {any} run */
function totals(cell, client, run) {
  const all = cell.runs.filter((/** @type {any} */ each) => each.client === client);
  const jigd = typical(cell, 'jigd');
  const compared = jigd === undefined || client === 'jigd' ? '' : (jigd.processMs / run.processMs).toFixed(3);
  return [
    seconds(run.processMs),
    cell.content === 'same' ? '' : (run.processMs / cell.boundMs).toFixed(3),
    compared,
    all.length,
    `${Math.round(run.machineBusy * 100)} %`,
  ];
}

/** @param {readonly CellRuns[]} cells */
function printTargets(cells) {
  const rows = [];
  for (const cell of cells) {
    const jigd = typical(cell, 'jigd');
    if (cell.baud !== 921_600 || jigd === undefined) continue;
    const place = `${cell.firmware}, ${cell.content}`;
    if (cell.content === 'same') {
      rows.push([place, 'whole command', `≤ ${seconds(targets.sameMs)} s`, `${seconds(jigd.processMs)} s`]);
      continue;
    }
    const overBound = (jigd.processMs / cell.boundMs).toFixed(3);
    if (cell.firmware === '1MiB') rows.push([place, 'over its bound', `≤ ${targets.overBound}`, overBound]);
    for (const other of clientsOf(cell).filter((name) => name.startsWith('esptool'))) {
      const run = typical(cell, other);
      if (run === undefined) continue;
      rows.push([place, `over ${other}`, `≤ ${targets.overOthers}`, (jigd.processMs / run.processMs).toFixed(3)]);
    }
  }
  if (rows.length > 0) printTable('Targets at 921600', ['image, module', 'jigd', 'must reach', 'is'], rows, 2);
}
