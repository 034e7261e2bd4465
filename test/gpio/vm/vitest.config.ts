import { defineConfig } from 'vitest/config';

const report = process.env['JIGD_TEST_REPORT'];

/** `npm run test:gpio`: the line drivers, and the whole station, on real kernels in virtual machines. */
export default defineConfig({
  test: {
    root: new URL('../../..', import.meta.url).pathname,
    include: ['test/gpio/vm/**/*.vm.ts'],
    // A machine may have to wait for others.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    // Each file has as many machines running as the cores can bear.
    fileParallelism: false,
    reporters: ['default', './test/support/skip-report.ts', ...(report === undefined ? [] : ['json'])],
    ...(report === undefined ? {} : { outputFile: { json: report } }),
  },
});
