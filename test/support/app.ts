/** The whole app in Node on the local cloud, like a Lambda instance: with its own memory. */
import { inject } from 'vitest';
import { appVariables } from '../../dev/cloud/app-environment.ts';
import { demoKeys } from '../../prisma/demo.ts';
import { createApp } from '../../src/app/app.ts';
import { jobs } from '../../src/app/background.ts';
import { readEnvironment } from '../../src/app/env.ts';
import { createPlatform, type PlatformOptions } from '../../src/app/platform.ts';
import type { Alert } from '../../src/platform/alerts/index.ts';
import { openDatabasePool } from '../../src/platform/db/index.ts';
import type { JobRegistry, ScheduleRegistry } from '../../src/platform/jobs/index.ts';
import { realSystem, type System } from '../../src/platform/system.ts';
import { newClientAddress } from './client-address.ts';
import { checkDescribed } from './described-statuses.ts';
import type { AppCloud } from './local-cloud.ts';
import { logRecord } from './log-record.ts';
import { nodeFetch } from './node-fetch.ts';
import { QUICK } from './password-cost.ts';
import { recordExchange } from './recorded-http.ts';

export { demoKeys };

/** The transport of the Lambdas. All instances share one, because suites create hundreds of them. */

/** The app's address for callers. No server listens there. */
export const APP_URL = 'http://app.test';

export interface TestAppOptions extends Partial<Pick<PlatformOptions, 'fetch' | 'outbound'>> {
  /** The cloud of the app. Default: the local cloud of the run. */
  cloud?: AppCloud;
  /** Overrides of the environment, e.g. another Redis. */
  environment?: Record<string, string>;
  system?: Partial<System>;
  /** The schedules. Default: the platform's own. */
  schedules?: ScheduleRegistry;
  /** The alerts that `/alerts` lists. Default: all of the app's. */
  alerts?: readonly Alert[];
  /** The registered jobs. Default: all of the app's. */
  jobs?: JobRegistry;
  /** The API key of requests. Default: acme's demo key, for suites that only read. */
  key?: string;
}

/** One instance of the app. Several over one cloud act as the instances of a deployment. */
export function createTestApp(options: TestAppOptions = {}) {
  const cloud = options.cloud ?? inject('cloud');
  const environment = readEnvironment({
    ...appVariables(cloud, APP_URL),
    // Suites send more requests a minute than a real caller; the suites of limits set their own rates.
    API_RATE_PER_CALLER: '1000000',
    API_RATE_PER_ADDRESS: '1000000',
    // Costs are asserted exactly, and statistics would now and then add commands.
    COUNTERS_FLUSH_MS: String(Number.MAX_SAFE_INTEGER),
    // Suites drain the outbox explicitly.
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
  const ownAddress = newClientAddress();
  const lines: string[] = [];
  const platform = createPlatform({
    environment,
    pool,
    // Suites derive thousands of hashes, so the cost is low.
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
    undefined,
    options.alerts,
  );
  const answer = app.fetch;
  app.fetch = async (request, ...rest) => {
    const body = request.body === null ? '' : await request.clone().text();
    const response = await answer(request, ...rest);
    checkDescribed(app, request, response);
    await recordExchange('an app', { path: new URL(request.url).pathname, headers: request.headers, body }, response);
    return response;
  };

  /** Sends a request, by default with the instance's API key. */
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

/** The cost of a cached answer: one MGET for the API key's record and the route's entries, and two limits. */
export const COST_OF_A_HIT = { redis: '1 request, 3 commands', db: '0 queries' };

/** The cost that an answer reports, in the form of {@link COST_OF_A_HIT}. */
export function costOf(response: Response): Record<string, string> {
  const header = response.headers.get('server-timing') ?? '';
  return Object.fromEntries(
    [...header.matchAll(/(\w+);dur=[\d.]+;desc="([^"]*)"/g)].map(([, name, text]) => [name, text]),
  );
}
