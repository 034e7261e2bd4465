import type { VirtualClock } from './virtual-clock.ts';

/** Turns of the event loop without a timer before nothing is expected any more: compressing a region takes some. */
const idleTurnsAtMost = 100_000;

const standingTurnsAtMost = 200_000;
/** The same while a file is read. */
const fileTurnsAtMost = 10_000;

const held = new WeakMap<VirtualClock, number>();

/** Stops the time of a clock while something is made that takes real time only. */
export async function holdVirtualTime<T>(clock: VirtualClock, work: () => Promise<T>): Promise<T> {
  const change = (by: number): unknown => held.set(clock, (held.get(clock) ?? 0) + by);
  change(1);
  try {
    return await work();
  } finally {
    change(-1);
  }
}

/**
 * Runs work that awaits a virtual clock: lets promises settle, fires the next timer, and so on until the work has
 * ended. Reading a file takes no virtual time.
 *
 * @param limitMs virtual time that the work may take
 * @throws what the work throws; an Error when the limit is reached or nothing is left that could end the work
 */
export async function driveVirtualTime<T>(clock: VirtualClock, work: Promise<T>, limitMs: number): Promise<T> {
  const state = { ended: false };
  const watched = work.finally(() => {
    state.ended = true;
  });
  watched.catch(() => undefined);
  const endMs = clock.monotonic() + limitMs;
  let movedMs = clock.monotonic();
  let standing = 0;
  for (let idleTurns = 0; ;) {
    await settled();
    if (state.ended) return watched;
    if ((held.get(clock) ?? 0) > 0) continue;
    if (clock.monotonic() > endMs) throw new Error(`Hang: the work has not ended after ${limitMs} ms of virtual time.`);
    standing = clock.monotonic() === movedMs ? standing + 1 : 0;
    movedMs = clock.monotonic();
    if (standing > standingTurnsAtMost) throw new Error('Hang: timers fire, but the time stands still.');
    if (clock.fireNext()) idleTurns = 0;
    else if (++idleTurns > idleTurnsAtMost) throw new Error('Hang: the work has not ended and waits for no timer.');
  }
}

async function settled(): Promise<void> {
  let turns = 0;
  do await turn();
  while (++turns < fileTurnsAtMost && process.getActiveResourcesInfo().includes('FSReqPromise'));
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
