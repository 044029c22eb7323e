/**
 * The world of a drill: the local cloud's servers, each of which can be broken, a tenant of its own and the app as it is
 * deployed. All clocks are moved by the drill, so minutes take no time.
 */
import { createHash, randomBytes } from 'node:crypto';
import { getRequestListener } from '@hono/node-server';
import pg from 'pg';
import { createApp } from '../../src/app/app.ts';
import { jobs } from '../../src/app/background.ts';
import { readEnvironment } from '../../src/app/env.ts';
import { createPlatform } from '../../src/app/platform.ts';
import { listSettings } from '../../src/crm/lists/queries.ts';
import { sealSchedule } from '../../src/platform/audit/index.ts';
import { openDatabasePool } from '../../src/platform/db/index.ts';
import type { Scope } from '../../src/platform/http/index.ts';
import { createJobs, createSchedules, flushSchedule, platformSchedules } from '../../src/platform/jobs/index.ts';
import { hashPassword } from '../../src/platform/passwords/index.ts';
import { wakeSchedule } from '../../src/platform/streams/index.ts';
import { realSystem } from '../../src/platform/system.ts';
import { type BackupServices, backupServices } from '../backup/services.ts';
import { appVariables } from '../cloud/app-environment.ts';
import { LOCAL_SECRETS } from '../cloud/secrets.ts';
import { startHttpServer } from '../http/server.ts';
import { testClock } from '../qstash/clock.ts';
import { type Qstash, startQstash } from '../qstash/server.ts';
import type { Refuses } from '../redis-rest/refusing.ts';
import type { DrillDatabase } from './database.ts';
import { drillJob } from './job.ts';
import { openDrillRedis, setAppToken, startDrillRest } from './redis.ts';

const APP_URL = 'http://drill.test';
const QUICK = { ln: 4, r: 8, p: 1 };
const known = createJobs([...jobs.values(), drillJob]);
/** The schedules that recover: drain, sweep, wake-ups of consumer groups, the flush of a journal, seals of the audit trail. */
const recovering = [...platformSchedules(known), wakeSchedule, flushSchedule(listSettings), sealSchedule];
const schedules = createSchedules(recovering);

/** Settings of a request. */
export interface Asked {
  method?: string;
  json?: unknown;
  /** A CSV file as the body, in place of `json`. */
  csv?: string;
  headers?: Record<string, string>;
}

/** The world; see above. */
export type World = Awaited<ReturnType<typeof openWorld>>;

/** The servers of a drill. */
export interface Engines {
  /** The database, which other drills use too. */
  readonly database: DrillDatabase;
  /** Starts a redis-server; by default the embedded Redis. */
  readonly realRedis?: boolean;
}

