/** A Redis, a database and an app of one suite's own, whose consumer groups run when the test says so. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { z } from 'zod';
import { append, type EventReader, stream } from '../../../src/platform/events/index.ts';
import type { Scope } from '../../../src/platform/http/index.ts';
import {
  createJobs,
  createSchedules,
  type Job,
  jobServices,
  platformSchedules,
  readJob,
} from '../../../src/platform/jobs/index.ts';
import { createTestQueue, runJob } from '../../../src/platform/jobs/testing.ts';
import { key } from '../../../src/platform/redis/index.ts';
import type { Consumer } from '../../../src/platform/streams/index.ts';
import { wakeSchedule } from '../../../src/platform/streams/index.ts';
import { createTestApp } from '../../support/app.ts';
import { type FaultyPostgres, startFaultyPostgres } from '../../support/faulty-postgres.ts';
import { CATCHING_UP } from '../../support/job-world.ts';
import { ADMIN_TOKEN, startRest, TOKEN } from '../../support/rest.ts';
import { createTenant, type OwnTenant, sql } from '../../support/tenant.ts';
import { openMigratedDatabase, type TestDatabase } from '../db/database.ts';

const QSTASH = {
  QSTASH_URL: 'http://qstash.test',
  QSTASH_CURRENT_SIGNING_KEY: 'sig_streams',
  APP_URL: 'http://app.test',
};

/** Finds an event that some transaction may still precede. */
const ABOVE_OLDEST =
  'SELECT FROM events WHERE tenant_id = $1 AND xid >= pg_snapshot_xmin(pg_current_snapshot()) LIMIT 1';

let streams = 0;
/** Declares a stream of numbers under a name of its own. */
export function numbers(keep: { entries?: number; age?: `${number}d` } = {}) {
  streams += 1;
  return stream(`numbers-${streams}`, { events: { counted: { schema: z.object({ n: z.number() }) } }, keep });
}
export type Numbers = ReturnType<typeof numbers>;

export type Stage = ReturnType<typeof openStage>;

