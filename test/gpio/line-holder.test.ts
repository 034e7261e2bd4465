import { expect, test } from 'vitest';
import { findHolderText } from '../../src/gpio/line-holder.ts';
import { PosingKernel } from './posing-kernel.ts';

const header = { gpiochip0: { label: 'pinctrl-bcm2711', lines: 58 } };

test.for([
  { holder: 'spi0 CS0', says: 'by "spi0 CS0"; stop that program or kernel driver, or take another line' },
  { holder: '', says: 'by somebody who gave no name' },
])('the holder "$holder" of a line is found in the header chip, which is closed again', async ({ holder, says }) => {
  using kernel = new PosingKernel({ ...header, gpiochip1: { label: 'other', lines: 8 } });
  kernel.holders.set(8, holder);
  const parts = { folder: kernel.folder, loadCalls: () => Promise.resolve(kernel) };
  expect(await findHolderText(8, parts)).toBe(says);
  expect(kernel.openChips.size).toBe(0);
});

test.for([
  { name: 'there is no character device', devices: {} },
  { name: 'no chip is the header', devices: { gpiochip0: { label: 'other', lines: 58 } } },
])('nobody is named when $name', async ({ devices }) => {
  using kernel = new PosingKernel(devices);
  const parts = { folder: kernel.folder, loadCalls: () => Promise.resolve(kernel) };
  expect(await findHolderText(8, parts)).toBeNull();
  expect(kernel.openChips.size).toBe(0);
});

test('nobody is named when the device may not be opened, or the native module is broken', async () => {
  using kernel = new PosingKernel(header);
  kernel.forbidden.set('gpiochip0', 'EACCES');
  expect(await findHolderText(8, { folder: kernel.folder, loadCalls: () => Promise.resolve(kernel) })).toBeNull();
  const broken = (): Promise<never> => Promise.reject(new Error('no binary'));
  expect(await findHolderText(8, { folder: kernel.folder, loadCalls: broken })).toBeNull();
});
