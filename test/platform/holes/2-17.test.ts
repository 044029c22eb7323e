/** Bounds of jobs and schedules: the number of listed ended jobs, and the number of simultaneous runs. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createSchedules, enqueue, fatal, job, jobServices, schedule } from '../../../src/platform/jobs/index.ts';
import { indexKey, type State } from '../../../src/platform/jobs/keys.ts';
import { sweepJobs } from '../../../src/platform/jobs/sweep.ts';
import { createTestApp } from '../../support/app.ts';
import { barrier } from '../../support/isolate.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';

const input = z.object({ n: z.number() });
const ended = job('test.ended', { input, run: async () => 'done' });
const dead = job('test.dead', { input, run: async () => fatal('NO_MORE') });
let world: JobWorld;

beforeAll(async () => {
  world = await openJobWorld([ended, dead]);
});
afterAll(() => world.close());

describe('2/17 the index of the jobs in one state', () => {
  test.each<[State, typeof ended | typeof dead, number]>([
    ['done', ended, 100_000],
    ['dead', dead, 100_000],
  ])('%s keeps the newest', async (state, declared, most) => {
    const { redis } = world.app.test.platform.scope();
    const index = indexKey(world.tenant.id, declared.name, state);
    // Other tests of this file end jobs too, and their last deliveries may be under way.
    await world.settle();
    await redis.del(index);
    for (let from = 0; from < most; from += 10_000) {
      const older = Array.from({ length: 10_000 }, (_, at) => [String(from + at + 1), `older-${from + at}`]).flat();
      await redis.exec(['ZADD', index, ...older]);
    }
    const id = `job_bounds_${state}`;
    await world.app.within((tenant) => enqueue(tenant, declared, { n: 1 }, { id }));
    await world.settle();
    expect(await world.read(id)).toMatchObject({ state });
    expect(await redis.exec(['ZCARD', index])).toBe(most);
    expect(await redis.exec(['ZRANGE', index, '0', '0'])).toEqual(['older-1']);
    expect(await redis.exec(['ZRANGE', index, '-1', '-1'])).toEqual([id]);
  });
});

describe('2/17 two sweeps at once', () => {
  test('take different jobs, so that each late job is redelivered once', async () => {
    const ids = [1, 2, 3].map((n) => `job_late_${n}`);
    world.app.faults = { publish: ids.map(() => 'swallow') };
    for (const id of ids) await world.app.within((tenant) => enqueue(tenant, ended, { n: 1 }, { id }));
    await world.settle();
    await world.advance(16 * 60_000);
    world.app.published.length = 0;
    const sweep = () => {
      const scope = world.app.test.platform.scope();
      return sweepJobs(jobServices(scope)).finally(() => scope.end());
    };
    await Promise.all([sweep(), sweep()]);
    const handedOver = world.app.published.map(({ body }) => ids.find((id) => body.includes(id)));
    expect(handedOver.filter((id) => id !== undefined).toSorted()).toEqual(ids);
  });
});

describe('2/17 a trigger', () => {
  test('runs at most two of the due schedules at a time, and all in the end', async () => {
    const names = [1, 2, 3, 4, 5].map((n) => `test.${randomBytes(6).toString('hex')}.${n}`);
    let [running, most] = [0, 0];
    const begun: string[] = [];
    const gates = [barrier(), barrier()];
    const schedules = createSchedules(
      names.map((name) =>
        schedule(name, {
          cron: '* * * * *',
          async run() {
            begun.push(name);
            running += 1;
            most = Math.max(most, running);
            gates[begun.length - 1]?.resolve();
            // The first two have both begun before one of them ends.
            await Promise.all(gates.map(({ promise }) => promise));
            running -= 1;
          },
        }),
      ),
    );
    const app = createTestApp({ schedules, system: { timer: () => () => {} } });
    await app.platform.scheduled(Math.floor(Date.now() / 60_000) * 60_000);
    await app.close();
    expect(begun.toSorted()).toEqual(names.toSorted());
    expect(most).toBe(2);
  });
});