/** Opens a world: an empty Redis and QStash, and a new tenant in the database. */
export async function openWorld({ database, realRedis = false }: Engines) {
  const start = Date.now();
  const redis = await openDrillRedis(realRedis);
  const id = `drill-${randomBytes(6).toString('hex')}`;
  const ask = async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  };
  // Entries of an earlier drill would reach this drill's QStash.
  await ask('DELETE FROM outbox');
  const person = await addTenant(ask, id);

  const appToken = 'the token of the app';
  const rest = await startDrillRest({ redisUrl: redis.url, appToken });
  const signing = { current: LOCAL_SECRETS.currentSigningKey, next: LOCAL_SECRETS.nextSigningKey };
  const clock = testClock(start);
  let qstash: Qstash = await startQstash({ token: LOCAL_SECRETS.qstashToken, keys: signing, clock });
  const closers: (() => Promise<void>)[] = [];
  const timers = new Set<{ due: number; run: () => void }>();
  const server = await startHttpServer(0, async (request, response) => {
    await world.beforeDelivery?.(request.url ?? '');
    await getRequestListener(deployment.app.fetch)(request, response);
  });
  const ahead = () => clock.now() - start;
  const skew = { ms: 0 };
  const lines: string[] = [];
  const variables: Record<string, string> = {
    ...appVariables(
      { redisRest: { ...rest, appToken }, qstash: { ...qstash, ...keysOf(signing) }, mail: NO_MAIL },
      APP_URL,
    ),
    JOBS_URL: server.url,
    DATABASE_URL: database.url,
    COUNTERS_FLUSH_MS: String(Number.MAX_SAFE_INTEGER),
    REDIS_TIMEOUT_MS: '5000',
  };
  let deployment = deploy();

  /** Starts a new isolate with the settings of now, which takes all requests. */
  function deploy() {
    const environment = readEnvironment(variables);
    const pool = openDatabasePool({ connectionString: environment.DATABASE_URL, connectTimeoutMs: 2_000 });
    closers.push(() => pool.close());
    const platform = createPlatform({
      environment,
      pool,
      schedules,
      system: {
        ...realSystem,
        passwordCost: QUICK,
        now: () => Date.now() + ahead() + skew.ms,
        redisAhead: ahead,
        sleep: async () => {},
        timer(ms, run) {
          const timer = { due: clock.now() + ms, run };
          timers.add(timer);
          return () => timers.delete(timer);
        },
      },
      write: (line) => void lines.push(line),
    });
    const app = createApp(() => ({ scope: platform.scope, clientIp: '2001:db8::1' }), known, schedules);
    return { app, platform };
  }

  const world = {
    tenant: { id, ...person },
    /** Lines of the log, for a drill that fails. */
    lines,
    /** How far the clock of the isolates is ahead of the others. */
    skew,
    /** The ids of deals that the API has acknowledged. */
    acknowledged: [] as string[],
    clock,
    database,
    ask,
    variables,
    redisUrl: redis.url,
    /** Lets Redis refuse writes: `OOM` because it is full, `READONLY` as a replica; `undefined` mends it. */
    redisRefuses: (refuses: Refuses | undefined) => redis.refuse(refuses, rest),
    /** Is called when a message arrives, before the app sees it. */
    beforeDelivery: undefined as ((path: string) => Promise<void>) | undefined,
    rest,
    get qstash() {
      return qstash;
    },
    /** Deploys with changed settings. */
    deploy(changes: Record<string, string> = {}) {
      Object.assign(variables, changes);
      deployment = deploy();
    },
    /** Replaces the app's token of Redis: requests with the old one are refused. */
    replaceRedisToken: (appToken: string) => setAppToken(rest, appToken),
    /** Starts an empty QStash in another region; the messages of the old one never arrive. */
    async moveQstash() {
      await qstash.close();
      const keys = { current: 'sig_other_current', next: 'sig_other_next' };
      qstash = await startQstash({ token: 'other-region', keys, clock: testClock(clock.now()) });
      return { ...keys, url: qstash.url, token: qstash.token };
    },
    /** The services of an operator, who has all rights on Redis. */
    backup: (): BackupServices => {
      const services = backupServices(readEnvironment({ ...variables, UPSTASH_REDIS_REST_TOKEN: rest.token }));
      return { ...services, system: { ...services.system, now: () => Date.now() + ahead() } };
    },
    /** Sends a request with the API key of the tenant, or with the given headers in its place. */
    request(path: string, { method, json, csv, headers = { authorization: `Bearer ${person.key}` } }: Asked = {}) {
      const body = csv ?? (json === undefined ? undefined : JSON.stringify(json));
      const type = { 'content-type': csv === undefined ? 'application/json' : 'text/csv' };
      return Promise.resolve(
        deployment.app.request(path, {
          method: method ?? (body === undefined ? 'GET' : 'POST'),
          headers: { ...headers, ...(body === undefined ? {} : type) },
          ...(body === undefined ? {} : { body }),
        }),
      );
    },
    /** Runs work in a scope of the isolate, and ends the scope. */
    async within<Result>(work: (scope: Scope) => Promise<Result>): Promise<Result> {
      const scope = deployment.platform.scope();
      try {
        return await work(scope);
      } finally {
        await scope.end();
      }
    },
    /** Adds a deal; it is acknowledged if the status is 201. */
    async addDeal(headers: Record<string, string> = {}, more: object = {}): Promise<Response> {
      const json = { title: 'Nets', value: '1.00', ...more };
      const authorization = `Bearer ${person.key}`;
      const response = await world.request('/deals', { json, headers: { authorization, ...headers } });
      if (response.status === 201) world.acknowledged.push(((await response.clone().json()) as { id: string }).id);
      return response;
    },
    /** Lets minutes pass: due messages are delivered, and the schedules run each minute. */
    async minutes(count: number): Promise<void> {
      for (let minute = 0; minute < count; minute += 1) {
        await qstash.clock.settle();
        const due = [...timers].filter((timer) => timer.due <= clock.now() + 60_000);
        const moving = [clock, qstash.clock].filter((each, at, all) => all.indexOf(each) === at);
        for (const each of moving) await each.advance(60_000);
        for (const timer of due) if (timers.delete(timer)) timer.run();
        await deployment.platform.scheduled();
        await qstash.clock.settle();
      }
    },
    async close(): Promise<void> {
      await qstash.close();
      await server.close();
      for (const close of closers) await close();
      await rest.close();
      await redis.close();
    },
  };
  return world;
}

const NO_MAIL = { url: 'http://127.0.0.1:9', token: 'no-mail' };

function keysOf({ current, next }: { current: string; next: string }) {
  return { currentSigningKey: current, nextSigningKey: next };
}

/** Adds a tenant with an owner and an API key. */
async function addTenant(ask: (text: string, values?: unknown[]) => Promise<unknown>, id: string) {
  const [userId, keyId] = [`user_${randomBytes(8).toString('hex')}`, randomBytes(6).toString('hex')];
  const [password, secret] = [randomBytes(12).toString('hex'), randomBytes(24).toString('hex')];
  const email = `${userId}@drill.example`;
  await ask(`INSERT INTO tenants VALUES ($1, $1, 'EUR', now(), now())`, [id]);
  await ask(
    `INSERT INTO users (tenant_id, id, email, name, role, password_hash, verified_at, updated_at)
     VALUES ($1, $2, $3, 'Owner', 'owner', $4, now(), now())`,
    [id, userId, email, await hashPassword(password, QUICK)],
  );
  await ask(
    `INSERT INTO api_keys (tenant_id, id, name, secret_hash, rights, updated_at) VALUES ($1, $2, 'drill', $3, '{*}', now())`,
    [id, keyId, createHash('sha256').update(secret).digest('hex')],
  );
  return { userId, email, password, key: `hf_${id}_${keyId}_${secret}` };
}
