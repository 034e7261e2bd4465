import { beforeEach, describe, expect, test } from 'vitest';
import { StationError } from '../../../src/foundation/faults.ts';
import type { FaultCode } from '../../../src/foundation/faults.ts';
import { buzzerPatterns, silence } from '../../../src/nest/lamps/buzzer-patterns.ts';
import { soundOf } from '../../../src/nest/lamps/operator-panel.ts';
import type { RunOutcome } from '../../../src/nest/run/outcome.ts';
import { PatternPlayer } from '../../../src/nest/lamps/pattern-player.ts';
import type { RunState } from '../../../src/nest/run/run.ts';
import { SimulatedLines } from '../../../src/simulator/bench/simulated-lines.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

let clock: VirtualClock;
let heard: string[];
let buzzer: PatternPlayer<'buzzer'>;

beforeEach(async () => {
  clock = new VirtualClock();
  heard = [];
  const lines = new SimulatedLines();
  const line = await lines.openOutput({ bcm: 13, active: 'high', drive: 'push-pull' }, 'nest 1 buzzer');
  let sinceMs = clock.monotonic();
  lines.wire(13).onChange((level) => {
    heard.push(`${level === 'high' ? 'quiet' : 'tone'} ${clock.monotonic() - sinceMs}`);
    sinceMs = clock.monotonic();
  });
  buzzer = new PatternPlayer<'buzzer'>(new Map([['buzzer', line]]), clock, (error) => heard.push(String(error)));
});

const shown = (outcome: RunOutcome, code: FaultCode | null): RunState => ({
  name: 'shown',
  runId: 'r1',
  outcome,
  fault: code === null ? null : new StationError(code),
});
const running: RunState = { name: 'running', runId: 'r1', phase: null, progress: null };

describe('what a nest sounds like', () => {
  test.for<{ name: string; state: RunState; sound: string[] }>([
    { name: 'ready', state: { name: 'ready' }, sound: [] },
    { name: 'pressed', state: { name: 'opening', runId: 'r1' }, sound: [] },
    { name: 'running', state: running, sound: [] },
    { name: 'saving', state: { name: 'closing', runId: 'r1' }, sound: [] },
    { name: 'passed: one short', state: shown('PASS', null), sound: ['tone 150'] },
    { name: 'failed, again: two short', state: shown('FAIL', 'C01'), sound: ['tone 150', 'quiet 150', 'tone 150'] },
    { name: 'failed, not again: one long', state: shown('FAIL', 'V04'), sound: ['tone 1000'] },
    { name: 'stopped by somebody', state: shown('ABORTED', 'O01'), sound: [] },
    {
      name: 'station fault: again and again',
      state: shown('ERROR', 'S04'),
      sound: ['tone 300', 'quiet 1700', 'tone 300', 'quiet 1700', 'tone 300'],
    },
    {
      name: 'start refused: again and again',
      state: { name: 'refused', fault: new StationError('J03') },
      sound: ['tone 300', 'quiet 1700', 'tone 300', 'quiet 1700', 'tone 300'],
    },
  ])('$name', ({ state, sound }) => {
    buzzer.show(soundOf(state));
    clock.advance(5_000);
    // The first entry is the quiet before.
    expect(heard.slice(1)).toEqual(sound);
  });

  test('a press ends the sound of a station fault, and the same fault sounds anew', () => {
    const fault = soundOf(shown('ERROR', 'S04'));
    buzzer.show(fault);
    clock.advance(2_100);
    buzzer.show(soundOf(running));
    clock.advance(60_000);
    expect(heard.slice(1)).toEqual(['tone 300', 'quiet 1700', 'tone 100']);
    buzzer.show(fault);
    clock.advance(300);
    expect(heard.slice(-2)).toEqual(['quiet 60000', 'tone 300']);
  });

  test('nothing sounds after the end', () => {
    buzzer.show(soundOf(shown('ERROR', 'S04')));
    clock.advance(100);
    buzzer[Symbol.dispose]();
    clock.advance(60_000);
    expect([heard, clock.pending]).toEqual([['quiet 0', 'tone 100'], 0]);
  });
});

test('sounds differ from each other, and all but silence begin at once', () => {
  const looks = buzzerPatterns.map(({ steps, repeat }) => JSON.stringify([steps, repeat]));
  expect(new Set(looks).size).toBe(buzzerPatterns.length);
  expect(buzzerPatterns.filter(({ steps }) => steps[0]?.lit.length === 0)).toEqual([silence]);
});
