/**
 * A world in which one job writes one row, and faults hit each step on its way. The rule after every fault: the job has
 * run and is done, the outbox is empty, and the row was written once.
 */
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { z } from 'zod';
import { enqueue, fatal, type JobContext, type JobOutcome, job, plan } from '../../../src/platform/jobs/index.ts';
import type { JobFault, JobStep } from '../../support/faulty-fetch.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';

/** The job of one test, and the name of its row. */
export interface Begun {
  id: string;
  text: string;
}

/** Opens a world for the tests of one file. Each test gets an instance of its own. */
export function useFaults() {
  let world: JobWorld | undefined;
  let texts = 0;
  const effects: string[] = [];

  const bench = {
    get world(): JobWorld {
      if (!world) throw new Error('There is a world only while tests run');
      return world;
    },
    /** The number of runs of this test's job. */
    runs: 0,
    /** The work of the job after its write. */
    run: async (_context: JobContext): Promise<unknown> => 'ok',
    effect: job('fault.effect', {
      input: z.object({ text: z.string() }),
      retries: 3,
      async run({ text }, context): Promise<string | JobOutcome> {
        // A delivery of an earlier test's job may still arrive.
        if (text !== `text ${texts}`) return fatal('OF_ANOTHER_TEST');
        bench.runs += 1;
        effects.push(
          await context.transaction('write', async (tx) => {
            const id = `comp_${tx.system.token().replace(/[^A-Za-z0-9]/g, '')}`;
            await tx.db.company.create({ data: { tenantId: tx.tenant, id, name: text } });
            return id;
          }),
        );
        return (await bench.run(context)) as string;
      },
    }),
    /** Enqueues on the current instance. An instance that dies never answers. */
    async begin(faults: Partial<Record<JobStep, JobFault[]>> = {}, delay = 0): Promise<Begun> {
      texts += 1;
      const [id, text] = [`job_fault${texts}`, `text ${texts}`];
      const { app } = bench.world;
      app.faults = faults;
      const enqueued = app.within((tenant) => enqueue(tenant, bench.effect, { text }, { id, delay }));
      await Promise.race([enqueued, app.died]);
      await bench.world.settle();
      return { id, text };
    },
    /** Enqueues the job, and the same job as the one that follows it. */
    async beginTwice(): Promise<Begun> {
      texts += 1;
      const [id, text] = [`job_fault${texts}`, `text ${texts}`];
      const next = plan(bench.effect, { text });
      await bench.world.app.within((tenant) => enqueue(tenant, bench.effect, { text }, { id, next }));
      await bench.world.settle();
      return { id, text };
    },
    rowsNamed: (text: string) => bench.world.query('SELECT id FROM companies WHERE name = $1', [text]),
    async expectDone({ id, text }: Begun, ran = 1): Promise<void> {
      expect(await bench.world.read(id)).toMatchObject({ state: 'done', result: 'ok' });
      expect(await bench.rowsNamed(text)).toHaveLength(1);
      expect(new Set(effects).size).toBe(1);
      expect(bench.runs).toBe(ran);
      expect(await bench.world.outbox()).toEqual([]);
    },
  };

  beforeAll(async () => {
    world = await openJobWorld([bench.effect]);
  });
  beforeEach(() => {
    bench.world.replace();
    bench.runs = 0;
    effects.length = 0;
    bench.run = async () => 'ok';
  });
  afterAll(() => bench.world.close());
  return bench;
}