/** Opens the stage for the tests of a file. Each test begins with an empty Redis, no outbox and a new tenant. */
export function openStage(consumers: () => readonly Consumer[]) {
  let redis: Awaited<ReturnType<typeof startRest>>;
  let database: TestDatabase;
  /** The app's connection to the database. */
  let postgres: FaultyPostgres;
  let queue: ReturnType<typeof createTestQueue>;
  let app: ReturnType<typeof createTestApp>;
  let tenant: OwnTenant;
  let qstashFails = false;
  /** The scripts of streams that were sent, as the family of their first key and their number of keys. */
  let sent: string[][] = [];

  beforeAll(async () => {
    [redis, database] = await Promise.all([startRest(), openMigratedDatabase()]);
    redis.rest.intercept = ({ commands }) => {
      const own = commands.map(String).filter((command) => /hf:[^:,]+:s[tgew](:|,)/.test(command));
      if (own.length > 0) sent.push(own);
      return 'pass';
    };
    postgres = await startFaultyPostgres(database.connectionString);
    tenant = await createTenant(database.connectionString);
    queue = createTestQueue({ environment: QSTASH });
    const jobs: Job[] = consumers().flatMap(({ job, rebuild }) => (rebuild ? [job, rebuild] : [job]));
    const registry = createJobs(jobs);
    app = createTestApp({
      jobs: registry,
      schedules: createSchedules([...platformSchedules(registry), wakeSchedule]),
      fetch: (input, init) =>
        qstashFails && String(input).startsWith(QSTASH.QSTASH_URL)
          ? Promise.reject(new TypeError('fetch failed'))
          : queue.fetch(input, init),
      outbound: queue.fetch,
      system: { ...queue.system, sleep: async () => {}, random: () => 0 },
      environment: {
        ...QSTASH,
        DATABASE_URL: postgres.url,
        UPSTASH_REDIS_REST_URL: redis.rest.url,
        UPSTASH_REDIS_REST_TOKEN: TOKEN,
      },
    });
  });
  beforeEach(() => stage.begin());
  afterAll(async () => {
    await app.close();
    await postgres.close();
    await Promise.all([redis.close(), database.close()]);
  });

  const stage = {
    /** Empties Redis, the outbox and the queue, and creates another tenant. */
    async begin(): Promise<void> {
      await queue.advance(app.app, 86_400_000);
      await stage.command('FLUSHALL');
      await stage.query('DELETE FROM outbox');
      tenant = await createTenant(database.connectionString);
      sent = [];
    },
    /** Moves the clock, and delivers no message. */
    async pass(ms: number): Promise<void> {
      await queue.advance({ request: () => new Response() }, ms);
    },
    get app() {
      return app;
    },
    get queue() {
      return queue;
    },
    get tenant() {
      return tenant;
    },
    get postgres() {
      return postgres;
    },
    get rest() {
      return redis.rest;
    },
    query: <Row extends Record<string, unknown>>(text: string, values: unknown[] = []) =>
      sql<Row>(database.connectionString, text, values),
    reader: (): EventReader => ({
      tenant: tenant.id,
      query: async <Row extends object>(text: string, values: readonly unknown[]) =>
        (await sql(database.connectionString, text, [...values])) as Row[],
    }),
    /** Sends one command to Redis, past the app. */
    async command(...command: (string | number)[]): Promise<unknown> {
      const response = await fetch(redis.rest.url, {
        method: 'POST',
        headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
        body: JSON.stringify(command),
      });
      const { result, error } = (await response.json()) as { result?: unknown; error?: string };
      if (error !== undefined) throw new Error(error);
      return result;
    },
    /** The requests to Redis that concern streams, each with its commands, since the last call. */
    requests(): string[][] {
      const all = sent;
      sent = [];
      return all;
    },
    streamKey: (of: Numbers) => key(tenant.id, 'stream', of.name),
    stateKey: (of: Numbers) => key(tenant.id, 'streamState', of.name),
    async within<Result>(work: (scope: Scope) => Promise<Result>): Promise<Result> {
      const scope = app.platform.scope();
      try {
        return await work(scope);
      } finally {
        await scope.end();
      }
    },
    /**
     * Appends numbers to keys in one write, which publishes them. Then it waits until no older transaction runs, on a
     * server that other suites use too: a group that is behind, and a rebuild, read no event before that.
     */
    async append(of: Numbers, events: readonly { key: string; n: number }[]): Promise<void> {
      await stage.within((scope) =>
        scope.tenant(tenant.id).commit(async (tx) => {
          for (const { key: row, n } of events) await append(tx, of, row, { type: 'counted', data: { n } });
        }),
      );
      while ((await stage.query(ABOVE_OLDEST, [tenant.id])).length > 0);
    },
    /** Runs work during which QStash does not answer. */
    async withoutQStash<Result>(work: () => Promise<Result>): Promise<Result> {
      qstashFails = true;
      try {
        return await work();
      } finally {
        qstashFails = false;
      }
    },
    /** Runs the job of a group once, past the queue, and returns its result. */
    async run({ job }: Pick<Consumer, 'job'>): Promise<{ state: string; result: unknown }> {
      return stage.within(async (scope) => {
        const { id, answer } = await runJob(scope, tenant.id, job, {});
        const record = await readJob(jobServices(scope), tenant.id, id);
        return { state: answer.kind === 'settled' ? answer.state : answer.kind, result: record?.result ?? null };
      });
    },
    /** Runs a group until it is done. On a server that other suites use, it waits for their transactions. */
    async runToEnd(group: Pick<Consumer, 'job'>): Promise<void> {
      while ((await stage.run(group)).state !== 'done') await stage.pass(5_000);
    },
    /** Runs the groups that events or the schedule have woken, and waits in the same way. */
    async consume(): Promise<void> {
      await queue.advance(app.app, 2_000);
      while ((await stage.query(CATCHING_UP, [tenant.id])).length > 0) await queue.advance(app.app, 5_000);
    },
    /** Makes a group known to Redis and SQL, so that it is not behind. */
    async settleGroups(groups: readonly Consumer[]): Promise<void> {
      for (const group of groups) await stage.runToEnd(group);
      sent = [];
    },
    /** Runs work during which no batch of the stream is settled, as if the process died before. */
    async withoutSettle<Result>(of: Numbers, work: () => Promise<Result>): Promise<Result> {
      const { intercept } = redis.rest;
      redis.rest.intercept = (request) => {
        // Of the scripts with this key, only `settle` has two keys.
        const settles = request.commands.some(
          (command) => String(command[2]) === '2' && command.includes(stage.streamKey(of)),
        );
        return settles ? { status: 503, body: { error: 'the process died' } } : (intercept?.(request) ?? 'pass');
      };
      try {
        return await work();
      } finally {
        redis.rest.intercept = intercept;
      }
    },
    dead: (group: Consumer) =>
      stage.query<{ key: string; version: number; reason: string }>(
        'SELECT key, version, reason FROM dead_events WHERE tenant_id = $1 AND name = $2 ORDER BY key, version',
        [tenant.id, group.name],
      ),
    entries: async (of: Numbers) => Number(await stage.command('XLEN', stage.streamKey(of))),
  };
  return stage;
}
