import { describe, expect, test } from 'vitest';
import { StationError } from '../../src/foundation/faults.ts';
import { EmergencyStop } from '../../src/nest/emergency-stop.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { describeRun, NestBench } from '../support/nest-bench.ts';

const mac = '5c:cf:7f:a4:f1:5c';

/** Presses when a part has been written already. */
function inMidWrite(bench: NestBench): Promise<void> {
  return new Promise((resolve) => {
    bench.onEvent = (event) => {
      if (event.kind !== 'nestState' || (event.state.progress ?? 0) === 0) return;
      bench.onEvent = () => undefined;
      resolve();
    };
  });
}

describe('the same module again (button rule 4)', () => {
  test('is ALREADY DONE after its pass: identified, not written, not counted', async () => {
    await using bench = await NestBench.open();
    const chip = bench.insert();
    bench.passed.add(mac);
    bench.nest.start();
    bench.nest.press();
    await bench.until('refused');
    expect(bench.nest.state).toMatchObject({ fault: { code: 'D05' } });
    expect(bench.refusals).toMatchObject([{ code: 'D05', identity: { mac } }]);
    expect(bench.story.filter((entry) => entry.startsWith('row'))).toEqual(['row opened', 'row refused']);
    expect(bench.notices()).toEqual(['blocked-start D05']);
    expect(chip.flash.read(0, 4096).every((byte) => byte === 0xff)).toBe(true);
    expect(bench.lit()).toEqual(['pass']);
    expect(bench.levels()).toEqual(['high', 'high']);
  });

  test('when the refusal cannot be recorded the lamps give no verdict', async () => {
    await using bench = await NestBench.open();
    bench.insert();
    bench.passed.add(mac);
    bench.refusing.add('refuseRun');
    bench.nest.start();
    bench.nest.press();
    await bench.until('shown');
    expect(bench.nest.state).toMatchObject({ outcome: 'ERROR', fault: { code: 'S01' } });
    expect(bench.notices()).toEqual(['result-not-saved S01']);
  });
});

describe('with a sensor', () => {
  test('a nest without a module is empty, and a press is refused without a row or a move of a line', async () => {
    await using bench = await NestBench.open();
    bench.nest.start(true);
    expect(bench.nest.state.name).toBe('empty');
    bench.nest.press();
    expect(bench.nest.state).toMatchObject({ name: 'refused', fault: { code: 'C09' } });
    expect(bench.notices()).toEqual(['blocked-start C09']);
    expect(bench.story.filter((entry) => /^row|^rst|^gpio0/.test(entry))).toEqual([]);
    bench.nest.sense(false);
    expect(bench.nest.state.name).toBe('ready');
  });

  test('an exchange is told of with the next run, also when a start before it left no row', async () => {
    const seen: (boolean | null)[] = [];
    await using bench = await NestBench.open({
      describeRun: (of, nest, start) => {
        seen.push(start.exchanged);
        return describeRun(of.name, nest, start);
      },
    });
    bench.insert();
    bench.nest.start(false);
    bench.refusing.add('openRun');
    bench.nest.press();
    bench.refusing.clear();
    bench.nest.press();
    await bench.until('shown');
    bench.nest.press();
    await bench.until('shown');
    expect(seen).toEqual([true, true, false]);
  });

  test('green stays until the module is taken out', async () => {
    await using bench = await NestBench.open();
    bench.insert();
    bench.nest.start(false);
    bench.nest.press();
    await bench.until('shown');
    expect(bench.lit()).toEqual(['pass']);
    bench.nest.sense(true);
    expect(bench.nest.state.name).toBe('empty');
    expect(bench.lit()).not.toContain('pass');
  });

  test('a module that leaves in mid-write aborts the run as O02, dirty, and the lamps say so until the next one', async () => {
    await using bench = await NestBench.open();
    bench.insert();
    bench.nest.start(false);
    const writing = inMidWrite(bench);
    bench.nest.press();
    await writing;
    bench.nest.sense(true);
    await bench.until('shown');
    expect(bench.nest.state).toMatchObject({ outcome: 'ABORTED', fault: { code: 'O02' } });
    expect(bench.reports).toMatchObject([{ outcome: 'ABORTED', code: 'O02', dirty: true }]);
    bench.nest.sense(false);
    expect(bench.nest.state.name).toBe('ready');
  });
});

