/**
 * A world of jobs whose work the test sets and whose runs are recorded. Its QStash delivers due messages immediately,
 * and later ones when the test moves the clock.
 */
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { z } from 'zod';
import { enqueue, type JobContext, type JobOutcome, job, jobServices } from '../../../src/platform/jobs/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';

/** The input of most jobs. */
export const input = z.object({ n: z.number(), at: z.date().optional() });
type Input = z.output<typeof input>;

/** Opens a world for the tests of one file. Each test gets a new instance and an empty record. */
export function useRuns() {
  let world: JobWorld | undefined;
  const body =
    (name: string) =>
    async (given: Input, context: JobContext): Promise<JobOutcome> => {
      bench.runs.push({ name, n: given.n, attempt: context.attempt, cursor: context.cursor });
      return (await bench.run(given, context)) as JobOutcome;
    };
  const jobs = {
    plain: job('test.plain', { input, run: body('plain'), retries: 3 }),
    other: job('test.other', { input, run: body('other') }),
    live: job('test.live', { input, live: true, retries: 1, run: body('live') }),
    single: job('test.single', { input, unique: ({ n }) => String(n), run: body('single') }),
    settling: job('test.settling', { input, unique: () => 'x', debounce: '30s', run: body('settling') }),
    secret: job('test.secret', {
      input: z.object({ word: z.string() }),
      sensitive: true,
      run: async ({ word }) => word,
    }),
    lanes: job('test.lanes', { input, queue: 'lanes', concurrency: 8, priority: 'low', run: body('lanes') }),
  };

  const bench = {
    jobs,
    get world(): JobWorld {
      if (!world) throw new Error('There is a world only while tests run');
      return world;
    },
    /** Each run of this test, in order. */
    runs: [] as { name: string; n: number; attempt: number; cursor: unknown }[],
    /** The work of a run. */
    run: async ({ n }: Input, _context: JobContext): Promise<unknown> => n * 2,
    add: (n: number, options = {}) => bench.world.app.within((tenant) => enqueue(tenant, jobs.plain, { n }, options)),
    recordOf: async (id: string) => (await bench.world.read(id)) ?? expect.fail('no record'),
    attempts: () => bench.runs.map(({ attempt }) => attempt),
    services: () => jobServices(bench.world.app.test.platform.scope()),
  };

  beforeAll(async () => {
    world = await openJobWorld(Object.values(jobs));
  });
  beforeEach(async () => {
    bench.runs = [];
    bench.run = async ({ n }) => n * 2;
    const app = bench.world.replace();
    await bench.world.settle();
    app.published.length = 0;
  });
  afterAll(() => bench.world.close());
  return bench;
}
