/**
 * The world of the operations in `reply-operations.ts`: an app over the local cloud whose Redis replies a test can change,
 * with two tenants, and with queries, jobs and schedules of its own.
 */
import { expect, inject } from 'vitest';
import { z } from 'zod';
import { query } from '../../../src/platform/cache/index.ts';
import type { DataContext, Scope, TenantScope } from '../../../src/platform/http/index.ts';
import { continueWith, createJobs, createSchedules, job, schedule, snooze } from '../../../src/platform/jobs/index.ts';
import type { Message } from '../../../src/platform/jobs/message.ts';
import { tag } from '../../../src/platform/redis/index.ts';
import { createTestApp } from '../../support/app.ts';
import { newTenant } from '../../support/isolate.ts';
import { addPerson } from '../../support/people.ts';
import { createTenant, type OwnTenant, sql } from '../../support/tenant.ts';
import { type WrongReplies, wrongReplies } from '../../support/wrong-replies.ts';

type TestApp = ReturnType<typeof createTestApp>;

export interface ReplyWorld {
  way: WrongReplies;
  app: TestApp;
  tenant: OwnTenant;
  other: OwnTenant;
  /** The id of an owner in `tenant`. */
  userId: string;
  clock: { ahead: number };
  /** The statuses of the answers so far. */
  statuses: Set<number>;
  /** The messages that QStash has accepted; an operation empties the list before it enqueues a job. */
  published: Message[];
  /** Runs work in a new scope, with the services of `tenant`. */
  within<Result>(work: (scope: Scope, own: TenantScope) => Promise<Result>): Promise<Result>;
  /** Sends an HTTP request. The answer must never be an internal error, even if the reply of Redis is wrong. */
  ask(path: string, init?: Parameters<TestApp['request']>[1]): Promise<Response>;
  close(): Promise<void>;
}

/** A refusal by a room, for an operation that cannot continue without its consent. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code = 'REFUSED';
}

const flushed: unknown[] = [];
export const noted = query('reply-noted', {
  ttl: '1m',
  tags: ({ id }: { id: string }) => [tag('reply-noted', id)],
  load: async ({ id }: { id: string }, { tenant }: DataContext) => `${tenant} ${id}`,
  async flush(writes) {
    flushed.push(...writes);
  },
});
export const failing = query('reply-failing', {
  ttl: '1m',
  tags: () => [tag('reply-failing')],
  load: async (_args: { id: string }, _context: DataContext): Promise<string> => {
    throw new RangeError('The source has no such value');
  },
});

const input = z.object({ n: z.number(), key: z.string() });
export const plain = job('reply.plain', { input, retries: 2, run: async ({ n }) => n });
export const busy = job('reply.busy', {
  input,
  unique: ({ key }) => key,
  async run({ n }, context) {
    await context.step('one', async () => n);
    await context.heartbeat();
    await context.progress({ n });
    return n === 1 ? snooze('1m') : n === 2 && context.cursor === undefined ? continueWith({ n }) : n;
  },
});
export const failed = job('reply.failed', {
  input,
  retries: 0,
  run: async () => {
    throw new RangeError('This job fails');
  },
});
export const registry = createJobs([plain, busy, failed]);
// A name of this run's own: a shared Redis remembers the last tick of schedules, and these clocks run ahead.
const ownNames = newTenant();
const schedules = createSchedules([
  schedule(`reply-each-${ownNames}`, {
    cron: '* * * * *',
    exclusive: false,
    run: async () => {
      throw new RangeError('This schedule fails');
    },
  }),
  schedule(`reply-one-${ownNames}`, { cron: '* * * * *', run: async () => 'done' }),
]);

/** A world in which every operation can run, over the local cloud. */
export async function openReplyWorld(): Promise<ReplyWorld> {
  const database = inject('cloud').postgres.url;
  const tenant = await createTenant(database);
  const other = await createTenant(database);
  const way = wrongReplies();
  const clock = { ahead: 0 };
  const published: Message[] = [];
  const app = createTestApp({
    fetch: way.fetch,
    jobs: registry,
    schedules,
    environment: { OPERATOR_TENANT: tenant.id },
    system: {
      now: () => Date.now() + clock.ahead,
      redisAhead: () => clock.ahead,
      sleep: async (ms) => {
        clock.ahead += Math.ceil(ms);
      },
    },
    // QStash accepts all messages; the operations run them.
    outbound: async (_input, init) => {
      const items: unknown = typeof init?.body === 'string' && init.body !== '' ? JSON.parse(init.body) : [];
      if (!Array.isArray(items)) return Response.json({});
      for (const { body } of items as { body: string }[]) published.push(JSON.parse(body) as Message);
      return Response.json(items.map(() => ({ messageId: 'msg_taken' })));
    },
  });
  const person = await addPerson(database, tenant.id, { role: 'owner' });
  for (const each of [tenant, other]) {
    await sql(database, `INSERT INTO companies (tenant_id, id, name, updated_at) VALUES ($1, 'comp_own', $1, now())`, [
      each.id,
    ]);
  }
  const statuses = new Set<number>();

  async function within<Result>(work: (scope: Scope, own: TenantScope) => Promise<Result>): Promise<Result> {
    const scope = app.platform.scope();
    try {
      return await work(scope, scope.tenant(tenant.id));
    } finally {
      await scope.end();
    }
  }

  async function ask(path: string, init: Parameters<TestApp['request']>[1] = {}): Promise<Response> {
    const response = await app.request(path, { key: tenant.keys.all, ...init });
    statuses.add(response.status);
    const text = await response.clone().text();
    if (response.status >= 500) {
      expect({ path, status: response.status, text }).toMatchObject({ status: 503 });
      if (response.headers.get('content-type')?.includes('problem')) expect(text).not.toContain('INTERNAL');
    }
    expect(text, path).not.toContain(other.id);
    return response;
  }

  const close = () => app.close();
  return { way, app, tenant, other, userId: person.id, clock, statuses, published, within, ask, close };
}
