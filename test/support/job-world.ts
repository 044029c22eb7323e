/**
 * A world for jobs: a database and a Redis of its own, a QStash whose clock only the test moves, and instances of the
 * app that listen on one address. The app, Redis's scripts and QStash share one clock, so a day passes immediately.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { testClock } from '../../dev/qstash/clock.ts';
import { type Qstash, startQstash } from '../../dev/qstash/server.ts';
import { signDelivery } from '../../dev/qstash/signature.ts';
import type { TenantScope } from '../../src/platform/http/index.ts';
import {
  createJobs,
  type Job,
  type JobMiddleware,
  type JobRecord,
  jobServices,
  readJob,
  type ScheduleRegistry,
} from '../../src/platform/jobs/index.ts';
import { openMigratedDatabase } from '../platform/db/database.ts';
import { createTestApp } from './app.ts';
import { type FaultyFetch, faultyFetch } from './faulty-fetch.ts';
import { ADMIN_TOKEN, startRest, TOKEN } from './rest.ts';
import { createTenant, type OwnTenant, sql } from './tenant.ts';

const KEYS = { current: 'sig_jobs_current', next: 'sig_jobs_next' };
const QSTASH_TOKEN = 'jobs-token';

/** Finds a consumer group that reads events from SQL. */
export const CATCHING_UP = 'SELECT FROM stream_groups WHERE tenant_id = $1 AND target IS NOT NULL LIMIT 1';

/** One process of the app. */
export interface JobInstance extends FaultyFetch {
  test: ReturnType<typeof createTestApp>;
  /** Calls a function in a scope of the tenant, and ends the scope. */
  within<Result>(work: (tenant: TenantScope) => Promise<Result>): Promise<Result>;
}

export interface JobWorld {
  tenant: OwnTenant;
  /** The connection string of its database. */
  connectionString: string;
  qstash: Qstash;
  /** The URL of its Redis, for requests with the token of `rest.ts`. */
  redisUrl: string;
  url: string;
  /** The instance that deliveries reach. */
  app: JobInstance;
  /** Starts another instance, which receives deliveries from now on. */
  replace(jobs?: readonly Job[]): JobInstance;
  /**
   * Waits for the deliveries under way, then moves every clock and delivers each message that becomes due. Without the
   * wait, a run on a busy machine would reach its time limit on the test's clock.
   */
  advance(ms: number): Promise<void>;
  /** Moves every clock immediately, so that runs under way reach their time limits. */
  pass(ms: number): Promise<void>;
  /** Waits until published messages are delivered. */
  settle(): Promise<void>;
  /**
   * Runs the consumer groups that events have woken. A group that is new reads its events from SQL. For that, on a
   * server that other suites use too, it waits for their transactions.
   */
  consume(tenantId: string): Promise<void>;
  /** Cuts every connection to the app and drops its timers, as the kill of a process does. */
  cut(): void;
  /**
   * Removes the state of earlier tests: messages, dead letters, timers, outbox entries, and all data in Redis. A new
   * instance receives deliveries from then on. Each test begins with this call.
   */
  clear(): Promise<void>;
  /** Runs the scheduled function once for each minute. */
  tick(minutes?: number): Promise<void>;
  /** Signs a delivery as QStash would, with a new signature each time. */
  sign(name: string, body: string, options?: DeliverOptions): string;
  /** Delivers a body to a job as QStash would, to the given instance or the current one. */
  deliver(name: string, body: string, options?: DeliverOptions): Promise<Response>;
  read(id: string): Promise<JobRecord | null>;
  /** The rows of the outbox, except entries that only wait for their second handling. */
  outbox(): Promise<{ id: string; attempts: number; last_error: string | null }[]>;
  deadLetters(): Promise<{ responseStatus: number; body: string }[]>;
  query: typeof sql extends (connection: string, ...rest: infer Rest) => infer Result
    ? (...rest: Rest) => Result
    : never;
  close(): Promise<void>;
}

/** Changes of the signature of a delivery; by default it is right. */
export interface DeliverOptions {
  to?: JobInstance;
  key?: string;
  /** The URL in the signature. */
  url?: string;
  /** The body in the signature. */
  signed?: string;
  /** The time of the signature relative to now, in ms. */
  age?: number;
  /** Replaces the signature; `null` leaves it out. */
  signature?: string | null;
}

/** Variables of the app in addition to those of the world. */
type Variables = Record<string, string>;