describe('a stuck button', () => {
  test('blocks a nest at rest, is told once, and lets the nest go when it is free', async () => {
    await using bench = await NestBench.open();
    bench.nest.start();
    bench.nest.held();
    bench.nest.held();
    expect(bench.nest.state).toMatchObject({ name: 'blocked', fault: { code: 'O04' } });
    expect(bench.notices()).toEqual(['button-stuck O04']);
    expect(bench.alarms()).toEqual(['button-stuck-1 on']);
    bench.nest.press();
    expect(bench.notices().at(-1)).toBe('blocked-start O04');
    bench.nest.freed();
    expect(bench.nest.state.name).toBe('ready');
    expect(bench.alarms()).toEqual(['button-stuck-1 on', 'button-stuck-1 off']);
  });

  test('lets the run end, hides its green after a while, and does not light it again', async () => {
    await using bench = await NestBench.open();
    bench.insert();
    bench.nest.start();
    bench.nest.press();
    bench.nest.held();
    expect(bench.nest.state.name).toBe('running');
    await bench.until('shown');
    await systemClock.sleep(2_000);
    bench.nest.held();
    expect(bench.nest.state).toMatchObject({ name: 'blocked', fault: { code: 'O04' } });
    expect(bench.lit()).not.toContain('pass');
    bench.nest.freed();
    expect([bench.nest.state.name, bench.lit()]).toEqual(['ready', ['ready']]);
  });
});

describe('the emergency stop', () => {
  function stopOf(bench: NestBench): EmergencyStop {
    const tell = bench.tell;
    return new EmergencyStop({ nests: [bench.nest], clock: systemClock, log: silentLogger(), tell });
  }

  test('ends a run as aborted and takes no start until it is released and acknowledged', async () => {
    let stop: EmergencyStop | null = null;
    await using bench = await NestBench.open({ acknowledgeStop: () => stop?.acknowledge() ?? true });
    stop = stopOf(bench);
    bench.insert();
    bench.nest.start();
    const writing = inMidWrite(bench);
    bench.nest.press();
    await writing;
    stop.level(true);
    await bench.until('blocked');
    expect(bench.reports).toMatchObject([{ outcome: 'ABORTED', code: 'O01', dirty: true }]);
    expect([bench.levels(), bench.lit().includes('pass')]).toEqual([['high', 'high'], false]);
    bench.nest.press();
    expect(bench.nest.state.name).toBe('blocked');
    stop.level(false);
    expect(bench.nest.state.name).toBe('blocked');
    bench.nest.press();
    // What was stopped shows that it was, and its press has started nothing.
    expect(bench.nest.state).toMatchObject({ name: 'shown', outcome: 'ABORTED' });
    expect(bench.notices()).toEqual(['estop-pressed O01', 'blocked-start O01', 'estop-acknowledged O01']);
    expect(bench.alarms()).toEqual(['estop on', 'estop on', 'estop off']);
    bench.passed.clear();
    bench.nest.press();
    await bench.until('running');
    await bench.until('shown');
    expect(bench.reports.at(-1)).toMatchObject({ outcome: 'PASS' });
  });

  test('puts out a green, which does not come back', async () => {
    await using bench = await NestBench.open();
    bench.insert();
    const stop = stopOf(bench);
    bench.nest.start();
    bench.nest.press();
    await bench.until('shown');
    stop.level(true);
    expect(bench.lit()).not.toContain('pass');
    stop.level(false);
    stop.acknowledge();
    expect([bench.nest.state.name, bench.lit()]).toEqual(['ready', ['ready']]);
  });

  test('a switch that cannot be read counts as pressed', async () => {
    await using bench = await NestBench.open();
    const stop = stopOf(bench);
    bench.nest.start();
    stop.unreadable();
    expect(stop.acknowledge()).toBe(false);
    expect(bench.nest.state).toMatchObject({ name: 'blocked', fault: { code: 'O01' } });
  });

  test('a stuck button under it shows itself when the stop is over', async () => {
    await using bench = await NestBench.open();
    const stop = stopOf(bench);
    bench.nest.start();
    bench.nest.block('button-stuck', new StationError('O04'));
    stop.level(true);
    expect(bench.nest.state).toMatchObject({ fault: { code: 'O01' } });
    stop.level(false);
    stop.acknowledge();
    expect(bench.nest.state).toMatchObject({ fault: { code: 'O04' } });
  });
});
