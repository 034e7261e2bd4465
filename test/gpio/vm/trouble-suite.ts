import { deepEqual, equal, match } from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import type { DriverName } from '../../../src/gpio/choose-driver.ts';
import { faultKind } from '../../../src/foundation/faults.ts';
import { noHeaderAction } from '../../../src/gpio/header-chip.ts';
import { GuestStation } from './guest-station.ts';
import type { GuestBehaviour } from './guest-behaviour.ts';
import type { CommandEnd } from './jigd-process.ts';

const advice = faultKind('S03').action;

/** What whoever starts the program is told when a line cannot be had. */
export const troubleSuite: readonly GuestBehaviour[] = [
  {
    name: 'a line that another program holds stops the start, and the sentence names the program',
    check: async (driver) => {
      using station = await GuestStation.open();
      const bcm = station.bench.nest(2).lines.pass;
      const line = driver === 'onoff' ? `The line of nest 2 pass (GPIO${bcm})` : `GPIO${bcm} for nest 2 pass`;
      const sentence = `${line} is in use by "somebody else"; stop that program or kernel driver, or take another line.`;
      using _other = station.bench.header.occupy(bcm);
      const run = await station.command(['run']);
      deepEqual([run.code, lastLine(run)], [1, `S03 GPIO_ERROR: ${sentence} ${advice}`]);
      deepEqual([station.bench.unsafeLines(), station.bench.holders()], [[], ['somebody else']]);
      const lines = await station.command(['lines', '--once']);
      equal(lines.code, 1);
      match(lines.out, new RegExp(`2 +pass +${bcm} +out .* not to be had`));
      equal(
        lines.out
          .split('\n')
          .filter((line) => line.startsWith('S03 '))
          .join(),
        `S03 GPIO_ERROR: ${sentence}`,
      );
      equal(lines.out.match(/not to be had/g)?.length, 1);
    },
  },
  {
    name: 'a user without rights is told which group is missing',
    check: async (driver) => {
      using station = await GuestStation.open();
      const run = await station.command(['run'], 'nobody');
      deepEqual([run.code, lastLine(run)], [1, `S03 GPIO_ERROR: ${missingRights(driver, station)} ${advice}`]);
      const lines = await station.command(['lines', '--once'], 'nobody');
      equal(lines.code, 1);
      match(`${lines.out}\n${lines.err}`, /S03 GPIO_ERROR: No permission for .*: add the user to the group gpio\./);
      deepEqual(station.bench.holders(), []);
    },
  },
];

/** On a machine whose only chips have other labels than the headers of Raspberry Pis. */
export const foreignChipSuite: readonly GuestBehaviour[] = (['onoff', 'chardev'] as const).map((driver) => ({
  name: `${driver}: a machine without the header of a Raspberry Pi is told what was looked for and what is there`,
  check: async () => {
    using station = await GuestStation.open(driver);
    const seen = process.env['GPIO_LABEL'] ?? '';
    const sentence =
      'No header chip was found: expected pinctrl-rp1 or pinctrl-bcm2711 or pinctrl-bcm2835, saw ' + `${seen}.`;
    for (const words of [['run'], ['lines', '--once']]) {
      const end = await station.command(words);
      deepEqual([end.code, lastLine(end)], [1, `S03 GPIO_ERROR: ${sentence} ${noHeaderAction}`]);
    }
  },
}));

/** The character device tells no labels to who may not open it, so it could be any of them. */
function missingRights(driver: DriverName, station: GuestStation): string {
  if (driver === 'chardev') {
    const devices = readdirSync('/dev').filter((name) => /^gpiochip\d+$/.test(name));
    return `No permission for ${devices
      .sort()
      .map((name) => `/dev/${name}`)
      .join(', ')}: add the user to the group gpio.`;
  }
  const { gpio0 } = station.bench.nest(1).lines;
  return `No permission for the line of nest 1 gpio0 (GPIO${gpio0}): add the user to the group gpio.`;
}

function lastLine({ err }: CommandEnd): string {
  return err.split('\n').at(-1) ?? '';
}
