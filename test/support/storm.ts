/**
 * A world in which processes of the app die and freeze during their work: a Redis and a database of its own, a QStash
 * whose clock only the test moves, and a pool of mortal processes that share deliveries, writes and ticks.
 */

import { appVariables } from '../../dev/cloud/app-environment.ts';
import { testClock } from '../../dev/qstash/clock.ts';
import { type Qstash, startQstash } from '../../dev/qstash/server.ts';
import { startRedis } from '../../dev/redis/server.ts';
import type { RedisRest } from '../../dev/redis-rest/server.ts';
import { createApp } from '../../src/app/app.ts';
import { readEnvironment } from '../../src/app/env.ts';
import { createPlatform, type Platform } from '../../src/app/platform.ts';
import { openDatabasePool } from '../../src/platform/db/index.ts';
import type { TenantScope } from '../../src/platform/http/index.ts';
import { createJobs, type Job, type JobRecord, jobServices, readJob } from '../../src/platform/jobs/index.ts';
import { createNodeFetch } from '../../src/platform/keep-alive-fetch.ts';
import { realSystem } from '../../src/platform/system.ts';
import { openMigratedDatabase } from '../platform/db/database.ts';
import { stepsOf } from './faulty-fetch.ts';
import { type Destiny, type Fate, GONE, type Mortal, type Place, startMortal } from './mortal.ts';
import { startAppRest } from './rest.ts';
import { createTenant, type OwnTenant, sql } from './tenant.ts';

const APP_URL = 'http://app.internal';
const QSTASH = { token: 'storm-token', keys: { current: 'sig_storm_current', next: 'sig_storm_next' } };
/** The number of processes alive at any time. */
const POOL = 12;
/** The largest number of deliveries at once. */
const PARALLELISM = 24;

/** One process of the app. */
export interface StormProcess extends Mortal {
  id: string;
  platform: Platform;
}

/** The number of events by kind. */
export type Tally = Map<string, number>;

