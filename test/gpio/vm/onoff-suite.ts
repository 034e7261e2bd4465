import { match } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { renameSync } from 'node:fs';
import type { Behaviour } from '../line-rig.ts';
import { openDrain } from '../suite-steps.ts';

const nobody = '65534';

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
      const program = [
        process.execPath,
        process.argv[1]!,
        'take',
        'onoff',
        JSON.stringify(openDrain(19)),
        'nest 1 rst',
      ];
      const said = execFileSync('setpriv', ['--reuid', nobody, '--clear-groups', ...program], { encoding: 'utf8' });
      match(said, /^No permission for the line of nest 1 rst \(GPIO19\): add the user to the group gpio\.$/m);
      return Promise.resolve();
    },
  },
];
