import { defineConfig } from 'vitest/config';

const report = process.env['JIGD_TEST_REPORT'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    // Most of the time tests wait for ports and timers: more workers than cores cost nothing.
    maxWorkers: 4,
    // `skip-report` says at the end what was skipped and why.
    reporters: ['default', './test/support/skip-report.ts', ...(report === undefined ? [] : ['json'])],
    ...(report === undefined ? {} : { outputFile: { json: report } }),
  },
});
