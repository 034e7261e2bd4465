import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { systemClock } from '../../../src/foundation/system-clock.ts';
import { openChardevDriver } from '../../../src/gpio/chardev-driver.ts';
import type { LineEdge } from '../../../src/gpio/chardev-layout.ts';
import type { LineSpec } from '../../../src/gpio/line.ts';
import type { Behaviour } from '../line-rig.ts';

const button: LineSpec = { bcm: 21, active: 'low', drive: 'open-drain' };
const nobody = '65534';

/** What the character device does beyond what all drivers do. */
export const chardevSuite: readonly Behaviour[] = [
  {
    name: 'the kernel names the station and the use of the line as its holder',
    check: async (rig) => {
      await using driver = await openChardevDriver();
      await driver.openInput(button, 'nest 1 button');
      await driver.openOutput({ ...button, bcm: 22 }, 'nest 12 with a name that is too long');
      equal(rig.holder(21), 'jigd nest 1 button');
      equal(rig.holder(22), 'jigd nest 12 with a name that i');
    },
  },
  {
    name: 'edges carry the time of the kernel, ascending, and a count without gaps',
    check: async (rig) => {
      rig.world(21, 'high');
      await using driver = await openChardevDriver();
      const line = await driver.openInput(button, 'nest 1 button');
      const edges: LineEdge[] = [];
      using _watch = line.watch((_active, edge) => edges.push(edge));
      const from = process.hrtime.bigint();
      rig.world(21, 'low');
      await systemClock.sleep(30);
      rig.world(21, 'high');
      await systemClock.sleep(200);
      const times = edges.map(({ atNs }) => atNs);
      deepEqual([edges.length, edges[1]!.sequence - edges[0]!.sequence], [2, 1]);
      ok(from < times[0]! && times[1]! - times[0]! >= 30_000_000n && times[1]! < process.hrtime.bigint());
    },
  },
  {
    name: 'debounce by the kernel drops a glitch and reports what stays',
    check: async (rig) => {
      rig.world(21, 'high');
      await using driver = await openChardevDriver();
      const line = await driver.openInput(button, 'nest 1 button', { debounceMs: 50 });
      const seen: boolean[] = [];
      using _watch = line.watch((active) => seen.push(active));
      rig.world(21, 'low');
      rig.world(21, 'high');
      await systemClock.sleep(250);
      deepEqual(seen, []);
      rig.world(21, 'low');
      await systemClock.sleep(250);
      deepEqual(seen, [true]);
    },
  },
  {
    name: 'an open-drain line may bring its own pull-up',
    check: async (rig) => {
      rig.world(23, 'low');
      await using driver = await openChardevDriver();
      const line = await driver.openOutput({ ...button, bcm: 23, pull: 'up' }, 'nest 1 rst');
      equal(rig.level(23), 'high');
      line.set(true);
      equal(rig.level(23), 'low');
      line.set(false);
      equal(rig.level(23), 'high');
    },
  },
  {
    name: 'a user outside the group gpio is told what to do',
    check: () => {
      const program = [process.execPath, process.argv[1]!, 'take', 'chardev', JSON.stringify(button), 'nest 1 button'];
      const said = execFileSync('setpriv', ['--reuid', nobody, '--clear-groups', ...program], { encoding: 'utf8' });
      match(said, /^No permission for \/dev\/gpiochip0.*: add the user to the group gpio/);
      return Promise.resolve();
    },
  },
];

/** What is only so when the kernel exports lines in sysfs too. */
export const bothSuite: readonly Behaviour[] = [
  {
    name: 'a line that sysfs has exported is refused with the way out',
    check: async (rig) => {
      const base = Number(process.env['GPIO_BASE']);
      const { writeFileSync } = await import('node:fs');
      writeFileSync('/sys/class/gpio/export', String(base + 24));
      await using driver = await openChardevDriver();
      const asked = driver.openOutput({ ...button, bcm: 24 }, 'nest 1 rst');
      const said = await asked.then(
        () => 'granted',
        (error: unknown) => (error as Error).message,
      );
      writeFileSync('/sys/class/gpio/unexport', String(base + 24));
      match(said, /GPIO24 for nest 1 rst is in use through sysfs, .*unexport/);
      equal(rig.holder(24), null);
    },
  },
];
