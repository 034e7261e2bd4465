import { expect, test } from 'vitest';
import { StationError } from '../../../src/foundation/faults.ts';
import { RunNotes } from '../../../src/nest/run/run-notes.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

function newNotes(): RunNotes {
  return new RunNotes(new VirtualClock(), () => undefined);
}

test.for([
  { name: 'neither repeats nor a lower rate', retries: 0, steppedDown: false, marginal: false },
  { name: 'a repeat', retries: 1, steppedDown: false, marginal: true },
  { name: 'a lower rate', retries: 0, steppedDown: true, marginal: true },
])('a run with $name is marginal: $marginal', ({ retries, steppedDown, marginal }) => {
  const notes = newNotes();
  notes.retries = retries;
  notes.steppedDown = steppedDown;
  expect(notes.report(null)).toMatchObject({ outcome: 'PASS', retries, marginal });
});

test('a run that did not get as far as its regions knows nothing of their bytes', () => {
  const report = newNotes().report(new StationError('C01', 'Nothing answered.'));
  expect(report).toMatchObject({ outcome: 'FAIL', code: 'C01', bytes: null, bytesSkipped: null, bytesSent: null });
});

test('what was skipped is reported beside what was sent', () => {
  const notes = newNotes();
  Object.assign(notes, { bytes: 4096, bytesSkipped: 128, bytesSent: 900 });
  expect(notes.report(null)).toMatchObject({ bytes: 4096, bytesSkipped: 128, bytesSent: 900 });
});
