import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportLine } from '../../src/gpio/sysfs-export.ts';
import { hastyClock, PosingSysfs } from './posing-sysfs.ts';

const nobodyKnows = (): Promise<null> => Promise.resolve(null);

test('a line is exported, and its files are waited for', async () => {
  using sysfs = new PosingSysfs();
  let made = false;
  const clock = hastyClock((elapsedMs) => {
    if (elapsedMs === 200) sysfs.write('gpio518', { value: '0', direction: 'in' });
    if (elapsedMs === 300) {
      sysfs.addLine(518);
      made = true;
    }
  });
  await exportLine(sysfs.root, 518, 'nest 1 rst', clock, nobodyKnows);
  expect([sysfs.read('export'), made]).toEqual(['518', true]);
});

test('a line that was left exported is taken over, without the edges that it was watched for', async () => {
  using sysfs = new PosingSysfs();
  sysfs.addLine(518, { edge: 'both', direction: 'out' });
  await exportLine(sysfs.root, 518, 'nest 1 rst', hastyClock(), nobodyKnows);
  expect([sysfs.read('export'), sysfs.read('gpio518/edge')]).toEqual(['', 'none']);
  expect(sysfs.read('gpio518/direction')).toBe('out');
});

test('files that do not become writable within 2 s are a matter of permission', async () => {
  using sysfs = new PosingSysfs();
  let elapsed = 0;
  const clock = hastyClock((ms) => (elapsed = ms));
  await expect(exportLine(sysfs.root, 518, 'nest 1 rst', clock, nobodyKnows)).rejects.toMatchObject({
    code: 'S03',
    detail:
      'No permission for the line of nest 1 rst: add the user to the group gpio, ' +
      'or reboot when the line was exported by root.',
  });
  expect(elapsed).toBeGreaterThanOrEqual(2_000);
  expect(elapsed).toBeLessThan(2_100);
});

test('a line that cannot be exported for another reason is named with the reason', async () => {
  using sysfs = new PosingSysfs();
  rmSync(join(sysfs.root, 'export'));
  await expect(
    exportLine(join(sysfs.root, 'gone'), 518, 'nest 1 rst', hastyClock(), nobodyKnows),
  ).rejects.toMatchObject({
    code: 'S03',
    detail: 'The line of nest 1 rst cannot be exported: ENOENT.',
  });
});
