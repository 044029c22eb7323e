/** Jobs in every state, with steps, unique keys, a fan-out and follow-up jobs; rows of the outbox; schedules. */
import { expect } from 'vitest';
import { z } from 'zod';
import { type LoadContext, query } from '../../../../src/platform/cache/index.ts';
import type { Scope } from '../../../../src/platform/http/index.ts';
import {
  type EnqueueOptions,
  enqueue,
  enqueueMany,
  fatal,
  type JobContext,
  type JobRecord,
  job,
  jobServices,
  plan,
  readJob,
  readSchedules,
  replayJob,
  schedule,
} from '../../../../src/platform/jobs/index.ts';
import { tag } from '../../../../src/platform/redis/index.ts';
import type { StoredPart } from '../part.ts';
import { type StoredWorld, TENANT } from '../world.ts';

const MINUTE = 60_000;
const input = z.object({ n: z.number(), at: z.date() });
const at = new Date('2026-11-20T08:30:00Z');
type Input = z.output<typeof input>;
type Runs = (given: Input, context: JobContext) => Promise<unknown>;

/** The runs so far, as `job n`. */
let ran: string[] = [];
let hung: PromiseWithResolvers<void> = Promise.withResolvers();
const ticks: number[] = [];

/** The work of a job in a later release, with data of an earlier one. */
const reading: Record<string, Runs> = {
  async hanging({ n }, { step, transaction }) {
    const kept = await step('kept', async () => ({ at: new Date(0) }));
    const applied = await transaction('applied', async () => 'applied again');
    return { n, kept, applied };
  },
};
/** The work of the job at the time of the snapshot. */
const recording: Record<string, Runs> = {
  async failing({ n }) {
    if (n === 10) return fatal('BROKEN');
    throw new Error('not yet');
  },
  async dying() {
    return fatal('BROKEN');
  },
  async hanging(_given, { step, transaction, progress }) {
    await step('kept', async () => ({ at }));
    await transaction('applied', async () => 'applied once');
    await progress({ done: 1, of: 2 });
    hung.resolve();
    return new Promise(() => {});
  },
};
let runs = reading;

function declare(name: string, options: Partial<Parameters<typeof job<typeof input, unknown>>[1]> = {}) {
  return job(`stored.${name}`, {
    input,
    backoff: { first: '1h' },
    keepResult: '7d',
    ...options,
    async run(given, context) {
      ran.push(`${name} ${given.n} ${given.at.toISOString()}`);
      return (await (runs[name]?.(given, context) ?? Promise.resolve({ n: given.n, at: given.at }))) as object;
    },
  });
}

const plain = declare('plain');
const failing = declare('failing');
const dying = declare('dying');
const hanging = declare('hanging', { unique: ({ n }) => `hanging-${n}` });
const single = declare('single', { unique: ({ n }) => `single-${n}` });
const sealed = declare('sealed', { sensitive: true });
const follower = declare('follower');
const outboxJob = declare('owed');
const outboxTag = tag('stored-owed');
const outboxQuery = query('stored-owed', {
  ttl: '7d',
  tags: (_args: { of: string }) => [outboxTag],
  load: async (_args: { of: string }, _context: LoadContext) => (runs === recording ? 'old' : 'new'),
});
const hourly = schedule('stored.hourly', {
  cron: '0 * * * *',
  async run({ tick }) {
    ticks.push(tick);
    return { ran: new Date(tick).toISOString() };
  },
});

const services = (scope: Scope) => jobServices(scope);
const recordOf = (world: StoredWorld, id: string): Promise<JobRecord> =>
  world.within(async (_tenant, scope) => (await readJob(services(scope), TENANT, id)) ?? expect.fail(`no job ${id}`));
const add = (world: StoredWorld, which: typeof plain, id: string, n: number, options: EnqueueOptions = {}) =>
  world.within((tenant) => enqueue(tenant, which, { n, at }, { id, ...options }));

