/** The whole app in Node, against the local cloud: what a Lambda instance is, with its own memory. */
import { inject } from 'vitest';
import { appVariables } from '../../dev/app-environment.ts';
import { demoKeys } from '../../prisma/demo.ts';
import { createApp } from '../../src/app.ts';
import { openDatabasePool } from '../../src/db/index.ts';
import { readEnvironment } from '../../src/env.ts';
import type { JobRegistry } from '../../src/jobs/index.ts';
import { createPlatform, type PlatformOptions } from '../../src/platform.ts';
import { realSystem, type System } from '../../src/system.ts';

export { demoKeys };

/** Where callers think the app is. Nothing listens there. */
export const APP_URL = 'http://app.test';

export interface TestAppOptions extends Partial<Pick<PlatformOptions, 'fetch'>> {
  /** Overrides of the environment, e.g. another Redis. */
  environment?: Record<string, string>;
  system?: Partial<System>;
  /** The jobs it knows. Default: none. */
  jobs?: JobRegistry;
  /** The API key of its requests. Default: acme's demo key, for suites that only read. */
  key?: string;
}

/** One instance of the app. Several over the same cloud play several instances. */
export function createTestApp(options: TestAppOptions = {}) {
  const cloud = inject('cloud');
  const environment = readEnvironment({
    ...appVariables(cloud, APP_URL),
    REDIS_TIMEOUT_MS: '5000',
    // Costs are asserted exactly; statistics would travel along now and then.
    CACHE_STATISTICS_MS: '3600000',
    DATABASE_URL: cloud.postgres.url,
    ...options.environment,
  });
  const pool = openDatabasePool({ connectionString: environment.DATABASE_URL });
  const lines: string[] = [];
  const platform = createPlatform({
    environment,
    pool,
    system: { ...realSystem, ...options.system },
    write: (line) => lines.push(line),
    ...(options.fetch ? { fetch: options.fetch } : {}),
  });
  const app = createApp(() => platform, options.jobs);

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

/** What a cached answer costs a caller with an API key: one MGET for the key's record and for all the route reads. */
export const COST_OF_A_HIT = { redis: '1 request, 1 command', db: '0 queries' };

/** What an answer says it cost, in the form of {@link COST_OF_A_HIT}. */
export function costOf(response: Response): Record<string, string> {
  const header = response.headers.get('server-timing') ?? '';
  return Object.fromEntries(
    [...header.matchAll(/(\w+);dur=[\d.]+;desc="([^"]*)"/g)].map(([, name, text]) => [name, text]),
  );
}
