import { expect, test } from 'vitest';
import { errorRecord, errorText, ToldError } from '../../src/foundation/error-record.ts';
import { StationError } from '../../src/foundation/faults.ts';
import { Refusal } from '../../src/foundation/refusal.ts';

test.for([
  {
    name: 'a fault has the action of the table',
    error: new StationError('O03'),
    text: 'O03 PRESS_IGNORED: The button was pressed while a run was under way. Wait for green or red.',
  },
  {
    name: 'a fault may have an action of its own',
    error: new StationError('F03', 'The range is not inside.', { action: 'Give another.' }),
    text: 'F03 FLASH_TOO_SMALL: The range is not inside. Give another.',
  },
  { name: 'a refusal has no code', error: new Refusal('It is not locked.'), text: 'It is not locked.' },
  {
    name: 'a refusal may say what to do',
    error: new Refusal('A run is under way.', 'Wait.'),
    text: 'A run is under way. Wait.',
  },
  { name: 'another error is its message', error: new TypeError('not a function'), text: 'not a function' },
  { name: 'what is no error is its text', error: 'broken', text: 'broken' },
])('$name', ({ error, text }) => {
  const record = errorRecord(error);
  expect(errorText(record)).toBe(text);
  expect(errorRecord(new ToldError(record))).toEqual(record);
});

test('the cause of a fault stays reachable beside its own action', () => {
  const cause = new Error('ENOENT');
  expect(new StationError('S03', 'No chip.', { cause, action: 'Take a Pi.' })).toMatchObject({
    cause,
    action: 'Take a Pi.',
  });
});
