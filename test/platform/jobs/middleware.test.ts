/** Middleware around runs: its order, its inputs, its possible changes, and the effect of its mistakes. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  cancel,
  continueWith,
  createJobs,
  createSchedules,
  done,
  enqueue,
  fatal,
  type JobContext,
  type JobMiddleware,
  job,
  retryLater,
  schedule,
  snooze,
  withScheduleRuns,
} from '../../../src/platform/jobs/index.ts';
import { runJob } from '../../../src/platform/jobs/testing.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';

type Input = { n: number };

let world: JobWorld;
let said: unknown[];
let all: JobMiddleware;
let own: JobMiddleware<Input>;
let run: (input: Input, context: JobContext) => Promise<unknown>;

/** Records its beginning, its end, and the outcome of the run. */
const saying =
  (name: string): JobMiddleware =>
  async (_run, next) => {
    said.push(`${name} begins`);
    try {
      const given = await next();
      said.push(`${name} ends`, given);
      return given;
    } catch (error) {
      said.push(`${name} fails`);
      throw error;
    }
  };
const wrapped = job('wrapped.job', {
  input: z.object({ n: z.number().default(7) }),
  retries: 2,
  timeout: '5s',
  middleware: [(each, next) => own(each, next), saying('inner')],
  run: async (input, context) => (await run(input, context)) as number,
});
const plain = job('wrapped.plain', { input: z.object({}), run: async () => 'plain' });

beforeAll(async () => {
  world = await openJobWorld([wrapped, plain], undefined, [(each, next) => all(each, next), saying('registry')]);
});
beforeEach(async () => {
  said = [];
  all = async (_run, next) => next();
  own = async (_run, next) => next();
  run = async ({ n }) => n * 2;
  await world.clear();
});
afterAll(() => world.close());

const add = (n = 1, options = {}) => world.app.within((tenant) => enqueue(tenant, wrapped, { n }, options));
const endOf = async (id: string) => {
  await world.settle();
  const { state, reason, result, errors } = (await world.read(id)) ?? expect.fail('no record');
  return { state, reason, result, errors };
};
const logOf = () => world.app.test.lines.join('\n');

