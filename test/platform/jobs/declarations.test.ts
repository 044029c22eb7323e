/** Refused declarations of jobs. */
import { expect, test } from 'vitest';
import { createJobs, job } from '../../../src/platform/jobs/index.ts';
import { input } from './run-bench.ts';

const plain = job('test.plain', { input, run: async () => 'ran' });

test('two jobs with one name, and invalid declarations, are refused', () => {
  expect(() => createJobs([plain, plain])).toThrow(/Two jobs/);
  for (const [name, more] of [
    ['Upper', {}],
    ['a/b', {}],
    ['a', { retries: -1 }],
    ['a', { timeout: '3h' }],
    ['a', { debounce: '1s' }],
    ['a', { concurrency: 0 }],
    ['a', { backoff: { max: '2d' } }],
  ] as const) {
    expect(() => job(name, { input, run: async () => 'ran', ...more }), name).toThrow(
      expect.objectContaining({ code: 'JOB_DEFINITION' }),
    );
  }
});
