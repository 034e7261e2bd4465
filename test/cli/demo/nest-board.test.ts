import { expect, test } from 'vitest';
import { NestBoard } from '../../../src/cli/demo/nest-board.ts';
import { EventStream } from '../../../src/foundation/event-stream.ts';
import type { Alarm, NestState, Notice, StationEvent } from '../../../src/nest/station-event.ts';

const up = (lines: number): string => `\u001b[${lines}A\r`;
const clear = '\u001b[K\n';

function board(nests: number, size: { columns: number | null; rows?: number }, plain = false) {
  const writes: string[] = [];
  const events = new EventStream<StationEvent>(() => undefined);
  const station = {
    events,
    nests: Array.from({ length: nests }, (_, index) => ({ number: index + 1, state: { name: 'ready' } as const })),
  };
  const output = {
    out: () => undefined,
    err: (text: string) => void writes.push(text),
    errColumns: size.columns,
    errRows: size.rows ?? 24,
  };
  const shown = new NestBoard(output, station, plain);
  const state = (change: Partial<NestState>): void => {
    const quiet = { nest: 1, state: 'running', runId: 'r', phase: null, progress: null, code: null } as const;
    events.publish({ kind: 'nestState', state: { ...quiet, ...change } });
  };
  const notice = (changes: Partial<Notice> = {}): void => {
    const text = { kind: 'press-ignored', code: 'O03', detail: 'Pressed.', at: 0 } as const;
    events.publish({ kind: 'notice', notice: { ...text, nest: 1, ...changes } });
  };
  return { writes, events, state, notice, shown };
}

test('all nests are shown from the start', () => {
  expect(board(2, { columns: 80 }).writes).toEqual([`[1]     ready${clear}[2]     ready${clear}`]);
});

test('each change is one write over the lines before, and no change is none', () => {
  const { writes, state } = board(1, { columns: 80 });
  state({ phase: 'connect' });
  state({ phase: 'connect' });
  expect(writes.slice(1)).toEqual([`${up(1)}[1]     connect${clear}`]);
});

test('what happened goes above the moving lines', () => {
  const { writes, notice } = board(1, { columns: 80 });
  notice();
  const line = 'nest 1  O03  WAIT – run under way (Pressed.)';
  expect(writes.slice(1)).toEqual([`${up(1)}${line}${clear}[1]     ready${clear}`]);
});

test('what concerns the station as a whole is said of no nest, and an alarm is no line of its own', () => {
  const { writes, events, notice } = board(1, { columns: null });
  notice({ kind: 'button-stuck', nest: null, code: 'O04' });
  const alarm = { slug: 'estop', active: true, nest: null, code: 'O04', detail: 'Held.', since: 0 } as const;
  events.publish({ kind: 'alarm', alarm });
  expect(writes).toEqual(['station  O04  BUTTON STUCK – call technician (Pressed.)\n']);
});

test.for([
  { phase: 'write', progress: 0.5 },
  { state: 'failed', code: 'C01' },
] as const)('no moving line is wider than the terminal: %o', (change) => {
  const { writes, state } = board(1, { columns: 30 });
  state(change);
  const line = writes.at(-1)!.slice(up(1).length, -clear.length);
  expect(line.length).toBeLessThan(30);
});

test('no more moving lines than the terminal has', () => {
  const { writes } = board(12, { columns: 80, rows: 8 });
  expect(writes[0]!.split('\n')).toHaveLength(7);
  expect(writes[0]).toContain('and 7 more');
});

test.for([
  { name: 'into a file', columns: null, plain: false },
  { name: 'when told so', columns: 80, plain: true },
])('$name, only what happened is written, without codes for a terminal', ({ columns, plain }) => {
  const { writes, state, notice } = board(2, { columns }, plain);
  state({ phase: 'write', progress: 0.5 });
  notice();
  expect(writes).toEqual(['nest 1  O03  WAIT – run under way (Pressed.)\n']);
});

test('nothing is drawn after the end', () => {
  const { writes, state, shown } = board(1, { columns: 80 });
  shown[Symbol.dispose]();
  state({ phase: 'connect' });
  expect(writes).toHaveLength(1);
});

test('an alarm is told when it begins and when it ends, unless a notice tells it', () => {
  const { writes, events } = board(1, { columns: null });
  const alarm = (changes: Partial<Alarm>): void => {
    const some = { slug: 'nest-locked-1', active: true, nest: 1, code: 'S07', detail: 'Three.', since: 0 } as const;
    events.publish({ kind: 'alarm', alarm: { ...some, ...changes } });
  };
  alarm({});
  alarm({ active: false, detail: 'Unlocked by the technician.' });
  alarm({ slug: 'no-failures', nest: null, code: null, detail: 'More than 2000 runs.' });
  alarm({ slug: 'button-stuck-1', code: 'O04' });
  alarm({ slug: 'estop', nest: null, code: 'O01' });
  expect(writes).toEqual([
    'nest 1  alarm nest-locked-1: S07  NEST LOCKED – call technician (Three.)\n',
    'nest 1  alarm nest-locked-1 has ended. Unlocked by the technician.\n',
    'station  alarm no-failures: More than 2000 runs.\n',
  ]);
});
