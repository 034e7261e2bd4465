import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const unit = readFileSync(join(root, 'systemd/jigd.service'), 'utf8');

/** `--offline` came with systemd 250. */
const neededVersion = 250;
const version = Number(/^systemd (\d+)/.exec(analyze('--version').output)?.[1] ?? 0);
const hasAnalyze = version >= neededVersion;

describe('the unit', () => {
  test('starts the daemon with the station file that the program takes by default', () => {
    expect(unit).toMatch(
      /^ExecStart=\/usr\/bin\/node \/opt\/jigd\/dist\/main\.js run --config \/etc\/jigd\/jigd\.yaml$/m,
    );
  });

  test('lines are safe: they are released after every end of the daemon, as its user, and a failure shows', () => {
    expect(valuesOf('ExecStopPost')).toEqual([
      '/usr/bin/node /opt/jigd/dist/main.js release-lines --config /etc/jigd/jigd.yaml',
    ]);
    expect(valuesOf('PermissionsStartOnly')).toEqual([]);
  });

  test('waits for READY=1 from a child of the daemon, and is pinged by nobody', () => {
    expect(valuesOf('Type')).toEqual(['notify']);
    expect(valuesOf('NotifyAccess')).toEqual(['all']);
    expect(valuesOf('WatchdogSec')).toEqual([]);
  });

  test('comes back from every end but a mistake in the configuration', () => {
    expect(valuesOf('Restart')).toEqual(['always']);
    expect(valuesOf('StartLimitIntervalSec')).toEqual(['0']);
    expect(valuesOf('RestartPreventExitStatus')).toEqual(['78']);
  });

  test('leaves sysfs GPIO writable although the rest of /sys is not', () => {
    expect(valuesOf('ProtectKernelTunables')).toEqual(['yes']);
    expect(valuesOf('ReadWritePaths')).toEqual(['-/sys/class/gpio -/sys/devices/platform']);
  });

  test('makes a folder for the control socket that its group may enter, and others may not', () => {
    expect(valuesOf('Group')).toEqual(['jigd']);
    expect(valuesOf('RuntimeDirectory')).toEqual(['jigd']);
    expect(valuesOf('RuntimeDirectoryMode')).toEqual(['0750']);
  });

  test('does not forbid what Node needs to compile, nor hide the ports', () => {
    expect(valuesOf('MemoryDenyWriteExecute')).toEqual([]);
    expect(valuesOf('PrivateDevices')).toEqual([]);
  });
});

const why = hasAnalyze ? '' : ` (skipped: no systemd-analyze of version ${neededVersion} or later)`;

describe.skipIf(!hasAnalyze)(`systemd-analyze${why}`, () => {
  let folder = '';
  let copy = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'jigd-unit-'));
    copy = join(folder, 'jigd.service');
    // Another Node than that of the Pi may run the tests; whether the program is there is not the question.
    writeFileSync(copy, unit.replaceAll('/usr/bin/node', process.execPath));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('knows every directive of the unit', () => {
    const { status, output } = analyze('verify', '--man=no', copy);
    expect(output.split('\n').filter((line) => line.includes('jigd'))).toEqual([]);
    expect(status).toBe(0);
  });

  test('rates its exposure at 2.0 or below', () => {
    const { status, output } = analyze('security', '--offline=true', '--threshold=20', '--no-pager', copy);
    expect(output).toContain('Overall exposure level');
    expect(status, output.trimEnd().split('\n').at(-1)).toBe(0);
  });
});

function valuesOf(directive: string): string[] {
  return [...unit.matchAll(new RegExp(`^${directive}=(.*)$`, 'gm'))].map(([, value]) => value ?? '');
}

function analyze(...args: readonly string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8', timeout: 20_000 });
  return { status, output: `${stdout}${stderr}` };
}
