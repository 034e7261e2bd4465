import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StationError } from '../../../src/foundation/faults.ts';
import { uncountedRunResult } from '../../../src/ledger/runs/build-run-result.ts';
import { advance, isUnderWay } from '../../../src/nest/run/run.ts';
import type { RunEvent, RunState, Transition } from '../../../src/nest/run/run.ts';
import type { RunReport } from '../../../src/nest/run/outcome.ts';
import type { RunResult } from '../../../src/nest/run/run-result.ts';
import { failed, finishedAt, opening, passed } from '../../ledger/runs.ts';

const refusal = new StationError('J01');
const notSaved = new StationError('S01');
const verdict = new StationError('V01');
const duplicate = new StationError('D04');
const passResult = uncountedRunResult(opening('r1'), passed(), finishedAt);
const failResult = uncountedRunResult(opening('r1'), failed(), finishedAt);

const done: StationError = new StationError('D05');
const refusedReport: RunReport = { ...failed(), outcome: 'ERROR', code: 'D05', detail: done.detail };

const states = {
  empty: { name: 'empty' },
  ready: { name: 'ready' },
  opening: { name: 'opening', runId: 'r1' },
  running: { name: 'running', runId: 'r1', phase: 'identify', progress: null },
  closing: { name: 'closing', runId: 'r1' },
  shown: { name: 'shown', runId: 'r1', outcome: 'PASS', fault: null },
  refused: { name: 'refused', fault: refusal },
} as const satisfies { [Name in RunState['name']]: Extract<RunState, { name: Name }> };

const events = {
  pressed: { name: 'pressed', runId: 'r2', missing: false },
  pressedEmpty: { name: 'pressed', runId: 'r2', missing: true },
  refused: { name: 'refused', fault: refusal },
  opened: { name: 'opened' },
  phase: { name: 'phase', phase: 'write' },
  progress: { name: 'progress', share: 0.5 },
  ended: { name: 'ended', report: passed() },
  endedDone: { name: 'ended', report: refusedReport },
  closed: { name: 'closed', result: failResult, fault: verdict },
  notSaved: { name: 'notSaved', fault: notSaved },
  inserted: { name: 'inserted' },
  removed: { name: 'removed' },
  disowned: { name: 'disowned', fault: duplicate },
  closedTriedOut: { name: 'closed', result: failResult, fault: verdict, triesLeft: false },
  unblocked: { name: 'unblocked', missing: false, afresh: false },
  unblockedEmpty: { name: 'unblocked', missing: true, afresh: false },
} as const satisfies Record<string, RunEvent>;

const pressIgnored = { do: 'notice', kind: 'press-ignored', fault: new StationError('O03') } as const;
const ready: Transition = { state: { name: 'ready' }, effects: [] };
const empty: Transition = { state: { name: 'empty' }, effects: [] };
const noModule: Transition = {
  state: { name: 'refused', fault: new StationError('C09') },
  effects: [{ do: 'notice', kind: 'blocked-start', fault: new StationError('C09') }],
};
/** What holds in every state in which no run is under way. */
const disowned: Transition = { state: { name: 'refused', fault: duplicate }, effects: [] };
const atRest = { pressedEmpty: noModule, inserted: ready, removed: empty, disowned } as const;
const refusedStart: Transition = {
  state: { name: 'refused', fault: refusal },
  effects: [{ do: 'notice', kind: 'blocked-start', fault: refusal }],
};
function opened(state: RunState): Transition {
  return { state, effects: [{ do: 'abort', fault: new StationError('O02') }] };
}
function aborted(state: RunState): Transition {
  return { state, effects: [{ do: 'abort', fault: duplicate }] };
}
const unsaved: Transition = {
  state: { name: 'shown', runId: 'r1', outcome: 'ERROR', fault: notSaved },
  effects: [{ do: 'notice', kind: 'result-not-saved', fault: notSaved }],
};
const started: Transition = {
  state: { name: 'opening', runId: 'r2' },
  effects: [{ do: 'open', runId: 'r2' }],
};

