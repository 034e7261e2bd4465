import { describe, expect, test } from 'vitest';
import { openHeaderChip } from '../../src/gpio/chardev-chip.ts';
import { requests } from '../../src/gpio/chardev-layout.ts';
import { PosingKernel } from './posing-kernel.ts';
import type { PosingDevice } from './posing-kernel.ts';

const decoys: Readonly<Record<string, PosingDevice>> = {
  gpiochip9: { label: 'raspberrypi-exp-gpio', lines: 8 },
  gpiochip10: { label: 'gpio-brcmstb@107d508500', lines: 32 },
  gpiochip11: { label: 'pinctrl-rp1', lines: 4 },
};

test.for([
  { board: 'a Pi 3', name: 'gpiochip0', label: 'pinctrl-bcm2835', lines: 54 },
  { board: 'a Pi 4', name: 'gpiochip0', label: 'pinctrl-bcm2711', lines: 58 },
  { board: 'the first Pi 5 kernels', name: 'gpiochip4', label: 'pinctrl-rp1', lines: 54 },
  { board: 'a Pi 5 with many chips', name: 'gpiochip12', label: 'pinctrl-rp1', lines: 54 },
])('on $board the header is $name, by its label', async ({ name, label, lines }) => {
  using kernel = new PosingKernel({ ...decoys, [name]: { label, lines } });
  const chip = await openHeaderChip(kernel, kernel.folder);
  expect(chip).toMatchObject({ path: `${kernel.folder}/${name}`, label, lines });
  expect([...kernel.openChips]).toEqual([chip.fd]);
});

test('two names of one chip are one chip', async () => {
  using kernel = new PosingKernel({ gpiochip0: { label: 'pinctrl-rp1', lines: 54 } }, { gpiochip4: 'gpiochip0' });
  expect(await openHeaderChip(kernel, kernel.folder)).toMatchObject({ path: `${kernel.folder}/gpiochip0` });
});

test('a chip that vanishes while it is asked, such as a USB adapter, is passed over', async () => {
  using kernel = new PosingKernel({ gpiochip0: { label: 'pinctrl-rp1', lines: 54 } }, { gpiochip7: 'gone' });
  expect(await openHeaderChip(kernel, kernel.folder)).toMatchObject({ label: 'pinctrl-rp1' });
});

describe('one plain sentence says', () => {
  test.for(['', '/nothing'])('that there is no chip at all in the folder%s', async (below) => {
    using kernel = new PosingKernel({});
    await expect(openHeaderChip(kernel, kernel.folder + below)).rejects.toMatchObject({
      code: 'S03',
      detail:
        `There is no ${kernel.folder}${below}/gpiochip*: ` +
        'no Raspberry Pi, a kernel without GPIO, or a container that was not given the device.',
    });
  });

  test('which labels were seen when none is the header', async () => {
    using kernel = new PosingKernel({ gpiochip9: decoys['gpiochip9']!, gpiochip10: decoys['gpiochip10']! });
    await expect(openHeaderChip(kernel, kernel.folder)).rejects.toMatchObject({
      code: 'S03',
      detail:
        'No header chip was found: expected pinctrl-rp1 or pinctrl-bcm2711 or pinctrl-bcm2835, ' +
        'saw raspberrypi-exp-gpio, gpio-brcmstb@107d508500.',
    });
    expect(kernel.openChips.size).toBe(0);
  });

  test('which chips could both be the header', async () => {
    using kernel = new PosingKernel({
      gpiochip0: { label: 'pinctrl-rp1', lines: 54 },
      gpiochip1: { label: 'pinctrl-bcm2711', lines: 58 },
    });
    await expect(openHeaderChip(kernel, kernel.folder)).rejects.toMatchObject({
      code: 'S03',
      detail:
        'More than one chip could be the header: ' +
        `pinctrl-rp1 at ${kernel.folder}/gpiochip0 and pinctrl-bcm2711 at ${kernel.folder}/gpiochip1.`,
    });
    expect(kernel.openChips.size).toBe(0);
  });

  test.for([
    { code: 'EACCES', advice: 'add the user to the group gpio' },
    {
      code: 'EPERM',
      advice: 'allow it to the container with --device, or to the service with DeviceAllow=char-gpiochip rw',
    },
  ] as const)('that permission is missing, and how to get it: $code', async ({ code, advice }) => {
    using kernel = new PosingKernel({ ...decoys, gpiochip0: { label: 'pinctrl-bcm2711', lines: 58 } });
    kernel.forbidden.set('gpiochip0', code).set('gpiochip9', 'ENODEV');
    await expect(openHeaderChip(kernel, kernel.folder)).rejects.toMatchObject({
      code: 'S03',
      detail: `No permission for ${kernel.folder}/gpiochip0: ${advice}.`,
    });
  });

  test('nothing of permission when the header may be opened', async () => {
    using kernel = new PosingKernel({ ...decoys, gpiochip0: { label: 'pinctrl-bcm2711', lines: 58 } });
    kernel.forbidden.set('gpiochip9', 'EACCES');
    expect(await openHeaderChip(kernel, kernel.folder)).toMatchObject({ label: 'pinctrl-bcm2711' });
  });
});

test('a chip that opens and does not answer is closed again', async () => {
  using kernel = new PosingKernel({ gpiochip0: { label: 'pinctrl-rp1', lines: 54 } });
  kernel.refused.set(requests.chipInfo.number, 'ENODEV');
  await expect(openHeaderChip(kernel, kernel.folder)).rejects.toMatchObject({ code: 'S03' });
  expect(kernel.openChips.size).toBe(0);
});
