import { expect, test } from 'vitest';
import { checkLedger } from '../../src/ledger/check/check-ledger.ts';
import { SeededRandom } from '../../src/simulator/seeded-random.ts';
import { temporaryFolder } from '../ledger/runs.ts';
import { plainProgram } from '../support/plain-program.ts';
import { readKilledLedger } from './kill/killed-ledger.ts';
import { storyOf } from './kill/life-story.ts';
import { liveOnce } from './kill/station-life.ts';
import type { Death } from './kill/station-life.ts';

/** `npm run test:long` asks for 200. */
const kills = Number(process.env['JIGD_KILLS'] ?? 12);
/** Stations that live and die at the same time, each on a ledger of its own. */
const stations = 4;
const nests = 8;

/** What a station says at moments worth a death, and how often it may have said it by then. */
const moments = [
  { after: '', times: 1, withinMs: 900 },
  { after: 'line 1 ', times: 2, withinMs: 60 },
  { after: 'ready', times: 1, withinMs: 700 },
  { after: 'ready', times: 1, withinMs: 1_500 },
  { after: ' connect', times: 12, withinMs: 120 },
  { after: ' loader', times: 12, withinMs: 80 },
  { after: ' write', times: 12, withinMs: 40 },
  { after: ' write', times: 12, withinMs: 5 },
  { after: ' boot', times: 12, withinMs: 60 },
  { after: 'pass on', times: 16, withinMs: 30 },
  { after: 'pass on', times: 16, withinMs: 1 },
] as const;

function death(random: SeededRandom, index: number): Death {
  const { after, times, withinMs } = moments[index % moments.length] ?? moments[0];
  return { after, count: 1 + random.below(times), delayMs: random.below(withinMs), signal: 'SIGKILL' };
}

interface Figures {
  readonly kills: number;
  readonly beforeReady: number;
  readonly runs: number;
  readonly green: number;
  readonly interrupted: number;
}

/** Lives of one station on one ledger, each of which ends in a kill, and a last one that is stopped. */
async function livesOf(deaths: readonly Death[], program: string): Promise<Figures> {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  const green = new Set<string>();
  /** Runs that a kill left open: each has to be closed as S05, and nothing else may be. */
  const cut = new Set<string>();
  let left: ReadonlySet<string> = new Set();
  let beforeReady = 0;
  const last: Death = { after: 'pass on', count: nests, delayMs: 0, signal: 'SIGTERM' };
  let before = readKilledLedger(path);
  for (const [index, each] of [...deaths, last].entries()) {
    const life = String(index);
    const story = storyOf(await liveOnce(program, [folder.path, life, [...left].join(' ')], each, folder.path), left);
    const killed = readKilledLedger(path);
    for (const runId of story.green) green.add(runId);
    const of = { life, death: each };
    expect({ of, problems: [...story.problems, ...killed.problems] }).toEqual({ of, problems: [] });
    expect({ of, unrecorded: [...green].filter((runId) => !killed.passed.has(runId)) }).toEqual({ of, unrecorded: [] });
    // What the life before left open is closed as S05, or, where this one died before, still open.
    const still = new Set(killed.open);
    const closed = [...cut].filter((runId) => !still.has(runId));
    expect({ of, interrupted: killed.interrupted.toSorted() }).toEqual({ of, interrupted: closed.toSorted() });
    if (story.isReady) {
      expect({ of, open: before.open.filter((runId) => still.has(runId)) }).toEqual({ of, open: [] });
      expect({ of, redo: story.redo.toSorted() }).toEqual({ of, redo: before.redo.toSorted() });
    } else {
      beforeReady += 1;
    }
    for (const runId of killed.open) cut.add(runId);
    left = story.left;
    before = killed;
  }
  expect([...left]).toEqual([]);
  const { runs, open, interrupted } = readKilledLedger(path);
  expect(open).toEqual([]);
  expect((await checkLedger(path)).findings.flatMap(({ problems }) => problems)).toEqual([]);
  return { kills: deaths.length, beforeReady, runs, green: green.size, interrupted: interrupted.length };
}

test(
  `kill -9 at ${kills} random moments of eight nests in production: green is recorded, nothing is lost, nothing starts by itself`,
  {
    timeout: 60_000 + kills * 3_000,
  },
  async () => {
    using folder = temporaryFolder();
    const program = plainProgram(
      'test/scenarios/kill/production-child.ts',
      ['src', 'test/scenarios/kill', 'test/support'],
      folder.file('plain'),
    );
    const random = new SeededRandom(6);
    const deaths = Array.from({ length: kills }, (_, index) => death(random, index));
    const lives = Array.from({ length: stations }, (_, station) =>
      deaths.filter((_, index) => index % stations === station),
    );
    const figures = await Promise.all(lives.map((each) => livesOf(each, program)));
    const sum = (name: keyof Figures): number => figures.reduce((all, each) => all + each[name], 0);
    expect(sum('kills')).toBe(kills);
    expect(sum('interrupted')).toBeGreaterThan(kills / 4);
    expect(sum('green')).toBeGreaterThan(kills);
    if (process.env['JIGD_KILLS'] === undefined) return;
    const names = ['kills', 'beforeReady', 'runs', 'green', 'interrupted'] as const;
    process.stdout.write(`${names.map((name) => `${name} ${sum(name)}`).join(', ')}\n`);
  },
);
