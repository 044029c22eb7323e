/**
 * Instances of the app for one tenant. Each has faulty transports to Redis and Postgres, a memory and a clock. Suites
 * compare answers with `truth`, an instance that never reaches Redis and therefore reads Postgres.
 */
import { expect, inject } from 'vitest';
import type { ScheduleRegistry } from '../../src/platform/jobs/index.ts';
import { createTestApp } from './app.ts';
import { startFaultyPostgres } from './faulty-postgres.ts';
import { faultyRedis } from './faulty-redis.ts';
import { type OwnTenant, secretOf } from './tenant.ts';

export interface InstanceOptions {
  tenant: OwnTenant;
  /** Connection string of the database. Default: the one all suites share. */
  database?: string;
  /** Overrides of the environment. */
  environment?: Record<string, string>;
  /** The schedules. Default: the platform's own, none of which can be run by name. */
  schedules?: ScheduleRegistry;
}

export type Instance = Awaited<ReturnType<typeof createInstance>>;

/** Creates an instance. Its clock is the real clock plus `clock.ahead` ms. */
export async function createInstance({ tenant, database, environment = {}, schedules }: InstanceOptions) {
  const redis = faultyRedis();
  const postgres = await startFaultyPostgres(database ?? inject('cloud').postgres.url);
  const clock = { ahead: 0 };
  const test = createTestApp({
    fetch: redis.fetch,
    environment: { DATABASE_URL: postgres.url, ...environment },
    system: { now: () => Date.now() + clock.ahead },
    ...(schedules ? { schedules } : {}),
  });
  return {
    redis,
    postgres,
    clock,
    lines: test.lines,
    platform: test.platform,
    request: (path: string, init: Parameters<typeof test.request>[1] = {}) =>
      test.request(path, { key: tenant.keys.all, ...init }),
    async close() {
      await test.close();
      await postgres.close();
      expectNoSecrets(test.lines, tenant);
    },
  };
}

/** An instance whose answers come from Postgres, and whose audited reads are recorded there. */
export async function createTruth(options: InstanceOptions): Promise<Instance> {
  const instance = await createInstance({
    ...options,
    environment: { AUDIT_READS: 'strict', ...options.environment },
  });
  for (const step of ['lookup', 'acquire'] as const) instance.redis.faults[step] = 'unreachable';
  return instance;
}

/** Sends JSON, expects success, and returns the answer. */
export async function write<Answer = { id: string }>(
  instance: Pick<Instance, 'request'>,
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  json?: unknown,
): Promise<Answer> {
  const response = await instance.request(path, { method, ...(json === undefined ? {} : { json }) });
  const text = await response.text();
  expect(response.status, text).toBeLessThan(300);
  return (text === '' ? undefined : JSON.parse(text)) as Answer;
}

/** Checks that no log line has the secret of a key. */
export function expectNoSecrets(lines: readonly string[], ...tenants: OwnTenant[]): void {
  const log = lines.join('\n');
  for (const key of tenants.flatMap(({ keys }) => Object.values(keys))) expect(log).not.toContain(secretOf(key));
}
