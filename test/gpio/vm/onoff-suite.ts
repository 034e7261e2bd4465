import { equal, match } from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { systemClock } from '../../../src/foundation/system-clock.ts';
import type { Behaviour } from '../line-rig.ts';
import { openDrain } from '../suite-steps.ts';
import { until } from './waiting.ts';

const sysfs = '/sys/class/gpio';
const nobody = '65534';
const takeLine = [process.execPath, process.argv[1]!, 'take', 'onoff', JSON.stringify(openDrain(19)), 'nest 1 rst'];
const startLimitMs = 30_000;
/** Some times what udev takes, and far below the 2 s that the driver waits. */
const udevMs = 300;

/** What the driver on sysfs does beyond what all drivers do. */
export const onoffSuite: readonly Behaviour[] = [
  {
    name: 'a line in use is refused also where the character device, which knows the holder, is missing',
    check: async (rig) => {
      using _other = rig.occupy(19);
      await using driver = await rig.openDriver();
      const device = `/dev/${process.env['GPIO_CHIP'] ?? ''}`;
      renameSync(device, '/dev/out-of-sight');
      try {
        const said = await driver.openOutput(openDrain(19), 'nest 1 rst').then(() => 'granted', String);
        match(said, /nest 1 rst \(GPIO19\) is in use by a kernel driver or another program\.$/);
      } finally {
        renameSync('/dev/out-of-sight', device);
      }
    },
  },
  {
    name: 'a user outside the group gpio is told what to do',
    check: () => {
      const said = execFileSync('setpriv', ['--reuid', nobody, '--clear-groups', ...takeLine], { encoding: 'utf8' });
      match(said, /^No permission for the line of nest 1 rst \(GPIO19\): add the user to the group gpio\.$/m);
      return Promise.resolve();
    },
  },
  {
    name: 'the files of a line that udev hands over late are waited for',
    check: async () => {
      const shared = ['export', 'unexport'].map((name) => join(sysfs, name));
      for (const file of shared) chmodSync(file, 0o222);
      const child = spawn('setpriv', ['--reuid', nobody, '--clear-groups', ...takeLine], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const said = text(child.stdout);
      const line = join(sysfs, `gpio${Number(process.env['GPIO_BASE']) + 19}`);
      await until(() => existsSync(line), 'the export', startLimitMs);
      await systemClock.sleep(udevMs);
      for (const name of ['value', 'direction', 'edge', 'active_low']) chmodSync(join(line, name), 0o666);
      equal(await said, 'taken\n');
      for (const file of shared) chmodSync(file, 0o200);
    },
  },
];
