import { existsSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { linesCommand } from '../../src/cli/lines.ts';
import type { Keyboard } from '../../src/cli/lines.ts';
import { StationError } from '../../src/foundation/faults.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import type { LineDriver } from '../../src/gpio/line.ts';
import { lockLedger } from '../../src/ledger/file/ledger-lock.ts';
import { SimulatedLines } from '../../src/simulator/bench/simulated-lines.ts';
import { smallStation } from '../config/config-samples.ts';
import { temporaryFolder } from '../ledger/runs.ts';
import { jigd } from './jigd-process.ts';

const secondNest = `  - id: 2
    serial: { path: /dev/ttyS1 }
    lines: { gpio0: 7, rst: 8, button: 12, pass: { line: 23, active: low }, fail: 24, busy: 25, ready: 16 }
`;
const numbers = [5, 6, 4, 17, 27, 22, 7, 8, 12, 23, 24, 25, 16];

let folder: ReturnType<typeof temporaryFolder>;
let config: string;
let ledger: string;
let lines: SimulatedLines;
beforeEach(() => {
  folder = temporaryFolder();
  config = folder.file('station.yaml');
  ledger = folder.file('ledger.sqlite');
  lines = new SimulatedLines();
  writeFileSync(config, `${smallStation}${secondNest}ledger: { path: ledger.sqlite }\n`);
});
afterEach(() => {
  folder[Symbol.dispose]();
  process.exitCode = undefined;
});

/** What a person does: is handed the way to press keys, and what the screen shows. */
type Hands = (press: (keys: string) => Promise<void>, screen: () => string[]) => Promise<void>;
const noTerminal: Keyboard = { isTerminal: false, untilQuit: () => Promise.reject(new Error('Nobody types.')) };

async function show(args: readonly string[], hands: Hands | null = null, driver: LineDriver = lines) {
  const printed = { out: '', err: '' };
  const output = {
    out: (text: string) => void (printed.out += text),
    err: (text: string) => void (printed.err += text),
    errColumns: hands === null ? null : 80,
  };
  // The last drawing: what follows the last move upwards.
  const screen = (): string[] => {
    const drawing = printed.err.split('\u001b[J').at(-2)?.split('\r').at(-1) ?? '';
    return drawing.replaceAll('\u001b[K', '').split('\n');
  };
  const keyboard: Keyboard = {
    isTerminal: true,
    untilQuit: async (onKey) => {
      const press = async (keys: string): Promise<void> => {
        for (const key of keys) onKey(key);
        await systemClock.sleep(5);
      };
      await hands?.(press, screen);
    },
  };
  const command = linesCommand(output, () => Promise.resolve(driver), hands === null ? noTerminal : keyboard);
  command.exitOverride().configureOutput({ writeErr: () => undefined });
  await command.parseAsync(['--config', config, ...args], { from: 'user' });
  return { ...printed, code: process.exitCode ?? 0 };
}

const levels = () => Object.fromEntries(numbers.map((bcm) => [bcm, lines.wire(bcm).level]));
const atRest = {
  ...Object.fromEntries([5, 6, 4, 7, 8, 12, 23].map((bcm) => [bcm, 'high'])),
  ...Object.fromEntries([17, 27, 22, 24, 25, 16].map((bcm) => [bcm, 'low'])),
};
const row = (screen: readonly string[], nest: number | '-', line: string): string[] =>
  screen.map((text) => text.slice(5).trim().split(/ +/)).find(([id, name]) => id === String(nest) && name === line) ??
  [];

test.for([{ args: ['--once'] }, { args: [] }])(
  'lines $args prints the table once where there is no terminal',
  async ({ args }) => {
    lines.wire(4, 'high').pull('low');
    const { out, err, code } = await show(args);
    expect({ err, code }).toEqual({ err: '', code: 0 });
    const table = out.trimEnd().split('\n');
    expect(table[0]).toBe('simulated lines');
    expect(table).toHaveLength(2 + numbers.length);
    expect(Math.max(...table.map((line) => line.length))).toBeLessThan(80);
    expect(row(table, 1, 'rst')).toEqual(['1', 'rst', '6', 'out', 'low', 'high', 'released']);
    expect(row(table, 1, 'button')).toEqual(['1', 'button', '4', 'in', 'low', 'low', 'pressed', '0', '0']);
    expect(row(table, 2, 'pass')).toEqual(['2', 'pass', '23', 'out', 'low', 'high', 'off']);
  },
);

test('a strap that something else pulls low is shown as released and low', async () => {
  lines.wire(6, 'high').pull('low');
  const { out } = await show(['--nest', '1']);
  expect(row(out.split('\n'), 1, 'rst')).toEqual(['1', 'rst', '6', 'out', 'low', 'low', 'released']);
  expect(out).not.toMatch(/^ +2 /m);
});

test('lines --json prints one object a line', async () => {
  const { out } = await show(['--json']);
  const objects = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(objects).toHaveLength(numbers.length);
  expect(objects[0]).toEqual({
    nest: 1,
    line: 'gpio0',
    bcm: 5,
    direction: 'out',
    active_level: 'low',
    drive: 'open-drain',
    driver: 'simulated lines',
    level: 'high',
    active: false,
    presses: 0,
    edges: 0,
    problem: null,
  });
});

test('keys switch lamps and pull straps, 0 lets go of all, and the end leaves everything safe', async () => {
  await show([], async (press, screen) => {
    expect(levels()).toEqual(atRest);
    await press('aA');
    expect(levels()).toEqual({ ...atRest, 17: 'high', 5: 'low' });
    expect(row(screen(), 1, 'pass')).toEqual(['1', 'pass', '17', 'out', 'high', 'high', 'on']);
    expect(row(screen(), 1, 'gpio0')).toEqual(['1', 'gpio0', '5', 'out', 'low', 'low', 'PULLED']);
    await press('A');
    expect(levels()).toEqual({ ...atRest, 17: 'high' });
    await press('DdB');
    expect(levels()).toEqual({ ...atRest, 17: 'high', 8: 'low', 23: 'low', 6: 'low' });
    await press('0');
    expect(levels()).toEqual(atRest);
    await press('BDag');
    expect(levels()).not.toEqual(atRest);
  });
  expect(levels()).toEqual(atRest);
  for (const bcm of numbers) expect(lines.wire(bcm).openedBy).toBeNull();
});

const wiredNest = smallStation
  .replace('rst: 6', 'en: 6')
  .replace('button: 4', 'button: { line: 4, debounce: 400ms }\n      power: 13\n      present: 19')
  .concat('lines: { estop: 26 }\nledger: { path: ledger.sqlite }\n');

test('supply, sensor, e-stop and EN are shown by their names and with words of their own', async () => {
  writeFileSync(config, wiredNest);
  const rows = async (): Promise<string[]> => {
    const table = (await show(['--once'])).out.split('\n');
    expect(Math.max(...table.map((line) => line.length))).toBeLessThan(80);
    return table
      .filter((line) => / (en|power|present|estop) /.test(line))
      .map((line) => line.trim().replace(/ +/g, ' '));
  };
  lines.wire(26, 'high').pull('low');
  expect(await rows()).toEqual([
    'B 1 en 6 out low high released',
    'C 1 power 13 out high low off',
    '1 present 19 in low high empty 0 0',
    '- estop 26 in high low released 0 0',
  ]);
  lines.wire(26).pull(null);
  lines.wire(19).pull('low');
  expect((await rows()).slice(2)).toEqual([
    '1 present 19 in low low module in 0 0',
    '- estop 26 in high high pressed 0 0',
  ]);
});

test('a module is fed by a capital letter, and straps are released before it loses its supply', async () => {
  writeFileSync(config, wiredNest);
  const seen: string[] = [];
  for (const [name, bcm, rest] of [
    ['power', 13, 'low'],
    ['en', 6, 'high'],
  ] as const) {
    lines.wire(bcm, rest).onChange((level) => void seen.push(`${name} ${level}`));
  }
  const isSeen = (...events: readonly string[]): void => expect(seen.splice(0)).toEqual(events);
  await show([], async (press, screen) => {
    await press('c');
    isSeen();
    await press('C');
    isSeen('power high');
    expect(row(screen(), 1, 'power')).toEqual(['1', 'power', '13', 'out', 'high', 'high', 'FED']);
    await press('C');
    isSeen('power low');
    await press('CB');
    isSeen('power high', 'en low');
    await press('0');
    isSeen('en high', 'power low');
    await press('CB');
    isSeen('power high', 'en low');
  });
  isSeen('en high', 'power low');
});

test('each input has the time to bounce that the file gives it', async () => {
  writeFileSync(config, wiredNest);
  lines.wire(26, 'high').pull('low');
  await show([], async (_press, screen) => {
    const presses = (): unknown[] =>
      (['button', 'present'] as const)
        .map((role) => row(screen(), 1, role).at(-2))
        .concat(row(screen(), '-', 'estop').at(-2));
    lines.wire(4).pull('low');
    lines.wire(19).pull('low');
    lines.wire(26).pull(null);
    // The usual time and one drawing, then the button's own.
    await systemClock.sleep(150);
    expect(presses()).toEqual(['0', '1', '1']);
    await systemClock.sleep(450);
    expect(presses()).toEqual(['1', '1', '1']);
  });
});

test('lines are safe: a fault while a strap is pulled releases it', async () => {
  const broken = new Error('The terminal is gone.');
  await expect(
    show([], async (press) => {
      await press('Ba');
      expect(levels()).toEqual({ ...atRest, 6: 'low', 17: 'high' });
      throw broken;
    }),
  ).rejects.toBe(broken);
  expect(levels()).toEqual(atRest);
});

test('a strap that is released again before its line was opened is not pulled', async () => {
  await show([], async (press) => {
    const seen: string[] = [];
    using _watch = lines.wire(6).onChange((level) => void seen.push(level));
    await press('BB');
    expect([lines.wire(6).level, seen.at(-1) ?? 'high']).toEqual(['high', 'high']);
  });
});

test('a press is counted once, and its bounces are shown as edges', async () => {
  await show([], async (_press, screen) => {
    const button = lines.wire(4);
    for (let count = 0; count < 3; count += 1) {
      button.pull('low');
      button.pull(null);
    }
    button.pull('low');
    // The window of the debouncing and one drawing.
    await systemClock.sleep(150);
    expect(row(screen(), 1, 'button')).toEqual(['1', 'button', '4', 'in', 'low', 'low', 'pressed', '1', '7']);
    button.pull(null);
    await systemClock.sleep(150);
    expect(row(screen(), 1, 'button')).toEqual(['1', 'button', '4', 'in', 'low', 'high', 'open', '1', '8']);
  });
});

test('the event with which sysfs answers a watch is no edge', async () => {
  const driver: LineDriver = {
    description: 'lines that tell of an edge at once',
    openOutput: (spec, use) => lines.openOutput(spec, use),
    openInput: async (spec, use) => {
      const input = await lines.openInput(spec, use);
      const watch: typeof input.watch = (listener) => {
        listener(input.read());
        return input.watch(listener);
      };
      return { ...input, watch };
    },
    [Symbol.asyncDispose]: () => lines[Symbol.asyncDispose](),
  };
  const hands: Hands = async (press, screen) => {
    expect(row(screen(), 1, 'button').slice(-2)).toEqual(['0', '0']);
    lines.wire(4).pull('low');
    await press('0');
    expect(row(screen(), 1, 'button').at(-1)).toBe('1');
  };
  await show([], hands, driver);
});

test('the screen keeps within 80 columns', async () => {
  await show([], async (press, screen) => {
    await press('A');
    expect(screen().length).toBeGreaterThan(numbers.length);
    expect(Math.max(...screen().map((line) => line.length))).toBeLessThan(80);
  });
});

test('a line that cannot be had is told, the others work, and the exit code is 1', async () => {
  const driver: LineDriver = {
    description: 'lines of which one is in use',
    openOutput: (spec, use) =>
      spec.bcm === 27
        ? Promise.reject(new StationError('S03', `The line of ${use} is in use.`))
        : lines.openOutput(spec, use),
    openInput: (spec, use) => lines.openInput(spec, use),
    [Symbol.asyncDispose]: () => lines[Symbol.asyncDispose](),
  };
  const { out, code } = await show(['--once'], null, driver);
  expect(code).toBe(1);
  expect(row(out.split('\n'), 1, 'fail')).toEqual(['1', 'fail', '27', 'out', 'high', '?', 'not', 'to', 'be', 'had']);
  expect(row(out.split('\n'), 1, 'pass')).toEqual(['1', 'pass', '17', 'out', 'high', 'low', 'off']);
  expect(out).toMatch(/^S03 .*nest 1 fail is in use/m);
});

test('lines are not touched while the station runs', async () => {
  lines.wire(6, 'high').drive('low');
  using _station = await lockLedger(ledger);
  await expect(show(['--once'])).rejects.toMatchObject({ code: 'S01' });
  expect(lines.wire(6).level).toBe('low');
});

test('lines can be tried before the first start of the station, and leave nothing that keeps it out', async () => {
  writeFileSync(config, `${smallStation}ledger: { path: none/ledger.sqlite }\n`);
  expect(await show(['--once'])).toMatchObject({ code: 0 });
  expect(existsSync(folder.file('none'))).toBe(false);
});

test('a station is not started while its lines are switched by hand', async () => {
  (await lockLedger(ledger))[Symbol.dispose]();
  await show([], async () => {
    await expect(lockLedger(ledger)).rejects.toMatchObject({ code: 'S01' });
  });
  using _free = await lockLedger(ledger);
});

test('a nest that the station does not have is wrong usage', async () => {
  const { code, err } = await jigd('lines', '--config', config, '--nest', '7');
  expect(code).toBe(2);
  expect(err).toMatch(/has no nest 7/);
});
