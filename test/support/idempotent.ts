/** Requests with an `Idempotency-Key`, and the stored data about them. */
import type { Instance } from './instance.ts';
import { type OwnTenant, sql } from './tenant.ts';

/** Sends a POST with a key. */
export function post(
  instance: Pick<Instance, 'request'>,
  key: string,
  path: string,
  init: NonNullable<Parameters<Instance['request']>[1]> = {},
): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('idempotency-key', key);
  return Promise.resolve(instance.request(path, { ...init, method: 'POST', headers }));
}

/** The stored answers of a tenant's calls, as Redis has them. */
export async function rememberedInRedis({ platform }: Pick<Instance, 'platform'>, tenant: OwnTenant) {
  const scope = platform.scope();
  try {
    const kept: Record<string, string> = {};
    for (let cursor = '0'; ; ) {
      const [next, names] = await scope.redis.scan(cursor, { match: `hf:${tenant.id}:on:*`, count: 1000 });
      for (const name of names) kept[name] = String(await scope.redis.get(name));
      cursor = next;
      if (cursor === '0') return kept;
    }
  } finally {
    await scope.end();
  }
}

/** The stored commits of a tenant's calls, as PostgreSQL has them. */
export function rememberedInPostgres(connectionString: string, tenant: OwnTenant) {
  return sql<{ caller: string; key: string; step: number; outcome: string; committed_at: Date }>(
    connectionString,
    'SELECT * FROM idempotent_commits WHERE tenant_id = $1 ORDER BY committed_at, step',
    [tenant.id],
  );
}
