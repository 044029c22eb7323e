/** Jobs on a Redis that refuses, and on one that forgets: no job runs without a claim, and none is lost. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { cancelJob, enqueue, type JobContext, job, jobServices, sweepJobs } from '../../../src/platform/jobs/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { hasRedisServer } from '../../support/redis-server.ts';
import { CLOSED, codeIn, describeFaults, faultyRedis, STATES, type State } from './world.ts';

const redis = faultyRedis();
const MINUTE = 60_000;

let world: JobWorld;
let run: (context: JobContext) => Promise<unknown>;
let runs: number;
let texts = 0;

const effect = job('refused.effect', {
  input: z.object({ text: z.string() }),
  retries: 3,
  timeout: '1m',
  async run({ text }, context) {
    // Deliveries of earlier tests may still arrive.
    if (text !== `refused ${texts}`) return 'of another test';
    runs += 1;
    await context.transaction('write', async (tx) => {
      const id = `comp_${tx.system.token().replace(/[^A-Za-z0-9]/g, '')}`;
      await tx.db.company.create({ data: { tenantId: tx.tenant, id, name: text } });
      return id;
    });
    return (await run(context)) as string;
  },
});

beforeAll(async () => {
  if (!hasRedisServer) return;
  const { url, token } = redis.rest();
  world = await openJobWorld([effect], undefined, [], { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token });
});
beforeEach(() => {
  if (!hasRedisServer) return;
  world.replace();
  runs = 0;
  run = async () => 'ok';
});
afterAll(() => world?.close());

interface Asked {
  id: string;
  text: string;
}

function next(): Asked {
  texts += 1;
  return { id: `job_refused${texts}`, text: `refused ${texts}` };
}

async function begin(delay = 0): Promise<Asked> {
  const asked = next();
  await world.app.within((tenant) => enqueue(tenant, effect, { text: asked.text }, { id: asked.id, delay }));
  return asked;
}

const rowsNamed = (text: string) => world.query('SELECT id FROM companies WHERE name = $1', [text]);

/** Checks that the job is done, and that its write happened once, for any number of runs. */
async function expectDone({ id, text }: Asked, ran = 1): Promise<void> {
  expect(await world.read(id)).toMatchObject({ state: 'done', result: 'ok' });
  expect(await rowsNamed(text)).toHaveLength(1);
  expect(runs).toBe(ran);
  expect(await world.outbox()).toEqual([]);
}

/** The message of a waiting job, as QStash would deliver it. */
async function bodyOf({ id }: Asked): Promise<string> {
  const { app } = world;
  return app.published.find(({ body }) => body.includes(`"${id}"`))?.body ?? expect.fail(`${id} was not published`);
}

