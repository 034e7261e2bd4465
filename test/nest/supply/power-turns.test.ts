import { expect, test } from 'vitest';
import { StationError } from '../../../src/foundation/faults.ts';
import { PowerTurns, powerUpGapMs } from '../../../src/nest/supply/power-turns.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const never = new AbortController().signal;

/** What happened and when, ms. */
function story() {
  const clock = new VirtualClock();
  const turns = new PowerTurns(clock);
  const told: [what: string, atMs: number][] = [];
  const tell = (what: string): void => void told.push([what, clock.monotonic()]);
  const take = (name: string, signal: AbortSignal = never): Promise<void> =>
    turns.take(() => tell(name), signal).catch((error: unknown) => tell(`${name} ${(error as Error).message}`));
  return { clock, turns, told, tell, take };
}

test('eight nests that are pressed at once are fed one after the other, in the order of the presses', async () => {
  const { clock, told, take } = story();
  const all = Array.from({ length: 8 }, (_, index) => take(`nest ${index + 1}`));
  await clock.elapse(8 * powerUpGapMs);
  await Promise.all(all);
  expect(told).toEqual(Array.from({ length: 8 }, (_, index) => [`nest ${index + 1}`, index * 75]));
  expect(clock.pending).toBe(0);
});

test('the first is fed in the call that asks, and so is one that comes when the gap is over', async () => {
  const { clock, told, take } = story();
  const first = take('first');
  expect(told).toEqual([['first', 0]]);
  clock.advance(powerUpGapMs);
  const second = take('second');
  expect(told).toEqual([
    ['first', 0],
    ['second', 75],
  ]);
  await Promise.all([first, second]);
});

test('who gives up makes room at once, and leaves neither timer nor listener', async () => {
  const { clock, told, take } = story();
  const stop = new AbortController();
  const all = [take('first'), take('second', stop.signal), take('third')];
  await clock.elapse(40);
  stop.abort(new Error('gave up'));
  await clock.elapse(200);
  await Promise.all(all);
  expect(told).toEqual([
    ['first', 0],
    ['second gave up', 40],
    ['third', 75],
  ]);
  expect(clock.pending).toBe(0);
});

test('when the last one gives up nothing waits for the end of the gap', async () => {
  const { clock, take } = story();
  const stop = new AbortController();
  const all = [take('first'), take('second', stop.signal)];
  expect(clock.pending).toBe(1);
  stop.abort(new Error('gave up'));
  expect(clock.pending).toBe(0);
  await Promise.all(all);
});

test('a signal that has aborted already gets no turn', async () => {
  const { told, take } = story();
  await take('late', AbortSignal.abort(new Error('gave up')));
  expect(told).toEqual([['late gave up', 0]]);
});

test('a power-up that fails has had its turn, and the next one comes after it', async () => {
  const { clock, turns, told, take } = story();
  const failing = turns.take(() => {
    throw new StationError('S03', 'The line does not obey.');
  }, never);
  const next = take('next');
  await expect(failing).rejects.toMatchObject({ code: 'S03' });
  await clock.elapse(100);
  await next;
  expect(told).toEqual([['next', 75]]);
});

test('timers of whole milliseconds, which fire early, do not shorten the gap', async () => {
  const { clock, tell, told } = story();
  const early = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after: (ms: number, run: () => void) => clock.after(Math.max(1, Math.floor(ms)), run),
    sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms, signal),
  };
  const turns = new PowerTurns(early);
  clock.advance(0.5);
  const first = turns.take(() => tell('first'), never);
  clock.advance(0.25);
  const second = turns.take(() => tell('second'), never);
  await clock.elapse(100);
  await Promise.all([first, second]);
  expect(told).toEqual([
    ['first', 0.5],
    ['second', 75.75],
  ]);
});

test('a line that is slow to switch does not shorten the gap behind it', async () => {
  const { clock, turns, told, take } = story();
  const slow = turns.take(() => clock.advance(10), never);
  const next = take('next');
  await clock.elapse(100);
  await Promise.all([slow, next]);
  expect(told).toEqual([['next', 85]]);
});

test('a nest that is fed may ask for the next turn in the same call', async () => {
  const { clock, turns, told, tell } = story();
  let inner: Promise<void> = Promise.resolve();
  const outer = turns.take(() => {
    tell('outer');
    inner = turns.take(() => tell('inner'), never);
  }, never);
  await clock.elapse(100);
  await Promise.all([outer, inner]);
  expect(told).toEqual([
    ['outer', 0],
    ['inner', 75],
  ]);
});