/** Every pair that does something; all the others leave the state as it is and have no effect. */
const table: { readonly [Name in RunState['name']]: Partial<Record<keyof typeof events, Transition>> } = {
  empty: { ...atRest, pressed: started, unblocked: ready, unblockedEmpty: empty },
  ready: { ...atRest, pressed: started, unblocked: ready, unblockedEmpty: empty },
  opening: {
    pressed: { state: states.opening, effects: [pressIgnored] },
    pressedEmpty: { state: states.opening, effects: [pressIgnored] },
    removed: opened(states.opening),
    disowned: aborted(states.opening),
    refused: refusedStart,
    opened: {
      state: { name: 'running', runId: 'r1', phase: null, progress: null },
      effects: [{ do: 'program', runId: 'r1' }],
    },
    notSaved: unsaved,
  },
  running: {
    pressed: { state: states.running, effects: [pressIgnored] },
    pressedEmpty: { state: states.running, effects: [pressIgnored] },
    removed: opened(states.running),
    disowned: aborted(states.running),
    phase: { state: { ...states.running, phase: 'write', progress: 0 }, effects: [] },
    progress: { state: { ...states.running, progress: 0.5 }, effects: [] },
    ended: {
      state: { name: 'closing', runId: 'r1' },
      effects: [{ do: 'close', runId: 'r1', report: events.ended.report }],
    },
    endedDone: {
      state: { name: 'closing', runId: 'r1' },
      effects: [{ do: 'refuse', runId: 'r1', code: 'D05', report: refusedReport }],
    },
  },
  closing: {
    pressed: { state: states.closing, effects: [pressIgnored] },
    pressedEmpty: { state: states.closing, effects: [pressIgnored] },
    removed: opened(states.closing),
    disowned: aborted(states.closing),
    refused: refusedStart,
    closed: {
      state: { name: 'shown', runId: 'r1', outcome: 'FAIL', fault: verdict },
      effects: [{ do: 'announce', result: failResult }],
    },
    closedTriedOut: {
      state: { name: 'shown', runId: 'r1', outcome: 'FAIL', fault: verdict, triesLeft: false },
      effects: [{ do: 'announce', result: failResult }],
    },
    notSaved: unsaved,
  },
  // A green lamp that a block put out does not come back.
  shown: { ...atRest, pressed: started, unblocked: ready, unblockedEmpty: empty },
  refused: { ...atRest, pressed: started, unblocked: ready, unblockedEmpty: empty },
};

const names = <Name extends string>(record: Record<Name, unknown>): Name[] => Object.keys(record) as Name[];
const pairs = names(states).flatMap((state) => names(events).map((event) => ({ state, event })));

test.for(pairs)('$state × $event', ({ state, event }) => {
  const before: RunState = states[state];
  const transition = advance(before, events[event]);
  expect(transition).toEqual(table[state][event] ?? { state: before, effects: [] });
  // The very same object: that is how the nest knows that there is nothing new to show.
  if (transition.state.name === before.name && isUnderWay(before) && !('phase' in transition.state)) {
    expect(transition.state).toBe(before);
  }
  if (table[state][event] === undefined) expect(transition.state).toBe(before);
});

test.for(['FAIL', 'ERROR', 'ABORTED'] as const)('a block leaves %s to be shown again after it', (outcome) => {
  const before: RunState = { name: 'shown', runId: 'r1', outcome, fault: verdict };
  expect(advance(before, events.unblocked)).toEqual({ state: before, effects: [] });
});

test.for(['PASS', 'FAIL', 'ERROR', 'ABORTED'] as const)('somebody was at the nest: %s is shown no more', (outcome) => {
  const before: RunState = { name: 'shown', runId: 'r1', outcome, fault: outcome === 'PASS' ? null : verdict };
  expect(advance(before, { ...events.unblocked, afresh: true }).state).toEqual({ name: 'ready' });
  expect(advance(before, { ...events.unblockedEmpty, afresh: true }).state).toEqual({ name: 'empty' });
  expect(advance(states.running, { ...events.unblocked, afresh: true }).state).toBe(states.running);
});

