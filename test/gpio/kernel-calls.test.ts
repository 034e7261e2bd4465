import { closeSync, openSync, readdirSync, writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openChardevDriver } from '../../src/gpio/chardev-driver.ts';
import { loadKernelCalls } from '../../src/gpio/kernel-calls.ts';

describe('without native modules', () => {
  test('one plain sentence says how to build them', async () => {
    const missing = (): Promise<never> => Promise.reject(new Error("Cannot find module 'koffi.node'"));
    await expect(openChardevDriver({ loadCalls: () => loadKernelCalls(missing) })).rejects.toMatchObject({
      code: 'S03',
      detail: 'The modules koffi and epoll cannot be loaded: run npm rebuild.',
    });
  });
});

/** Any descriptor will do: a line is only needed for what is particular to lines. */
describe('on this kernel', () => {
  test('a request that a descriptor does not know throws its error by name', async () => {
    const calls = await loadKernelCalls();
    const fd = calls.open('/dev/null');
    expect(() => calls.ioctl(fd, 0x8044b401, Buffer.alloc(68))).toThrow(expect.objectContaining({ code: 'ENOTTY' }));
    calls.close(fd);
    expect(() => calls.ioctl(fd, 0x8044b401, Buffer.alloc(68))).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });

  test('what waits is told until the watch ends, and reading never blocks', async () => {
    const calls = await loadKernelCalls();
    // A terminal of our own is a descriptor that waits for bytes, as a line waits for edges.
    const master = openSync('/dev/ptmx', 'r+');
    const into = Buffer.alloc(16);
    let heard = 0;
    const before = readdirSync('/proc/self/fd').length;
    await new Promise<void>((resolve) => {
      const watch = calls.onReadable(master, () => {
        heard += 1;
        expect(calls.read(master, into)).toBeGreaterThan(0);
        expect(calls.read(master, into)).toBe(0);
        watch[Symbol.dispose]();
        watch[Symbol.dispose]();
        resolve();
      });
      expect(calls.read(master, into)).toBe(0);
      // The terminal echoes what is typed into it.
      writeSync(master, 'a\n');
    });
    expect(heard).toBe(1);
    expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before);
    closeSync(master);
  });
});