export const jobsPart: StoredPart = {
  name: 'jobs',
  jobs: [plain, failing, dying, hanging, single, sealed, follower, outboxJob],
  schedules: [hourly],
  async record(world) {
    runs = recording;
    await add(world, plain, 'done', 1);
    await add(world, sealed, 'sealed-done', 2);
    await add(world, failing, 'failed', 3);
    await add(world, dying, 'dead', 4);
    await add(world, plain, 'queued', 5, { delay: '1h', next: plan(follower, { n: 50, at }, { id: 'follower' }) });
    await add(world, single, 'unique', 6, { delay: '1h' });
    await add(world, sealed, 'sealed-queued', 7, { delay: '1h' });
    await add(world, plain, 'cancelled', 8, { delay: '1h' });
    // One part of the fan-out has ended, the other one will be retried.
    const fanOut = [
      { n: 10, at },
      { n: 11, at },
    ];
    await world.within((tenant) =>
      enqueueMany(tenant, failing, fanOut, { whenAllEnded: plan(follower, { n: 100, at }, { id: 'after-fan-out' }) }),
    );
    await world.tick();
    await world.request('/jobs/cancelled/cancel', { method: 'POST' });
    await add(world, hanging, 'running', 12);
    void world.tick();
    await hung.promise;
    hung = Promise.withResolvers();
    // Outbox rows of writes made while QStash and Redis were down.
    await world.within(({ cache }) => cache.read(outboxQuery, { of: 'x' }));
    world.qstashDown = true;
    await add(world, outboxJob, 'owed', 13);
    // The mark succeeds, the settle fails.
    let asked = 0;
    world.redisRefuses = () => asked++ > 0;
    await world.within(({ commit }) =>
      commit(async (tx) => {
        tx.invalidate(outboxTag);
        return null;
      }),
    );
    world.redisRefuses = undefined;
    world.qstashDown = false;
    return {};
  },
  reads: {
    'records of every state are listed with their data': async (world) => {
      runs = reading;
      ran = [];
      ticks.length = 0;
      const outboxKinds = await world.sql('SELECT kind FROM outbox ORDER BY kind');
      expect(outboxKinds).toEqual(expect.arrayContaining([{ kind: 'invalidate' }, { kind: 'job' }]));
      expect(await recordOf(world, 'done')).toMatchObject({ state: 'done', result: { n: 1, at }, attempt: 1 });
      expect(await recordOf(world, 'sealed-done')).toMatchObject({ state: 'done', result: { n: 2, at } });
      expect(await recordOf(world, 'failed')).toMatchObject({ state: 'failed', errors: 1, pastAttempts: [{}] });
      expect(await recordOf(world, 'dead')).toMatchObject({ state: 'dead', reason: 'BROKEN' });
      expect(await recordOf(world, 'queued')).toMatchObject({ state: 'queued' });
      expect(await recordOf(world, 'cancelled')).toMatchObject({ state: 'cancelled' });
      expect(await recordOf(world, 'running')).toMatchObject({ state: 'running', progress: { done: 1, of: 2 } });
      const response = await world.request('/jobs?name=stored.dying&state=dead');
      expect(response.status).toBe(200);
      const { items } = (await response.json()) as { items: { id: string }[] };
      expect(items.map(({ id }) => id)).toContain('dead');
    },
    'a unique key is still held': async (world) => {
      await add(world, single, 'second', 6);
      await world.tick();
      expect(await recordOf(world, 'second')).toMatchObject({ state: 'cancelled', reason: 'DUPLICATE' });
    },
    'the drain handles the outbox: a job is published, a tag is invalidated': async (world) => {
      await world.advance(MINUTE);
      await world.tick();
      expect(await world.sql('SELECT kind, last_error FROM outbox')).toEqual([]);
      expect(await recordOf(world, 'owed')).toMatchObject({ state: 'done', result: { n: 13, at } });
      await world.within(async ({ cache }) => {
        expect(await cache.read(outboxQuery, { of: 'x' })).toBe('new');
      });
    },
    'a finished tick does not run again, and the next tick runs': async (world) => {
      const status = () =>
        world.within(async (_tenant, scope) => (await readSchedules(scope, [hourly]))[0] ?? expect.fail('no schedule'));
      const last = Math.floor(world.now() / (60 * MINUTE)) * 60 * MINUTE;
      expect((await status()).last).toMatchObject({ tick: last, outcome: 'ok' });
      expect(ticks).toEqual([]);
      await world.advance(last + 60 * MINUTE - world.now());
      await world.tick();
      expect(ticks).toEqual([last + 60 * MINUTE]);
    },
    'waiting, failed and running jobs are done after their time, without their messages': async (world) => {
      for (let minutes = 0; minutes < 3; minutes += 1) {
        await world.advance(20 * MINUTE);
        await world.tick();
      }
      for (const id of ['queued', 'unique', 'sealed-queued', 'failed', 'running', 'follower']) {
        expect([id, (await recordOf(world, id)).state]).toEqual([id, 'done']);
      }
      expect((await recordOf(world, 'queued')).result).toEqual({ n: 5, at });
      expect((await recordOf(world, 'sealed-queued')).result).toEqual({ n: 7, at });
    },
    'finished steps and transactions are not repeated': async (world) => {
      expect((await recordOf(world, 'running')).result).toEqual({ n: 12, kept: { at }, applied: 'applied once' });
    },
    'a fan-out is complete when its last part has ended': async (world) => {
      expect((await recordOf(world, 'after-fan-out')).state).toBe('done');
    },
    'a dead letter can be replayed': async (world) => {
      await world.within((_tenant, scope) => replayJob(services(scope), TENANT, 'dead'));
      await world.tick();
      expect(await recordOf(world, 'dead')).toMatchObject({ state: 'done', result: { n: 4, at } });
    },
  },
};
