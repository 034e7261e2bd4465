import type { FaultCode } from '../../src/foundation/faults.ts';
import type { NestState, Notice, StationEvent } from '../../src/nest/station-event.ts';
import type { RunResult } from '../../src/nest/run/run-result.ts';
import { lookMs } from './lamp-watch.ts';
import type { VirtualStation } from './virtual-station.ts';

/** A finger rests on a button for about so long. */
const pressMs = 100;
/** Longer than the debouncing. */
const releaseMs = 30;
/** Longer than the slowest run that a fault can make. */
const runLimitMs = 300_000;

/** Where a test strikes: a phase of the run, or one of the moments without one. Before `passed` the result is on disk. */
export type Moment = 'opening' | NonNullable<NestState['phase']> | 'closing' | 'passed';

/** A finger on the button, and off again. */
export async function press(at: VirtualStation, nest = 1, { heldMs = pressMs } = {}): Promise<void> {
  at.button(nest).pull('low');
  await at.elapse(heldMs);
  at.button(nest).pull(null);
  await at.elapse(releaseMs);
}

/** Presses, and lets time pass until the nest has nothing under way any more, whatever the press came to. */
export async function runToEnd(at: VirtualStation, nest = 1): Promise<void> {
  await press(at, nest);
  await untilIdle(at);
}

/** What a press came to. */
export type Answer =
  { readonly kind: 'runResult'; readonly result: RunResult } | { readonly kind: 'notice'; readonly notice: Notice };

/** Presses, and waits for the result or the refusal. @throws Error when neither comes within five minutes */
export async function answerTo(at: VirtualStation, nest = 1): Promise<Answer> {
  let runId: string | null = null;
  const ended = new Promise<Answer>((resolve) => {
    const watch = at.listen((event) => {
      if (event.kind === 'runStarted' && event.opening.nest === nest) ({ runId } = event.opening);
      const answer = answerOf(event, nest, runId);
      if (answer === null) return;
      watch[Symbol.dispose]();
      resolve(answer);
    });
  });
  await press(at, nest);
  return at.drive(ended, runLimitMs);
}

/** Presses and waits for the result. @throws Error when the start is refused */
export async function run(at: VirtualStation, nest = 1): Promise<RunResult> {
  const answer = await answerTo(at, nest);
  if (answer.kind === 'runResult') return answer.result;
  throw new Error(`The start was refused: ${answer.notice.code} ${answer.notice.detail}`);
}

/** Presses, and expects that no run comes of it. @throws Error when one does */
export async function refusal(at: VirtualStation, nest = 1): Promise<Notice> {
  const answer = await answerTo(at, nest);
  if (answer.kind === 'notice') return answer.notice;
  throw new Error(`The start was not refused, but ended as ${answer.result.code ?? answer.result.outcome}.`);
}

/** Lets time pass until no nest has a run under way. */
export async function untilIdle(at: VirtualStation): Promise<void> {
  await at.drive(Promise.all(at.station.nests.map((nest) => nest.idle())), runLimitMs);
}

/** Looks at the lamps of a nest, once they have come into step with the other nests. @returns the name of the pattern */
export async function lamps(at: VirtualStation, nest = 1): Promise<string> {
  await at.elapse(2 * lookMs);
  return at.nest(nest).lamps.pattern;
}

/** Calls back, once, inside the event with which the run on a nest comes to this moment. */
export function atMoment(at: VirtualStation, moment: Moment, act: () => void, nest = 1): void {
  let phase: NestState['phase'] = null;
  const watch = at.listen((event) => {
    if (event.kind === 'runStarted' && event.opening.nest === nest) strike(moment === 'opening');
    if (event.kind !== 'nestState' || event.state.nest !== nest) return;
    const closes = phase !== null && event.state.phase === null && event.state.state === 'running';
    strike(closes ? moment === 'closing' : event.state.phase === moment || event.state.state === moment);
    phase = event.state.phase;
  });
  const strike = (now: boolean): void => {
    if (!now) return;
    watch[Symbol.dispose]();
    act();
  };
}

/** Presses, and cuts the power of the station when that run comes to this moment. It stays off for a second. */
export async function cutPowerAt(at: VirtualStation, moment: Moment, nest = 1): Promise<void> {
  atMoment(at, moment, () => at.cutPower(), nest);
  at.button(nest).pull('low');
  while (at.isUp) await at.elapse(10);
  await at.elapse(1_000);
}

/** Calls back, once, as soon as this share of the image has been written. */
export function atShare(at: VirtualStation, share: number, act: () => void, nest = 1): void {
  const watch = at.listen((event) => {
    if (event.kind !== 'nestState' || event.state.nest !== nest || (event.state.progress ?? 0) < share) return;
    watch[Symbol.dispose]();
    act();
  });
}

/** The notices of a kind, in order of time. */
export function notices(at: VirtualStation, kind: Notice['kind']): readonly Notice[] {
  return at.told.flatMap(({ event }) => (event.kind === 'notice' && event.notice.kind === kind ? [event.notice] : []));
}

/** How many runs were started. */
export function started(at: VirtualStation): number {
  return at.told.filter(({ event }) => event.kind === 'runStarted').length;
}

/** A code for each record, `PASS` where there is none, the first run first. */
export function verdicts(at: VirtualStation): readonly (FaultCode | 'PASS')[] {
  return at.station.ledger
    .runs({ limit: 1_000 })
    .map(({ code }) => (code ?? 'PASS') as FaultCode | 'PASS')
    .toReversed();
}

/** The result of a run of before may come late; it is no answer. */
function answerOf(event: StationEvent, nest: number, runId: string | null): Answer | null {
  if (event.kind === 'runResult' && event.result.run_id === runId) return event;
  if (event.kind !== 'notice' || event.notice.nest !== nest) return null;
  return ['blocked-start', 'result-not-saved'].includes(event.notice.kind) ? event : null;
}
