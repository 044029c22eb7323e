/** Suites by what they prove. */
import { defineConfig } from 'vitest/config';
import { findChromium } from './test/browser/chromium.ts';
import { hungFiles } from './test/support/hung-files.ts';

/** A test that hangs ends after five minutes. Nothing is measured by these limits: a busy machine may be ten times slower. */
const PATIENCE = { testTimeout: 300_000, hookTimeout: 300_000, expect: { poll: { timeout: 30_000 } } };

/**
 * The tests of a file run in random order; the files keep theirs, the slowest first. The seed is
 * printed, and `--sequence.seed=` repeats it.
 */
const DRAWN_ORDER = { sequence: { shuffle: { files: false, tests: true } } };

/** A thread for each file begins sooner than a process, and its modules are its own all the same. */
const EVERY_PROJECT = { pool: 'threads', ...PATIENCE, ...DRAWN_ORDER } as const;

/** Pages in a real browser. Without Chromium these tests are left out. */
const BROWSER = {
  test: {
    ...EVERY_PROJECT,
    name: 'browser',
    include: ['test/browser/**/*.test.ts'],
    globalSetup: ['test/support/local-cloud.ts', 'test/support/build.ts'],
  },
};

export default defineConfig({
  test: {
    // The project is sized for two cores.
    maxWorkers: 2,
    reporters: ['default', hungFiles()],
    projects: [
      { test: { ...EVERY_PROJECT, name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      {
        test: {
          ...EVERY_PROJECT,
          name: 'platform',
          include: ['test/platform/**/*.test.ts'],
          globalSetup: 'test/support/local-cloud.ts',
        },
      },
      { test: { ...EVERY_PROJECT, name: 'races', include: ['test/races/**/*.test.ts'] } },
      {
        test: {
          ...EVERY_PROJECT,
          name: 'chaos',
          include: ['test/chaos/**/*.test.ts'],
          globalSetup: 'test/support/local-cloud.ts',
        },
      },
      {
        test: {
          ...EVERY_PROJECT,
          name: 'edge',
          include: ['test/edge/**/*.test.ts'],
          globalSetup: ['test/support/local-cloud.ts', 'test/support/build.ts'],
        },
      },
      ...(findChromium() === undefined ? [] : [BROWSER]),
    ],
  },
});
