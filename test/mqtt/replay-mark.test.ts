import { expect, test } from 'vitest';
import { uncountedRunResult } from '../../src/ledger/runs/build-run-result.ts';
import { asSent } from '../../src/mqtt/replay-mark.ts';
import { finishedAt, opening, passed } from '../ledger/runs.ts';

const result = uncountedRunResult(opening('r1'), passed(), finishedAt);
const payload = JSON.stringify(result);

test.for([
  { name: 'at once', afterMs: 0, replay: 0 },
  { name: 'after 60 s', afterMs: 60_000, replay: 0 },
  { name: 'after more than 60 s', afterMs: 60_001, replay: 1 },
  { name: 'before it was finished, by a clock that was set back', afterMs: -5_000, replay: 0 },
])('a result sent $name has replay $replay and is otherwise the same', ({ afterMs, replay }) => {
  expect(asSent(payload, finishedAt + afterMs)).toBe(JSON.stringify({ ...result, replay }));
});