describe('middleware', () => {
  test('wraps the run in layers, the registry’s outermost, without a Redis request', async () => {
    const id = await add(3);
    await world.settle();
    expect(world.app.asked).toEqual([['admit'], ['publish'], ['claim'], ['finish']]);
    expect(said).toEqual(['registry begins', 'inner begins', 'inner ends', 6, 'registry ends', 6]);
    expect(await endOf(id)).toMatchObject({ state: 'done', result: 6 });
  });

  test('gets the job, its parsed input, and the context of the run', async () => {
    const seen: unknown[] = [];
    const note: JobMiddleware = async ({ job: { name }, input, context }, next) => {
      seen.push([name, input, context.id, context.attempt, context.tenant.tenant]);
      return next();
    };
    [all, own] = [note, note];
    const id = await world.app.within((tenant) => enqueue(tenant, wrapped, {}));
    await world.settle();
    const expected = ['wrapped.job', { n: 7 }, id, 1, world.tenant.id];
    expect(seen).toEqual([expected, expected]);
  });

  test('of a registry wraps every job in it, of a job only that job', async () => {
    await world.app.within((tenant) => enqueue(tenant, plain, {}));
    await world.settle();
    expect(said).toEqual(['registry begins', 'registry ends', 'plain']);
  });

  test('replaces the result by its return value, and keeps it by returning nothing', async () => {
    all = async (_run, next) => ({ changed: await next() });
    own = async (_run, next) => void (await next());
    expect(await endOf(await add(4))).toMatchObject({ state: 'done', result: { changed: 8 } });
    // Even without awaiting the run.
    own = async (_run, next) => void next();
    expect(await endOf(await add(5))).toMatchObject({ state: 'done', result: { changed: 10 } });
  });

  test.each([
    ['returned', (outcome: unknown) => outcome],
    [
      'thrown',
      (outcome: unknown) => {
        throw outcome;
      },
    ],
  ])('can refuse a run by a %s outcome; the job’s own code is not called', async (_how, say) => {
    run = async () => void said.push('ran');
    own = async () => say(cancel('NOT_WANTED'));
    expect(await endOf(await add())).toMatchObject({ state: 'cancelled', reason: 'NOT_WANTED' });
    own = async () => say(fatal('REFUSED'));
    expect(await endOf(await add())).toMatchObject({ state: 'dead', reason: 'REFUSED' });
    own = async () => say(done('enough'));
    expect(await endOf(await add())).toMatchObject({ state: 'done', result: 'enough' });
    own = async () => say(snooze('1h'));
    expect(await endOf(await add())).toMatchObject({ state: 'queued', errors: 0 });
    expect(said).not.toContain('ran');
  });

  test.each([
    ['returns', (outcome: unknown) => outcome],
    [
      'throws',
      (outcome: unknown) => {
        throw outcome;
      },
    ],
  ])('gets the outcome that the run %s as a value, and may replace it', async (_how, say) => {
    run = async (_input, { cursor }) => say(cursor === undefined ? continueWith('on') : retryLater('1h', 'BUSY'));
    all = async (_run, next) => {
      const given = await next();
      said.push(given);
      return given;
    };
    const id = await add();
    expect(await endOf(id)).toMatchObject({ state: 'failed', reason: 'BUSY', errors: 1 });
    expect(said.filter((each) => typeof each === 'object')).toHaveLength(6);
    own = async (_run, next) => {
      await next();
      return 'good enough';
    };
    expect(await endOf(await add())).toMatchObject({ state: 'done', result: 'good enough' });
  });

  test('that throws counts as a failed run', async () => {
    own = async () => {
      throw new TypeError('S3cret');
    };
    expect(await endOf(await add())).toEqual({ state: 'failed', reason: 'TypeError', result: undefined, errors: 1 });
    own = async (_run, next) => {
      await next();
      throw new RangeError('after the run');
    };
    expect(await endOf(await add())).toMatchObject({ state: 'failed', reason: 'RangeError', errors: 1 });
  });

  test('receives errors, and turns them into a result only by returning one', async () => {
    run = async () => {
      throw new TypeError('no');
    };
    own = async (_run, next) => {
      await next().catch(() => said.push('seen'));
    };
    expect(await endOf(await add())).toMatchObject({ state: 'failed', reason: 'TypeError' });
    own = async (_run, next) => next().catch(() => 'mended');
    expect(await endOf(await add())).toMatchObject({ state: 'done', result: 'mended' });
    expect(said).toContain('seen');
  });

  test('that calls next twice, or neither calls next nor returns an outcome, is an error with a code', async () => {
    own = async (_run, next) => {
      await next();
      return next();
    };
    expect(await endOf(await add())).toMatchObject({ state: 'failed', reason: 'JobError JOB_MIDDLEWARE' });
    expect(said.filter((each) => each === 'inner begins')).toHaveLength(1);
    own = async () => undefined;
    expect(await endOf(await add())).toMatchObject({ state: 'failed', reason: 'JobError JOB_MIDDLEWARE' });
    expect(logOf()).toContain('called next twice');
  });

  test('learns of the time limit, even if the run ignores its signal', async () => {
    run = () => new Promise(() => {});
    const id = await add();
    await expect.poll(() => said).toContain('inner begins');
    await world.pass(5_000);
    expect(await endOf(id)).toMatchObject({ state: 'failed', reason: 'JobError JOB_TIMEOUT' });
    expect(said).toEqual(['registry begins', 'inner begins', 'inner fails', 'registry fails']);
  });

  test('that never ends does not block the delivery', async () => {
    own = () => new Promise(() => {});
    const id = await add();
    await expect.poll(() => said).toContain('registry begins');
    await world.pass(5_000);
    expect(await endOf(id)).toMatchObject({ state: 'failed', reason: 'JobError JOB_TIMEOUT' });
  });
});

test('wraps schedules run by hand, and runs of the testing kit on request', async () => {
  const nightly = schedule('wrapped.nightly', { cron: '0 3 * * *', run: async () => 'ran' });
  const registry = withScheduleRuns(createJobs([plain], { middleware: [saying('kept')] }), createSchedules([nightly]));
  const hand = registry.get('schedules.run') ?? expect.fail('no such job');
  const scope = world.app.test.platform.scope();
  const { middleware } = registry;
  await runJob(scope, world.tenant.id, hand, { name: 'wrapped.nightly' }, { middleware });
  expect(said).toEqual(['kept begins', 'kept ends', expect.objectContaining({ outcome: 'ok' })]);
  await runJob(scope, world.tenant.id, plain, {});
  expect(said).toHaveLength(3);
  await scope.end();
});
