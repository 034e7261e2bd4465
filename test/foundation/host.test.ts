import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hostBootId, isClockSynced } from '../../src/foundation/host.ts';

test('the boot of the host has the id that the kernel gives it, without the line feed', () => {
  expect(hostBootId()).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')).toBe(`${hostBootId() ?? ''}\n`);
});

test('whether the clock is set is known only where systemd-timesyncd runs', () => {
  const runs = existsSync('/run/systemd/timesync');
  expect(isClockSynced()).toBe(runs ? existsSync('/run/systemd/timesync/synchronized') : null);
});
