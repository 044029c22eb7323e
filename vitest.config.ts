/** Suites by what they prove. */
import { defineConfig } from 'vitest/config';

/** A test that hangs ends after five minutes. Nothing is measured by these limits: a busy machine may be ten times slower. */
const PATIENCE = { testTimeout: 300_000, hookTimeout: 300_000, expect: { poll: { timeout: 30_000 } } };

export default defineConfig({
  test: {
    // What the project is sized for: two cores.
    maxWorkers: 2,
    projects: [
      { test: { ...PATIENCE, name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      {
        test: {
          ...PATIENCE,
          name: 'platform',
          include: ['test/platform/**/*.test.ts'],
          globalSetup: 'test/support/local-cloud.ts',
        },
      },
      { test: { ...PATIENCE, name: 'races', include: ['test/races/**/*.test.ts'] } },
      {
        test: {
          ...PATIENCE,
          name: 'chaos',
          include: ['test/chaos/**/*.test.ts'],
          globalSetup: 'test/support/local-cloud.ts',
        },
      },
      {
        test: {
          ...PATIENCE,
          name: 'edge',
          include: ['test/edge/**/*.test.ts'],
          globalSetup: ['test/support/local-cloud.ts', 'test/support/build.ts'],
        },
      },
    ],
  },
});
