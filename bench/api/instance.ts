/** Runs an instance of the app in this process, with or without its cache, and measures the costs of requests. */
import { appVariables } from '../../dev/cloud/app-environment.ts';
import '../../dev/build/jsx.ts';
import { readEnvironment } from '../../src/app/env.ts';
import { createPlatform } from '../../src/app/platform.ts';
import { openDatabasePool } from '../../src/platform/db/index.ts';
import { createNodeFetch } from '../../src/platform/keep-alive-fetch.ts';
import type { CloudAddresses } from '../servers/cloud.ts';
import { withoutCache } from './bypass.ts';
import { demoKey, demoTenant } from './world.ts';

const { createApp } = await import('../../src/app/app.ts');

/** A response and its costs. */
export interface Answer {
  status: number;
  ms: number;
  /** `HIT`, `STALE`, `MISS` or `BYPASS`. */
  cache: string;
  queries: number;
  /** Milliseconds waited for these queries. If queries run in parallel, the time of each is added in full. */
  databaseMs: number;
  redisRequests: number;
}

/** A running instance. */
export interface AppInstance {
  get(path: string): Promise<Answer>;
  post(path: string, body: Record<string, unknown>): Promise<Answer>;
  patch(path: string, body: Record<string, unknown>): Promise<Answer>;
  /** Returns the routes that support a method, in the form of the OpenAPI document. */
  routes(method: 'get' | 'patch'): Promise<Set<string>>;
  /** Empties the tenant's cache. */
  clear(): Promise<void>;
  /** Signs in. Later requests have the cookie of the session instead of the API key. */
  signIn(email: string, password: string): Promise<void>;
  close(): Promise<void>;
}

/** The choices of {@link openInstance}. */
export interface InstanceOptions {
  cached: boolean;
  /** The Redis; default the Redis of the cloud. */
  rest?: CloudAddresses['redisRest'];
}

/** Starts an instance, with the Redis of the cloud or of `rest`. */
export function openInstance(cloud: CloudAddresses, { cached, rest = cloud.redisRest }: InstanceOptions): AppInstance {
  const environment = readEnvironment({
    ...appVariables(cloud, 'http://app.test'),
    UPSTASH_REDIS_REST_URL: rest.url,
    UPSTASH_REDIS_REST_TOKEN: rest.token,
    API_RATE_PER_CALLER: '100000000',
    API_RATE_PER_ADDRESS: '100000000',
    DATABASE_URL: cloud.postgres.url,
    LOG_LEVEL: 'error',
  });
  const pool = openDatabasePool({ connectionString: environment.DATABASE_URL });
  // The app is built as in a Lambda, but writes no log.
  const platform = createPlatform({ environment, pool, fetch: createNodeFetch(), write: () => {} });
  const app = createApp(() => (cached ? platform : withoutCache(platform)));
  let credentials: Record<string, string> = { authorization: `Bearer ${demoKey}` };

  async function send(path: string, method: string, body?: Record<string, unknown>): Promise<Response> {
    const type = body && { 'content-type': 'application/json' };
    return app.request(path, {
      method,
      headers: { ...credentials, ...type },
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  async function request(path: string, method: string, body?: Record<string, unknown>): Promise<Answer> {
    const started = performance.now();
    const response = await send(path, method, body);
    await response.arrayBuffer();
    const ms = performance.now() - started;
    const timing = response.headers.get('server-timing') ?? '';
    return {
      status: response.status,
      ms,
      cache: response.headers.get('x-cache') ?? 'BYPASS',
      queries: Number(/(\d+) quer/.exec(timing)?.[1] ?? 0),
      databaseMs: Number(/db;dur=([\d.]+)/.exec(timing)?.[1] ?? 0),
      redisRequests: Number(/(\d+) request/.exec(timing)?.[1] ?? 0),
    };
  }

  return {
    get: (path) => request(path, 'GET'),
    post: (path, body) => request(path, 'POST', body),
    patch: (path, body) => request(path, 'PATCH', body),
    async routes(method) {
      const response = await app.request('/openapi.json');
      const { paths } = (await response.json()) as { paths: Record<string, Record<string, unknown>> };
      return new Set(Object.keys(paths).filter((path) => paths[path]?.[method]));
    },
    async clear() {
      const scope = platform.scope();
      await scope.tenant(demoTenant).cache.forgetMatching('*');
      await scope.end();
    },
    async signIn(email, password) {
      const response = await send('/auth/sign-in', 'POST', { email, password });
      if (!response.ok) throw new Error(`The sign-in got ${response.status}: ${await response.text()}`);
      const cookies = response.headers.getSetCookie().map((line) => line.split(';')[0]);
      credentials = { cookie: cookies.join('; '), 'sec-fetch-site': 'same-origin' };
    },
    close: () => pool.close(),
  };
}