/** Opens a world whose first instance has the given jobs and middleware; see `createTestApp` for the rest. */
export async function openJobWorld(
  jobs: readonly Job[],
  schedules?: ScheduleRegistry,
  middleware: readonly JobMiddleware[] = [],
  environment: Variables | ((connectionString: string) => Promise<Variables>) = {},
): Promise<JobWorld> {
  const [database, redis] = await Promise.all([openMigratedDatabase(), startRest()]);
  const tenant = await createTenant(database.connectionString);
  const variables = typeof environment === 'function' ? await environment(database.connectionString) : environment;
  const start = Date.now();
  const qstash = await startQstash({ token: QSTASH_TOKEN, keys: KEYS, clock: testClock(start) });
  const ahead = () => qstash.clock.now() - start;
  const instances: JobInstance[] = [];
  const timers = new Set<{ due: number; run: () => void }>();
  const server = await listen(() => app.test.app);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cut = () => {
    timers.clear();
    server.closeAllConnections();
  };

  function startInstance(known: readonly Job[]): JobInstance {
    const way = faultyFetch(qstash.url, cut);
    const test = createTestApp({
      fetch: way.fetch,
      outbound: way.fetch,
      jobs: createJobs(known, { middleware }),
      ...(schedules ? { schedules } : {}),
      environment: {
        // The address for callers differs from the address for deliveries.
        APP_URL: 'http://app.test',
        JOBS_URL: url,
        DATABASE_URL: database.connectionString,
        UPSTASH_REDIS_REST_URL: redis.rest.url,
        UPSTASH_REDIS_REST_TOKEN: TOKEN,
        QSTASH_URL: qstash.url,
        QSTASH_TOKEN,
        QSTASH_CURRENT_SIGNING_KEY: KEYS.current,
        QSTASH_NEXT_SIGNING_KEY: KEYS.next,
        ...variables,
      },
      system: {
        now: () => Date.now() + ahead(),
        redisAhead: ahead,
        random: () => 0,
        sleep: async () => {},
        timer(ms, run) {
          const timer = { due: qstash.clock.now() + ms, run };
          timers.add(timer);
          return () => timers.delete(timer);
        },
      },
    });
    const instance: JobInstance = Object.assign(way, {
      test,
      async within<Result>(work: (tenant: TenantScope) => Promise<Result>): Promise<Result> {
        const scope = test.platform.scope();
        try {
          return await work(scope.tenant(tenant.id));
        } finally {
          await scope.end();
        }
      },
    });
    instances.push(instance);
    return instance;
  }

  let app = startInstance(jobs);
  let byHand = 0;
  const query = <Row extends Record<string, unknown>>(text: string, values: unknown[] = []) =>
    sql<Row>(database.connectionString, text, values);

  const world: JobWorld = {
    tenant,
    connectionString: database.connectionString,
    qstash,
    redisUrl: redis.rest.url,
    url,
    get app() {
      return app;
    },
    replace(known = jobs) {
      app = startInstance(known);
      return app;
    },
    cut,
    async clear() {
      await qstash.clock.settle();
      timers.clear();
      const done = await Promise.all([
        ...['messages', 'dlq'].map((what) =>
          fetch(`${qstash.url}/v2/${what}`, { method: 'DELETE', headers: { authorization: `Bearer ${QSTASH_TOKEN}` } }),
        ),
        fetch(redis.rest.url, {
          method: 'POST',
          body: '["FLUSHDB"]',
          headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
        }),
      ]);
      for (const { ok, url: asked, status } of done) if (!ok) throw new Error(`${asked} answered ${status}`);
      await query('DELETE FROM outbox');
      world.replace();
    },
    settle: () => qstash.clock.settle(),
    async consume(tenantId) {
      await world.advance(2_000);
      while ((await query(CATCHING_UP, [tenantId])).length > 0) await world.advance(5_000);
    },
    async advance(ms) {
      await qstash.clock.settle();
      await world.pass(ms);
    },
    async pass(ms) {
      const until = qstash.clock.now() + ms;
      const due = [...timers].filter((timer) => timer.due <= until);
      const moving = qstash.clock.advance(ms);
      for (const timer of due) {
        timers.delete(timer);
        timer.run();
      }
      await moving;
    },
    async tick(minutes = 1) {
      for (let minute = 0; minute < minutes; minute += 1) {
        await world.advance(60_000);
        await app.test.platform.scheduled();
        await qstash.clock.settle();
      }
    },
    sign(name, body, { key = KEYS.current, signed = body, age = 0, ...options } = {}) {
      byHand += 1;
      return signDelivery({
        key,
        url: options.url ?? `${url}/jobs/run/${name}`,
        body: Buffer.from(signed),
        now: Date.now() + ahead() - age,
        id: `by-hand-${byHand}`,
      });
    },
    async deliver(name, body, options = {}) {
      const { to = app } = options;
      const header = options.signature === undefined ? world.sign(name, body, options) : options.signature;
      return to.test.app.request(`http://proxy.internal/jobs/run/${name}`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...(header === null ? {} : { 'upstash-signature': header }) },
      });
    },
    async read(id) {
      const scope = app.test.platform.scope();
      const before = app.asked.length;
      const record = await readJob(jobServices(scope), tenant.id, id);
      app.asked.length = before;
      await scope.end();
      return record;
    },
    outbox: () => query("SELECT id, attempts, last_error FROM outbox WHERE kind NOT LIKE '%-again' ORDER BY id"),
    async deadLetters() {
      const response = await fetch(`${qstash.url}/v2/dlq`, { headers: { authorization: `Bearer ${QSTASH_TOKEN}` } });
      const { messages } = (await response.json()) as { messages: { responseStatus: number; body: string }[] };
      return messages;
    },
    query,
    async close() {
      await qstash.close();
      await Promise.all(instances.map(({ test }) => test.close()));
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      await Promise.all([redis.close(), database.close()]);
    },
  };
  return world;
}

async function listen(app: () => { fetch: Parameters<typeof getRequestListener>[0] }): Promise<Server> {
  const server = createServer((request, response) => {
    void getRequestListener(app().fetch)(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