export interface Storm {
  tenant: OwnTenant;
  qstash: Qstash;
  /** The time of the app's clock. */
  now(): number;
  /** The faults at each step from now on. */
  destiny: Destiny;
  /** Whether QStash loses the message that it has just accepted. */
  loses(job: string): boolean;
  /** `fate place`, `delivery`, `duplicate`, an event of the log, … */
  tally: Tally;
  /** Writes as the tenant, in any process; `undefined` if the process was gone before it could answer. */
  write<Result>(work: (tenant: TenantScope, process: StormProcess) => Promise<Result>): Promise<Result | undefined>;
  /** Moves every clock by a minute and runs the scheduled function in any process. */
  tick(): Promise<void>;
  /** The process of a run. */
  processOf(scope: { system: object }): StormProcess;
  /** Ends the REST server in front of Redis, so that connections are refused, until the returned function is called. */
  refuseRedis(): Promise<() => Promise<void>>;
  /** Reads jobs in a process without faults. */
  read(ids: readonly string[]): Promise<(JobRecord | null)[]>;
  query<Row extends Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** Opens a world without faults. */
export async function openStorm(jobs: readonly Job[], frozenMs: () => number): Promise<Storm> {
  const database = await openMigratedDatabase();
  const tenant = await createTenant(database.connectionString);
  const redis = await startRedis();
  let rest: RedisRest = await startAppRest({ redisUrl: redis.url });
  const start = Date.now();
  const clock = testClock(start);
  const ahead = () => clock.now() - start;
  const tally: Tally = new Map();
  const count = (what: string, by = 1) => tally.set(what, (tally.get(what) ?? 0) + by);
  const seen = new Set<string>();

  const qstash = await startQstash({
    ...QSTASH,
    clock,
    limits: { parallelism: PARALLELISM },
    timer: () => () => {},
    fetch: async (input, init) => deliver(String(input), init ?? {}),
  });
  const environment = readEnvironment({
    ...appVariables(
      {
        redisRest: rest,
        qstash: { ...qstash, currentSigningKey: QSTASH.keys.current, nextSigningKey: QSTASH.keys.next },
        mail: { url: 'http://mail.internal', token: 'none' },
      },
      APP_URL,
    ),
    REDIS_TIMEOUT_MS: '30000',
    COUNTERS_FLUSH_MS: '3600000',
    OUTBOX_DRAIN_INTERVAL_MS: '0',
    DATABASE_URL: database.connectionString,
  });
  // The writes of a minute wait for each other's transactions, on a busy machine longer than an app would wait.
  const pool = openDatabasePool({ connectionString: database.connectionString, connectTimeoutMs: 60_000 });
  const nodeFetch = createNodeFetch();
  const processes = new WeakMap<object, StormProcess>();
  const byId = new Map<string, StormProcess>();
  let alive: StormProcess[] = [];
  let started = 0;
  let rows = 0;
  let turn = 0;

  function startProcess(): StormProcess {
    const mortal = startMortal({
      clock,
      frozenMs,
      destiny: (place, job) => world.destiny(place, job),
      happened(fate: Fate, place: Place) {
        count(`${fate} ${place}`);
      },
    });
    const system = {
      ...realSystem,
      ...mortal.system,
      now: () => Date.now() + ahead(),
      redisAhead: ahead,
      random: () => 0.5,
      sleep: async () => {},
      rowId: (prefix: string) => `${prefix}_${String(++rows).padStart(6, '0')}`,
    };
    const toRedis = (async (input: string, init: RequestInit) => {
      const body = String(init.body);
      const step = stepsOf(body).find((each) => each !== 'other') ?? 'other';
      return mortal.step(step, jobIn(body), () => nodeFetch(input, init as Parameters<typeof nodeFetch>[1]));
    }) as unknown as typeof fetch;
    const outbound = ((input: string, init: RequestInit) =>
      mortal.step('publish', jobIn(String(init.body)), () => publish(input, init))) as typeof fetch;
    const write = (line: string) => {
      const { event, redelivered } = JSON.parse(line) as { event: string; redelivered?: number };
      count(event, event === 'jobs.swept' ? redelivered : 1);
    };
    const platform = createPlatform({ environment, pool, system, fetch: toRedis, outbound, write });
    started += 1;
    const made: StormProcess = Object.assign(mortal, { id: String(started), platform });
    processes.set(system, made);
    byId.set(made.id, made);
    count('processes');
    return made;
  }

  /** The next process, in turn; a process that is gone is replaced. */
  function anyProcess(): StormProcess {
    alive = alive.filter(({ state }) => state === 'alive');
    while (alive.length < POOL) alive.push(startProcess());
    turn += 1;
    return alive[turn % POOL] as StormProcess;
  }

  /** QStash accepts messages and now and then loses one. */
  async function publish(input: string, init: RequestInit): Promise<Response> {
    const items = JSON.parse(String(init.body)) as unknown[];
    if (!world.loses(jobIn(String(init.body)))) return fetch(input, init);
    count('lost by QStash', items.length);
    return Response.json(items.map(() => ({ messageId: 'msg_lost' })));
  }

  const app = createApp((c) => {
    const process = byId.get(c.req.header('x-process') ?? '');
    if (!process) throw new Error('no such process');
    return { scope: process.platform.scope, clientIp: '192.0.2.1' };
  }, createJobs(jobs));

  async function deliver(url: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    const attempt = `${headers.get('upstash-message-id')} ${headers.get('upstash-retried')}`;
    count(seen.has(attempt) ? 'duplicate' : 'delivery');
    seen.add(attempt);
    const process = anyProcess();
    headers.set('x-process', process.id);
    return process.serve(async () => app.request(url.slice(APP_URL.length), { ...init, headers }));
  }

  const world: Storm = {
    tenant,
    qstash,
    now: () => Date.now() + ahead(),
    destiny: () => undefined,
    loses: () => false,
    tally,
    async write(work) {
      const process = anyProcess();
      const scope = process.platform.scope();
      try {
        return await process.serve(async () => {
          const result = await work(scope.tenant(tenant.id), process);
          await scope.end();
          return result;
        });
      } catch (error) {
        if (error instanceof Error && error.message === GONE) return undefined;
        throw error;
      }
    },
    async tick() {
      await clock.advance(60_000);
      const process = anyProcess();
      await process.serve(() => process.platform.scheduled()).catch(() => count('tick failed'));
      await clock.settle();
    },
    processOf(scope) {
      const found = processes.get(scope.system);
      if (!found) throw new Error('no such process');
      return found;
    },
    async refuseRedis() {
      const { port } = rest;
      await rest.close();
      count('Redis refuses');
      return async () => {
        rest = await startAppRest({ redisUrl: redis.url, port });
      };
    },
    async read(ids) {
      const scope = startProcess().platform.scope();
      const records = await Promise.all(ids.map((id) => readJob(jobServices(scope), tenant.id, id)));
      await scope.end();
      return records;
    },
    query: (text, values = []) => sql(database.connectionString, text, values),
    async close() {
      await qstash.close();
      await pool.close();
      await rest.close();
      await redis.close();
      await database.close();
    },
  };
  return world;
}

/** The first job that a request names. */
function jobIn(body: string): string {
  return /job_\d{6}/.exec(body)?.[0] ?? '';
}
