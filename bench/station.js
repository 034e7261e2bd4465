import { benchNests } from './nests.js';
import { benchOperator } from './operator.js';
import { printTable, seconds, spread } from './report.js';

const starts = 7;

/** What the operator and the bench feel: lamps, verdicts, start-up, and many nests at once. */
export async function benchStation() {
  console.log('Presses, silent modules and starts of a station …');
  const { busyMs, verdictMs } = await benchOperator();
  const startUps = [];
  for (let count = 0; count < starts; count += 1) startUps.push(await benchNests(0));
  console.log('1 nest and 16 nests …');
  const one = await benchNests(1, 2);
  const sixteen = await benchNests(16);
  const figures = {
    pressToBusyMs: spread(busyMs),
    silentToVerdictMs: spread(verdictMs),
    startToReadyMs: spread(startUps.map(({ readyMs }) => readyMs)),
    stationStartMs: spread(startUps.map(({ startUp }) => startUp.stationMs)),
  };
  printTable(
    'Station, ms',
    ['figure', 'median', 'max', 'of'],
    [
      row('press to busy lamp', figures.pressToBusyMs),
      row('silent module to result lamp', figures.silentToVerdictMs),
      row('start of the process to ready, 16 nests', figures.startToReadyMs),
      row('  of that startStation', figures.stationStartMs),
    ],
  );
  printTable(
    'Nests at once, 320 KiB each at 921600, station and simulator in a process each',
    ['nests', 'median s', 'max s', 'peak MB', 'station cpu', 'simulator cpu', 'machine busy', 'outcomes'],
    [one, sixteen].map((run) => [
      run.nests,
      seconds(run.totalMs?.median ?? 0),
      seconds(run.totalMs?.max ?? 0),
      (run.peakRssKb / 1024).toFixed(0),
      percent(run.stationCpu),
      percent(run.simulatorCpu),
      percent(run.machineBusy),
      [...new Set(run.outcomes)].join(' '),
    ]),
  );
  const perNest = (sixteen.totalMs?.median ?? 0) / (one.totalMs?.median ?? 1);
  console.log(`16 nests against 1: ${perNest.toFixed(3)} times as long per nest`);
  return { ...figures, one, sixteen, perNest };
}

/** @param {string} name @param {ReturnType<typeof spread>} values */
function row(name, { median, max, count }) {
  return [name, median.toFixed(1), max.toFixed(1), count];
}

/** @param {number} share of one processor, or of all for the machine */
function percent(share) {
  return `${Math.round(share * 100)} %`;
}