test('the share of the bytes begins at 0 with the write phase and is unknown in the others', () => {
  const writing = advance(states.running, { name: 'phase', phase: 'write' }).state;
  expect(writing).toMatchObject({ phase: 'write', progress: 0 });
  const half = advance(writing, { name: 'progress', share: 0.5 }).state;
  expect(advance(half, { name: 'phase', phase: 'verify' }).state).toMatchObject({ phase: 'verify', progress: null });
});

test.for(names(states))('a press in the state %s is under way from the press to the committed result', (state) => {
  expect(isUnderWay(states[state])).toBe(['opening', 'running', 'closing'].includes(state));
});

const results: readonly RunResult[] = (['PASS', 'FAIL', 'ERROR', 'ABORTED'] as const).map((outcome) => ({
  ...passResult,
  outcome,
}));
const anyEvent: fc.Arbitrary<RunEvent> = fc.oneof(
  fc.nat().map((id): RunEvent => ({ name: 'pressed', runId: `run ${id}`, missing: id % 5 === 0 })),
  fc.constantFrom<RunEvent>(events.refused, events.opened, events.phase, events.progress, events.notSaved),
  fc.constantFrom<RunEvent>(events.inserted, events.removed, events.unblocked, events.unblockedEmpty, events.disowned),
  fc.constantFrom(passed(), failed(), refusedReport).map((report): RunEvent => ({ name: 'ended', report })),
  fc.constantFrom(...results).map((result): RunEvent => ({ name: 'closed', result, fault: null })),
);

/** The event that carries a run on; any sequence of events has some of them, so that runs come to their end. */
const fitting: Readonly<Record<RunState['name'], RunEvent>> = {
  empty: events.pressed,
  ready: events.pressed,
  opening: events.opened,
  running: events.ended,
  closing: { name: 'closed', result: passResult, fault: null },
  shown: events.pressed,
  refused: events.pressed,
};
const sequences = fc.array(fc.option(anyEvent, { freq: 1 }), { minLength: 20, maxLength: 60 });

describe('over any sequence of events', () => {
  function walk(check: (before: RunState, event: RunEvent, after: Transition) => void): void {
    fc.assert(
      fc.property(sequences, (sequence) => {
        let state: RunState = states.ready;
        for (const next of sequence) {
          const event = next ?? fitting[state.name];
          const after = advance(state, event);
          check(state, event, after);
          state = after.state;
        }
      }),
      { numRuns: 300 },
    );
  }

  test('promise 1: PASS is shown only through a committed result that is PASS', () => {
    let shown = 0;
    walk((before, event, { state }) => {
      if (state.name !== 'shown' || state.outcome !== 'PASS' || state === before) return;
      shown += 1;
      expect([before.name, event.name]).toEqual(['closing', 'closed']);
      expect(event.name === 'closed' && event.result.outcome).toBe('PASS');
    });
    expect(shown).toBeGreaterThan(0);
  });

  test('promise 5: a press while a run is under way changes nothing and opens nothing', () => {
    walk((before, event, { state, effects }) => {
      if (event.name !== 'pressed' || !isUnderWay(before)) return;
      expect(state).toBe(before);
      expect(effects).toEqual([pressIgnored]);
    });
  });

  test('each run is opened once, programmed at most once, and closed at most once, in this order', () => {
    let done: string[] = [];
    let complete = 0;
    walk((before, _event, { effects }) => {
      if (before.name === 'ready') done = [];
      for (const effect of effects) {
        if (effect.do === 'open') done = [];
        if (effect.do === 'notice') continue;
        done.push(effect.do);
        expect(['open', 'program', 'close', 'announce'].slice(0, done.length)).toEqual(done);
        if (done.length === 4) complete += 1;
      }
    });
    expect(complete).toBeGreaterThan(0);
  });

  test('a result is announced only when it is shown', () => {
    walk((_before, event, { state, effects }) => {
      const announced = effects.find((effect) => effect.do === 'announce');
      expect(announced !== undefined).toBe(event.name === 'closed' && effects.length > 0);
      if (announced === undefined) return;
      expect(state).toMatchObject({ name: 'shown', outcome: announced.result.outcome });
    });
  });
});
