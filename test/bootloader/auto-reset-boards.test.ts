import { expect, test } from 'vitest';
import type { BoardOptions } from '../support/auto-reset-board.ts';
import { attempts, modemBench, released } from '../support/modem-bench.ts';

/** What each of the four attempts latches. 14 ms is 1 µF at 10 kOhm, 139 ms is 10 µF (protocol reference §1.4). */
const boards: readonly { readonly board: BoardOptions; readonly modes: readonly (1 | 3)[] }[] = [
  { board: { circuit: 'transistors' }, modes: [1, 1, 3, 3] },
  { board: { circuit: 'transistors', riseMs: 14 }, modes: [1, 1, 1, 1] },
  { board: { circuit: 'transistors', riseMs: 139 }, modes: [3, 1, 3, 1] },
  { board: { circuit: 'transistors', riseMs: 14, adapter: 'RTS first' }, modes: [1, 1, 1, 1] },
  { board: { circuit: 'transistors', riseMs: 14, adapter: 'DTR first' }, modes: [1, 1, 1, 1] },
  { board: { circuit: 'transistors', riseMs: 139, adapter: 'RTS first' }, modes: [3, 1, 3, 1] },
  { board: { circuit: 'direct' }, modes: [1, 1, 1, 1] },
  { board: { circuit: 'direct', riseMs: 14 }, modes: [1, 1, 1, 1] },
  { board: { circuit: 'direct', riseMs: 139 }, modes: [3, 1, 3, 1] },
  { board: { circuit: 'direct', adapter: 'RTS first' }, modes: [3, 3, 1, 1] },
  { board: { circuit: 'direct', adapter: 'DTR first' }, modes: [1, 1, 1, 1] },
  { board: { circuit: 'direct', riseMs: 139, adapter: 'RTS first' }, modes: [3, 1, 3, 1] },
];
const wirings = boards.map(({ board, modes }) => ({
  name: [board.circuit, `${board.riseMs ?? 0} ms`, board.adapter ?? 'both at once'].join(', '),
  board,
  modes,
}));

/** Every attempt after the other, with the time between them that a vain synchronisation takes. */
async function latchedModes({ clock, board, enter }: ReturnType<typeof modemBench>): Promise<readonly (1 | 3)[]> {
  const modes: (1 | 3)[] = [];
  for (const attempt of attempts) {
    const { header } = await enter(attempt);
    await clock.elapse(450);
    const mode = board.starts.at(-1) === 'low' ? 1 : 3;
    // A capacitor that outlasts the hold ends the reset when nobody listens any more.
    if (header !== null) expect(header.mode).toBe(mode);
    modes.push(mode);
  }
  return modes;
}

test.for(wirings)('of the four attempts one enters flash mode: $name', async ({ board, modes }) => {
  const parts = modemBench(board);
  expect(await latchedModes(parts)).toEqual(modes);
  expect(modes).toContain(1);
  expect(parts.board.lines).toEqual(released);
});

test('only transistors without a capacitor at an adapter that is slow between its lines are never entered', async () => {
  const parts = modemBench({ circuit: 'transistors', adapter: 'RTS first' });
  expect(await latchedModes(parts)).toEqual([3, 3, 3, 3]);
});

test.for(wirings)('the final reset starts the application from flash mode: $name', async ({ board, modes }) => {
  const parts = modemBench(board);
  const { clock, enter, restart } = parts;
  await enter(attempts[modes.indexOf(1)]!);
  expect(parts.board.starts.at(-1)).toBe('low');
  await restart();
  await clock.elapse(200);
  expect(parts.board.starts.at(-1)).toBe('high');
  expect(parts.board.gpio0).toBe('high');
});
