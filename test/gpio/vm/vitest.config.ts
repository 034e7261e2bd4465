import { defineConfig } from 'vitest/config';

/** `npm run test:gpio`: the line drivers on real kernels, in virtual machines. */
export default defineConfig({
  test: {
    root: new URL('../../..', import.meta.url).pathname,
    include: ['test/gpio/vm/**/*.vm.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    reporters: ['default', './test/support/skip-report.ts'],
  },
});
