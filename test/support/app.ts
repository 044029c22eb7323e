/** The whole app in Node, against the local cloud: what a Lambda instance is, with its own memory. */
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { appVariables } from '../../dev/app-environment.ts';
import { demoKeys } from '../../prisma/demo.ts';
import { createApp } from '../../src/app/app.ts';
import { jobs } from '../../src/app/background.ts';
import { readEnvironment } from '../../src/app/env.ts';
import { createPlatform, type PlatformOptions } from '../../src/app/platform.ts';
import { openDatabasePool } from '../../src/platform/db/index.ts';
import type { JobRegistry, ScheduleRegistry } from '../../src/platform/jobs/index.ts';
import { createNodeFetch } from '../../src/platform/keep-alive-fetch.ts';
import { realSystem, type System } from '../../src/platform/system.ts';
import { checkDescribed } from './described-statuses.ts';
import type { AppCloud } from './local-cloud.ts';
import { logRecord } from './log-record.ts';
import { QUICK } from './password-cost.ts';
import { recordExchange } from './recorded-http.ts';

export { demoKeys };

/** The way to Redis that the Lambdas take. One for all instances, as they come and go by the hundred. */
const nodeFetch = createNodeFetch();

/** Where callers think the app is. Nothing listens there. */
export const APP_URL = 'http://app.test';

export interface TestAppOptions extends Partial<Pick<PlatformOptions, 'fetch' | 'outbound'>> {
  /** Where it lives. Default: the local cloud of the run. */
  cloud?: AppCloud;
  /** Overrides of the environment, e.g. another Redis. */
  environment?: Record<string, string>;
  system?: Partial<System>;
  /** What it does when. Default: the platform's own schedules. */
  schedules?: ScheduleRegistry;
  /** The jobs it knows. Default: all of the app's. */
  jobs?: JobRegistry;
  /** The API key of its requests. Default: acme's demo key, for suites that only read. */
  key?: string;
}

/** One instance of the app. Several over the same cloud play several instances. */
export function createTestApp(options: TestAppOptions = {}) {
  const cloud = options.cloud ?? inject('cloud');
  const environment = readEnvironment({
    ...appVariables(cloud, APP_URL),
    // Suites ask more in a minute than anybody should; those about limits set their own.
    API_RATE_PER_CALLER: '1000000',
    API_RATE_PER_ADDRESS: '1000000',
    // Costs are asserted exactly; statistics would travel along now and then.
    CACHE_STATISTICS_MS: '3600000',
    // Suites say themselves when the outbox is drained.
    OUTBOX_DRAIN_INTERVAL_MS: '0',
    // As in production.
    ERROR_MESSAGES: 'redacted',
    DATABASE_URL: cloud.postgres.url,
    ...options.environment,
  });
  const pool = openDatabasePool({
    connectionString: environment.DATABASE_URL,
    connectTimeoutMs: environment.DATABASE_CONNECT_TIMEOUT_MS,
  });
  // Of the range for documentation. What suites ask of the shared Redis must not count for each other.
  const ownAddress = `2001:db8:${randomBytes(4)
    .toString('hex')
    .replace(/^(.{4})/, '$1:')}::1`;
  const lines: string[] = [];
  const platform = createPlatform({
    environment,
    pool,
    // Passwords are as safe as the real system makes them; suites derive thousands.
    system: { ...realSystem, passwordCost: QUICK, ...options.system },
    write(line) {
      lines.push(line);
      logRecord().line('an app', line);
    },
    fetch: options.fetch ?? nodeFetch,
    ...(options.schedules ? { schedules: options.schedules } : {}),
    ...(options.outbound ? { outbound: options.outbound } : {}),
  });
  const app = createApp(
    (c) => ({ scope: platform.scope, clientIp: c.req.header('x-test-client-ip') ?? ownAddress }),
    options.jobs ?? jobs,
    options.schedules,
  );
  const answer = app.fetch;
  app.fetch = async (request, ...rest) => {
    const body = request.body === null ? '' : await request.clone().text();
    const response = await answer(request, ...rest);
    checkDescribed(app, request, response);
    await recordExchange('an app', { path: new URL(request.url).pathname, headers: request.headers, body }, response);
    return response;
  };

  /** Sends a request with the instance's API key unless told otherwise. */
  async function request(path: string, init: RequestInit & { key?: string | null; json?: unknown } = {}) {
    const { key = options.key ?? demoKeys.acme, json, ...rest } = init;
    const headers = new Headers(rest.headers);
    if (key !== null) headers.set('authorization', `Bearer ${key}`);
    if (json !== undefined) headers.set('content-type', 'application/json');
    return app.request(path, { ...rest, headers, ...(json === undefined ? {} : { body: JSON.stringify(json) }) });
  }

  return {
    app,
    platform,
    /** The log's lines so far. */
    lines,
    request,
    close: () => pool.close(),
  };
}

/** What a cached answer costs: one MGET for the API key's record and all that the route reads, and two limits. */
export const COST_OF_A_HIT = { redis: '1 request, 3 commands', db: '0 queries' };

/** What an answer says it cost, in the form of {@link COST_OF_A_HIT}. */
export function costOf(response: Response): Record<string, string> {
  const header = response.headers.get('server-timing') ?? '';
  return Object.fromEntries(
    [...header.matchAll(/(\w+);dur=[\d.]+;desc="([^"]*)"/g)].map(([, name, text]) => [name, text]),
  );
}
