import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { releaseLinesCommand } from '../../src/cli/release-lines.ts';
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
const strapLines = [5, 6, 7, 8];

let folder: ReturnType<typeof temporaryFolder>;
let config: string;
let ledger: string;
let lines: SimulatedLines;
beforeEach(() => {
  folder = temporaryFolder();
  config = folder.file('station.yaml');
  ledger = folder.file('ledger.sqlite');
  lines = new SimulatedLines();
  writeFileSync(config, `${smallStation}${secondNest}ledger: { path: ledger.sqlite }\ngpio: { driver: onoff }\n`);
});
afterEach(() => {
  folder[Symbol.dispose]();
  process.exitCode = undefined;
});

/** What a killed daemon leaves: every output driven to its active level. */
function leftDriven(): void {
  for (const bcm of strapLines) lines.wire(bcm, 'high').drive('low');
  lines.wire(23, 'high').drive('low');
  for (const bcm of [17, 27, 22, 24, 25, 16]) lines.wire(bcm, 'low').drive('high');
}

async function release(driver: LineDriver = lines) {
  const printed = { out: '', err: '' };
  const asked: unknown[] = [];
  const output = {
    out: (text: string) => void (printed.out += text),
    err: (text: string) => void (printed.err += text),
    errColumns: null,
  };
  const command = releaseLinesCommand(output, (wish, specs) => {
    asked.push(wish, specs.length);
    return Promise.resolve(driver);
  });
  await command.exitOverride().parseAsync(['--config', config], { from: 'user' });
  return { ...printed, asked, code: process.exitCode ?? 0 };
}

/** The header's lines, some of which fail. */
function failing(...uses: readonly string[]): LineDriver {
  const refuse = (use: string): void => {
    if (uses.includes(use)) throw new StationError('S03', `The line of ${use} is in use.`);
  };
  return {
    description: 'lines of which some fail',
    openOutput: async (spec, use) => {
      refuse(use);
      return lines.openOutput(spec, use);
    },
    openInput: async (spec, use) => {
      refuse(use);
      return lines.openInput(spec, use);
    },
    [Symbol.asyncDispose]: () => lines[Symbol.asyncDispose](),
  };
}

const levels = (numbers: readonly number[]) => numbers.map((bcm) => lines.wire(bcm).level);
const lamps = [17, 27, 22, 24, 25, 16];

test('lines are safe: straps are released and lamps dark, with the driver of the station, and nothing stays claimed', async () => {
  leftDriven();
  expect(await release()).toEqual({
    out: '13 of 13 lines are in their safe state.\n',
    err: '',
    asked: ['onoff', 13],
    code: 0,
  });
  expect(levels(strapLines)).toEqual(['high', 'high', 'high', 'high']);
  expect(levels(lamps)).toEqual(lamps.map(() => 'low'));
  expect(lines.wire(23).level).toBe('high');
  for (const bcm of [...strapLines, ...lamps, 23, 4, 12]) expect(lines.wire(bcm).openedBy).toBeNull();
});

test('straps are released before supplies are taken, however long a strap makes one wait', async () => {
  const wired = smallStation
    .replace('rst: 6', 'en: 6')
    .replace('busy: 22', 'busy: 22\n      power: 13\n      present: 19');
  writeFileSync(config, `${wired}lines: { estop: 26 }\nledger: { path: ledger.sqlite }\n`);
  for (const bcm of [5, 6]) lines.wire(bcm, 'high').drive('low');
  for (const bcm of [13, 17]) lines.wire(bcm, 'low').drive('high');
  lines.wire(19, 'high').pull('low');
  const seen: string[] = [];
  for (const bcm of [6, 13, 17]) lines.wire(bcm).onChange((level) => void seen.push(`${bcm} ${level}`));
  const slow: LineDriver = {
    description: 'lines of which EN keeps one waiting',
    openOutput: async (spec, use) => {
      if (use === 'nest 1 en') await systemClock.sleep(20);
      return lines.openOutput(spec, use);
    },
    openInput: (spec, use) => lines.openInput(spec, use),
    [Symbol.asyncDispose]: () => lines[Symbol.asyncDispose](),
  };
  expect(await release(slow)).toMatchObject({ out: '9 of 9 lines are in their safe state.\n', err: '', code: 0 });
  expect(seen).toEqual(['17 low', '6 high', '13 low']);
  expect(levels([19, 26])).toEqual(['low', 'low']);
});

test('a strap that cannot be had does not keep a supply on', async () => {
  writeFileSync(config, `${smallStation}      power: 13\nledger: { path: ledger.sqlite }\n`);
  lines.wire(13, 'low').drive('high');
  const { err, code } = await release(failing('nest 1 rst'));
  expect({ err, code }).toEqual({ err: expect.stringMatching(/^S03 .*nest 1 rst is in use/) as string, code: 1 });
  expect(lines.wire(13).level).toBe('low');
});

test('lines that cannot be had are told, the others are released all the same, and the exit code is 1', async () => {
  leftDriven();
  const { out, err, code } = await release(failing('nest 1 gpio0', 'nest 1 pass', 'nest 2 button'));
  expect(code).toBe(1);
  expect(out).toBe('10 of 13 lines are in their safe state.\n');
  expect(err.split('\n')).toEqual([
    expect.stringMatching(/^S03 .*nest 1 gpio0 is in use/),
    expect.stringMatching(/^S03 .*nest 1 pass is in use/),
    expect.stringMatching(/^S03 .*nest 2 button is in use/),
    '',
  ]);
  expect(levels(strapLines)).toEqual(['low', 'high', 'high', 'high']);
  expect(levels(lamps)).toEqual(['high', 'low', 'low', 'low', 'low', 'low']);
});

test('a station that is running keeps its lines', async () => {
  leftDriven();
  using _station = await lockLedger(ledger);
  await expect(release()).rejects.toMatchObject({
    code: 'S01',
    detail: expect.stringMatching(/^Another jigd/) as string,
  });
  expect(levels(strapLines)).toEqual(['low', 'low', 'low', 'low']);
});

test('a killed station left its lock file, which says nothing by itself', async () => {
  (await lockLedger(ledger))[Symbol.dispose]();
  leftDriven();
  expect(await release()).toMatchObject({ err: '', code: 0 });
  using _free = await lockLedger(ledger);
});

test('where no station has run yet, no file is made that would keep one out later', async () => {
  expect(await release()).toMatchObject({ code: 0 });
  expect(existsSync(`${ledger}.lock`)).toBe(false);
});

test('broken storage does not keep the lines from being released', async () => {
  mkdirSync(`${ledger}.lock`);
  leftDriven();
  const { out, err, code } = await release();
  expect({ out, code }).toEqual({ out: '13 of 13 lines are in their safe state.\n', code: 0 });
  expect(err).toMatch(/^S01 .*The lines are released all the same\.\n$/);
  expect(levels(strapLines)).toEqual(['high', 'high', 'high', 'high']);
});

test('a machine without a header is told in one sentence: 1', async () => {
  writeFileSync(config, `${smallStation}ledger: { path: ledger.sqlite }\n`);
  const { code, out, err } = await jigd('release-lines', '--config', config);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(/^S03 [^\n]+\n$/);
});

test('a mistake in the station file is bad configuration', async () => {
  const { code, err } = await jigd('release-lines', '--config', folder.file('none.yaml'));
  expect(code).toBe(78);
  expect(err).toMatch(/none\.yaml:1:1: cannot be read/);
});
