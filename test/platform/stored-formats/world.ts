/**
 * The system that writes and reads stored formats: the whole app on an empty Redis, an empty database and a QStash
 * whose clock only the caller moves. Keys, ids and times are the same in every run. This file does not import vitest,
 * because the recorder is a program.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { testClock } from '../../../dev/qstash/clock.ts';
import { startQstash } from '../../../dev/qstash/server.ts';
import { createApp } from '../../../src/app/app.ts';
import { readEnvironment } from '../../../src/app/env.ts';
import { createPlatform } from '../../../src/app/platform.ts';
import { openDatabasePool } from '../../../src/platform/db/index.ts';
import type { Scope, TenantScope } from '../../../src/platform/http/index.ts';
import {
  createJobs,
  createSchedules,
  type Job,
  platformSchedules,
  type Schedule,
} from '../../../src/platform/jobs/index.ts';
import { createNodeFetch } from '../../../src/platform/keep-alive-fetch.ts';
import { realSystem, type System } from '../../../src/platform/system.ts';
import { ADMIN_TOKEN, startRest, TOKEN } from '../../support/rest.ts';
import { openMigratedDatabase, send } from '../db/database.ts';
import { plainRedis } from './snapshot.ts';

/** Keys for the snapshots only. They do not use those of the local cloud, which may change. */
const KEYS = {
  AUTH_KEYS: 'stored1:c3RvcmVkIGZvcm1hdHMgYXV0aCBrZXkgMSAgLi4uLi4=',
  SEAL_KEYS: 'stored1:c3RvcmVkIGZvcm1hdHMgc2VhbCBrZXkgMSAgLi4uLi4=',
};
const QSTASH = { token: 'stored-token', current: 'sig_stored_current', next: 'sig_stored_next' };

/** The tenant of all data. */
export const TENANT = 'kelp';
/** An API key of that tenant with all rights. */
export const API_KEY = `hf_${TENANT}_stored000001_${'5'.repeat(48)}`;

/** The running system. */
export interface StoredWorld {
  /** Calls a function in a scope of the tenant, and ends the scope. */
  within<Result>(work: (tenant: TenantScope, scope: Scope) => Promise<Result>): Promise<Result>;
  /** Sends a request to the app, with the API key unless `headers` have credentials. */
  request(path: string, init?: RequestInit & { json?: unknown }): Promise<Response>;
  /** Simple access to Redis, for the snapshot. */
  redis: ReturnType<typeof plainRedis>;
  database: string;
  sql(text: string): Promise<Record<string, unknown>[]>;
  now(): number;
  /** Moves the clock and delivers messages as they become due. */
  advance(ms: number): Promise<void>;
  /** Runs the scheduled function for the clock's minute, and waits for deliveries. */
  tick(): Promise<void>;
  /** While `true`, QStash does not answer. */
  qstashDown: boolean;
  /** While set, requests to Redis fail before they are sent if this returns true for their body. */
  redisRefuses: ((body: string) => boolean) | undefined;
  /** Log lines of level error, and warnings. */
  troubles: string[];
  close(): Promise<void>;
}

/** Opens the system at a given time. `seed` keeps the ids of two runs apart. */
export async function openStoredWorld(
  at: number,
  seed: string,
  jobs: readonly Job[],
  schedules: readonly Schedule[],
): Promise<StoredWorld> {
  const [{ rest, close: closeRedis }, database] = await Promise.all([startRest(), openMigratedDatabase()]);
  const keys = { current: QSTASH.current, next: QSTASH.next };
  const qstash = await startQstash({ token: QSTASH.token, keys, clock: testClock(at) });
  let slept = 0;
  const now = () => qstash.clock.now() + slept;
  const server = createServer((request, response) => void getRequestListener(app.fetch)(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const environment = readEnvironment({
    HOLDFAST_MODE: 'local',
    ...KEYS,
    APP_URL: 'http://app.test',
    JOBS_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    UPSTASH_REDIS_REST_URL: rest.url,
    UPSTASH_REDIS_REST_TOKEN: TOKEN,
    REDIS_TIMEOUT_MS: '30000',
    DATABASE_URL: database.connectionString,
    QSTASH_URL: qstash.url,
    QSTASH_TOKEN: QSTASH.token,
    QSTASH_CURRENT_SIGNING_KEY: QSTASH.current,
    QSTASH_NEXT_SIGNING_KEY: QSTASH.next,
    MAIL_TOKEN: 'stored-mail-token',
    COUNTERS_FLUSH_MS: '3600000',
    OUTBOX_DRAIN_INTERVAL_MS: '0',
    OPERATOR_TENANT: TENANT,
  });
  const pool = openDatabasePool({ connectionString: database.connectionString });
  const known = createJobs(jobs);
  const registry = createSchedules([...platformSchedules(known), ...schedules]);
  const troubles: string[] = [];
  const nodeFetch = createNodeFetch();
  const platform = createPlatform({
    environment,
    pool,
    schedules: registry,
    system: {
      ...countingSystem(seed),
      now,
      redisAhead: () => now() - Date.now(),
      async sleep(ms) {
        slept += ms;
      },
    },
    write(line) {
      if (/"level":"(error|warn)"/.test(line)) troubles.push(line);
    },
    async fetch(url, request) {
      if (world.redisRefuses?.(request.body)) throw new TypeError('fetch failed');
      return nodeFetch(url, request);
    },
    async outbound(input, init) {
      if (String(input).startsWith(qstash.url)) {
        if (world.qstashDown) throw new TypeError('fetch failed');
        return fetch(input, init);
      }
      return Response.json({ id: 'mail-1' });
    },
  });
  const app = createApp(() => ({ scope: platform.scope, clientIp: '2001:db8::10' }), known, registry);

  const world: StoredWorld = {
    async within(work) {
      const scope = platform.scope();
      try {
        return await work(scope.tenant(TENANT), scope);
      } finally {
        await scope.end();
      }
    },
    async request(path, { json, ...init } = {}) {
      const headers = new Headers(init.headers);
      if (!headers.has('cookie') && !headers.has('authorization')) headers.set('authorization', `Bearer ${API_KEY}`);
      if (headers.has('cookie')) headers.set('origin', 'http://app.test');
      if (json === undefined) return app.request(path, { ...init, headers });
      headers.set('content-type', 'application/json');
      return app.request(path, { ...init, method: init.method ?? 'POST', headers, body: JSON.stringify(json) });
    },
    redis: plainRedis({ url: rest.url, token: ADMIN_TOKEN }),
    database: database.connectionString,
    sql: (text) => send(database.connectionString, text),
    now,
    advance: (ms) => qstash.clock.advance(ms),
    async tick() {
      await platform.scheduled(Math.floor(now() / 60_000) * 60_000);
      await qstash.clock.settle();
    },
    qstashDown: false,
    redisRefuses: undefined,
    troubles,
    async close() {
      await qstash.close();
      await pool.close();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      await Promise.all([database.close(), closeRedis()]);
    },
  };
  return world;
}

/** Deterministic random values: the SHA-256 of a seed and a number. */
function countingSystem(seed: string): System {
  let drawn = 0;
  const bytes = () => createHash('sha256').update(`${seed} ${++drawn}`).digest();
  return {
    ...realSystem,
    random: () => 0.5,
    token: () => bytes().subarray(0, 16).toString('base64url'),
    secret: () => bytes().toString('base64url'),
    digits: (length) => String(bytes().readUInt32BE()).padStart(length, '1').slice(-length),
    rowId: (prefix) => `${prefix}_${bytes().toString('hex').slice(0, 26).toUpperCase()}`,
    timer: () => () => {},
  };
}
