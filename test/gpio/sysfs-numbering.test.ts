import { describe, expect, test } from 'vitest';
import { findHeaderChip, sysfsNumber } from '../../src/gpio/sysfs-numbering.ts';
import { PosingSysfs } from './posing-sysfs.ts';
import type { PosingChip } from './posing-sysfs.ts';

const decoys: readonly PosingChip[] = [
  { label: 'raspberrypi-exp-gpio', base: 900, lines: 8 },
  { label: 'gpio-brcmstb@107d508500', base: 910, lines: 32 },
  { label: 'brcmvirt-gpio', base: 950, lines: 2 },
  { label: 'ftdi-cbus', base: 960, lines: 4 },
];

/** As on boards and kernels of the GPIO reference, §3. */
const boards = [
  { board: 'a Pi 3 before kernel 6.6', label: 'pinctrl-bcm2835', lines: 54, base: 0, bcm: 17, number: 17 },
  { board: 'a Pi 3 today', label: 'pinctrl-bcm2835', lines: 54, base: 512, bcm: 27, number: 539 },
  { board: 'a Pi 4 today', label: 'pinctrl-bcm2711', lines: 58, base: 512, bcm: 0, number: 512 },
  { board: 'the first Pi 5 kernels', label: 'pinctrl-rp1', lines: 54, base: 399, bcm: 4, number: 403 },
  { board: 'a Pi 5 of revision 1.1', label: 'pinctrl-rp1', lines: 54, base: 569, bcm: 5, number: 574 },
  { board: 'a Pi 5 of the first revision', label: 'pinctrl-rp1', lines: 54, base: 571, bcm: 6, number: 577 },
];

test.for(boards)('on $board GPIO$bcm is sysfs line $number', async ({ label, lines, base, bcm, number }) => {
  using sysfs = new PosingSysfs([...decoys, { label, base, lines }]);
  const chip = await findHeaderChip(sysfs.root);
  expect(chip).toEqual({ label, base, lines });
  expect(sysfsNumber(chip, bcm, 'nest 1 rst')).toBe(number);
});

test('the base is read from its file, not from the name of the folder', async () => {
  using sysfs = new PosingSysfs();
  sysfs.write('gpiochip0', { label: 'pinctrl-rp1\n', base: '571\n', ngpio: '54\n' });
  expect(await findHeaderChip(sysfs.root)).toMatchObject({ base: 571 });
});

test('a chip that vanishes while it is read, such as a USB adapter, is passed over', async () => {
  using sysfs = new PosingSysfs([{ label: 'pinctrl-rp1', base: 571, lines: 54 }]);
  sysfs.write('gpiochip700', { label: 'cp210x\n' });
  expect(await findHeaderChip(sysfs.root)).toMatchObject({ base: 571 });
});

describe('one plain sentence says', () => {
  test('that the kernel has no sysfs GPIO', async () => {
    using sysfs = new PosingSysfs();
    await expect(findHeaderChip(`${sysfs.root}/gpio`)).rejects.toMatchObject({
      code: 'S03',
      detail: `This kernel has no sysfs GPIO: ${sysfs.root}/gpio/export does not exist.`,
    });
  });

  test('that the kernel has the folder without the part that exports lines', async () => {
    using sysfs = new PosingSysfs([{ label: 'pinctrl-rp1', base: 571, lines: 54 }], false);
    await expect(findHeaderChip(sysfs.root)).rejects.toMatchObject({
      code: 'S03',
      detail: `This kernel has no sysfs GPIO: ${sysfs.root}/export does not exist.`,
    });
  });

  test('which chips were seen when none is the header', async () => {
    using sysfs = new PosingSysfs([{ label: 'ftdi-cbus', base: 700, lines: 4 }]);
    await expect(findHeaderChip(sysfs.root)).rejects.toMatchObject({
      code: 'S03',
      detail: 'No header chip was found: expected pinctrl-rp1 or pinctrl-bcm2711 or pinctrl-bcm2835, saw ftdi-cbus.',
    });
  });

  test('that there is no chip at all', async () => {
    using sysfs = new PosingSysfs();
    await expect(findHeaderChip(sysfs.root)).rejects.toMatchObject({
      detail: expect.stringMatching(/, saw none\.$/) as string,
    });
  });

  test('that a chip with the right label has too few lines', async () => {
    using sysfs = new PosingSysfs([{ label: 'pinctrl-bcm2835', base: 512, lines: 27 }]);
    await expect(findHeaderChip(sysfs.root)).rejects.toMatchObject({
      detail: expect.stringMatching(/^No header chip was found: .*, saw pinctrl-bcm2835\.$/) as string,
    });
  });

  test('which two chips could be the header', async () => {
    using sysfs = new PosingSysfs([
      { label: 'pinctrl-rp1', base: 571, lines: 54 },
      { label: 'pinctrl-bcm2835', base: 512, lines: 54 },
    ]);
    await expect(findHeaderChip(sysfs.root)).rejects.toMatchObject({
      code: 'S03',
      detail: 'More than one chip could be the header: pinctrl-bcm2835 at 512 and pinctrl-rp1 at 571.',
    });
  });

  test.for([-1, 28, 1.5, Number.NaN])('that the header has no GPIO%s', (bcm) => {
    expect(() => sysfsNumber({ label: 'pinctrl-rp1', base: 571, lines: 54 }, bcm, 'nest 1 rst')).toThrow(
      `S03 GPIO_ERROR: GPIO${bcm} for nest 1 rst does not exist: the header has GPIO0 to GPIO27.`,
    );
  });
});