describeFaults('jobs', () => {
  test.each(STATES)('%s: a write that enqueues succeeds, and the job runs once Redis accepts it', async (state) => {
    await redis.make(state);
    const asked = await begin();
    await world.settle();
    expect(await world.outbox()).toHaveLength(1);
    await world.tick();
    expect(runs).toBe(0);
    expect(await world.outbox()).toMatchObject([{ last_error: codeIn(state) }]);
    await redis.heal();
    await world.tick(2);
    await expectDone(asked);
  });

  test.each(STATES)(
    '%s: a delivery is answered with 503 and Retry-After, and no job runs without a claim',
    async (state) => {
      const asked = await begin(10 * MINUTE);
      await redis.make(state);
      const answer = await world.deliver(effect.name, await bodyOf(asked));
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('10');
      expect(await answer.json()).toEqual({ reason: 'REDIS_REFUSED' });
      expect(runs).toBe(0);
      await redis.heal();
      expect(await world.read(asked.id)).toMatchObject({ state: 'queued', attempt: 0, crashes: 0 });
      expect((await world.deliver(effect.name, await bodyOf(asked))).status).toBe(200);
      await expectDone(asked);
      await world.advance(11 * MINUTE);
      expect(runs).toBe(1);
    },
  );

  test('full: a run under way stores its steps, renews its lease and ends', async () => {
    run = async (context) => {
      await redis.make('full');
      await context.heartbeat();
      return context.step('counted', async () => 'ok');
    };
    const asked = await begin();
    await world.settle();
    await redis.heal();
    await expectDone(asked);
    expect(await world.read(asked.id)).toMatchObject({ attempt: 1, crashes: 0 });
  });

  test.each(CLOSED)('%s: the end of a run is repeated until Redis accepts it', async (state) => {
    run = async () => {
      await redis.make(state);
      let asked = 0;
      redis.rest().intercept = async () => {
        asked += 1;
        if (asked === 4) await redis.heal();
        return 'pass' as const;
      };
      return 'ok';
    };
    const asked = await begin();
    await world.settle();
    await expectDone(asked);
  });

  test.each(CLOSED)(
    '%s: a run whose end is not accepted is repeated after its lease, as one crash, and writes once',
    async (state) => {
      run = () => redis.make(state).then(() => 'ok');
      const asked = await begin();
      await world.settle();
      expect(await rowsNamed(asked.text)).toHaveLength(1);
      await redis.heal();
      run = async () => 'ok';
      await world.advance(3 * MINUTE);
      await expectDone(asked, 2);
      const record = await world.read(asked.id);
      expect(record).toMatchObject({ crashes: 1 });
    },
  );

  test.each(STATES)('%s: the sweep fails, and a later one publishes late jobs', async (state) => {
    // QStash loses the message: only the sweep can publish the job again.
    world.app.faults = { publish: ['swallow'] };
    const asked = await begin();
    await world.advance(16 * MINUTE);
    await redis.make(state);
    await expect(sweepIn(world)).rejects.toMatchObject({ code: codeIn(state) });
    await redis.heal();
    await world.tick(2);
    await expectDone(asked);
  });

  test('full: a job is cancelled', async () => {
    const asked = await begin(10 * MINUTE);
    await redis.make('full');
    expect(await cancelIn(asked)).toBe('cancelled');
    await redis.heal();
    await world.advance(11 * MINUTE);
    expect(runs).toBe(0);
  });

  test.each(CLOSED)('%s: a job is not cancelled, and the caller gets an error', async (state) => {
    const asked = await begin(MINUTE);
    await redis.make(state);
    await expect(cancelIn(asked)).rejects.toMatchObject({ code: codeIn(state) });
    await redis.heal();
    await world.advance(2 * MINUTE);
    await expectDone(asked);
  });

  test.each(STATES)('%s: the status of a job can be read', async (state: State) => {
    const asked = await begin();
    await world.settle();
    await redis.make(state);
    expect(await world.read(asked.id)).toMatchObject({ state: 'done', result: 'ok' });
  });
});

async function sweepIn({ app }: JobWorld) {
  const scope = app.test.platform.scope();
  try {
    return await sweepJobs(jobServices(scope));
  } finally {
    await scope.end();
  }
}

async function cancelIn({ id }: Asked) {
  const scope = world.app.test.platform.scope();
  try {
    return await cancelJob(jobServices(scope), world.tenant.id, id);
  } finally {
    await scope.end();
  }
}

describeFaults('jobs after a failover that forgets', () => {
  test('a job with a forgotten record is admitted by its own message, and runs', async () => {
    const asked = await redis.forget(() => begin(MINUTE));
    expect(await world.read(asked.id)).toBeNull();
    await world.advance(2 * MINUTE);
    await expectDone(asked);
  });

  test('a job with a forgotten claim runs again, and writes once', async () => {
    const asked = await begin(MINUTE);
    await redis.forget(async () => {
      const started = Promise.withResolvers<void>();
      run = async () => {
        started.resolve();
        return 'ok';
      };
      await world.advance(MINUTE);
      await started.promise;
      await world.settle();
    });
    expect(await world.read(asked.id)).toMatchObject({ state: 'queued' });
    // For QStash the message is delivered, so the sweep publishes the job again.
    await world.tick(18);
    await expectDone(asked, 2);
  });

  test('a run whose claim is forgotten meanwhile cannot end the job: another run does', async () => {
    run = async () => {
      run = async () => 'ok';
      return 'of the forgotten run';
    };
    const asked = await begin(MINUTE);
    const body = await bodyOf(asked);
    const before = run;
    run = async (context) => {
      await redis.server().admin('HSET', `hf:${world.tenant.id}:j:${asked.id}`, 'state', 'queued');
      await redis.server().admin('HDEL', `hf:${world.tenant.id}:j:${asked.id}`, 'owner', 'fence', 'leaseUntil');
      return before(context);
    };
    const answer = await world.deliver(effect.name, body);
    expect(answer.status).toBe(409);
    await world.advance(3 * MINUTE);
    await expectDone(asked, 2);
  });

  test('a job whose cancellation is forgotten runs', async () => {
    const asked = await begin(MINUTE);
    await redis.forget(() => cancelIn(asked));
    await world.advance(2 * MINUTE);
    await expectDone(asked);
  });
});
