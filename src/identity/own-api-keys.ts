/**
 * The API keys of the caller's tenant: reads, and the writes of `api-keys.ts` under the lock of `grants.ts`. Each write
 * is logged with its caller and the ids of its keys, and adds an entry to the audit trail.
 */
import type { z } from '@hono/zod-openapi';
import { type Caller, invalidField, type TenantScope } from '../platform/http/index.ts';
import type { Page, PageArgs, Services } from '../platform/rest/index.ts';
import { type ApiKey, type newApiKeySchema, toApiKey } from './api-key-schema.ts';
import {
  apiKeyColumns,
  createApiKey,
  fullKey,
  type Maker,
  newKeySecret,
  revokeApiKey,
  rotateApiKey,
} from './api-keys.ts';
import { holdGrants } from './grants.ts';

/** The right that the routes of API keys require. */
export const MANAGE_KEYS = 'keys:manage';

/** A key with the text that its holder presents. */
type ShownKey = ApiKey & { key: string };

/**
 * Creates a key.
 * @throws {ProblemError} 400 for a time of expiry in the past, and the errors of {@link createApiKey}.
 */
export async function createKey(
  services: Services,
  { name, rights, expiresAt }: z.output<typeof newApiKeySchema>,
): Promise<ShownKey> {
  const { scope, tenant, caller } = services;
  const wanted = { name, rights: [...new Set(rights)], expiresAt: expiresAt === null ? null : new Date(expiresAt) };
  if (wanted.expiresAt && wanted.expiresAt.getTime() <= scope.system.now()) {
    throw invalidField('expiresAt', 'must be in the future');
  }
  const secret = newKeySecret(scope.system);
  const created = await tenant.commit(async (tx) => {
    const grants = await holdGrants(tx, caller, MANAGE_KEYS);
    const key = toApiKey(await createApiKey(tx, grants, makerOf(caller), wanted, secret.hash));
    const data = { rights: key.rights, expiresAt: key.expiresAt };
    await tx.audit({ action: 'api-key.created', entity: { type: 'api-key', id: key.id }, data });
    return key;
  });
  logWrite(services, 'auth.key_created', [created.id]);
  return { ...created, key: fullKey(tenant.tenant, created.id, secret) };
}

/**
 * Gives a key a new secret.
 * @throws the errors of {@link rotateApiKey}.
 */
export async function rotateKey(services: Services, id: string): Promise<ShownKey> {
  const { scope, tenant, caller } = services;
  const secret = newKeySecret(scope.system);
  const rotated = await tenant.commit(
    async (tx) => {
      const grants = await holdGrants(tx, caller, MANAGE_KEYS);
      const key = toApiKey(await rotateApiKey(tx, grants, makerOf(caller), id, secret.hash));
      await tx.audit({ action: 'api-key.rotated', entity: { type: 'api-key', id } });
      return key;
    },
    { whenDown: 'strict' },
  );
  logWrite(services, 'auth.key_rotated', [id]);
  return { ...rotated, key: fullKey(tenant.tenant, id, secret) };
}

/**
 * Revokes a key and every key created with it.
 * @throws the errors of {@link revokeApiKey}.
 */
export async function revokeKey(services: Services, id: string): Promise<void> {
  const { tenant, caller } = services;
  const ended = await tenant.commit(
    async (tx) => {
      const keys = await revokeApiKey(tx, await holdGrants(tx, caller, MANAGE_KEYS), id);
      await tx.audit({ action: 'api-key.revoked', entity: { type: 'api-key', id }, data: { keys } });
      return keys;
    },
    // If Redis does not accept the marks, this write is refused: otherwise the cached record of the revoked key would
    // still be accepted.
    { whenDown: 'strict' },
  );
  logWrite(services, 'auth.keys_ended', ended);
}

/** Lists a page of the keys, including revoked and expired keys, newest first. */
export async function listKeys({ tenant: tenantId, db }: TenantScope, page: PageArgs): Promise<Page<ApiKey>> {
  const { limit, cursor } = page;
  const rows = await (await db()).apiKey.findMany({
    where: { tenantId },
    orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
    ...(cursor === undefined ? {} : { cursor: { tenantId_id: { tenantId, id: cursor } }, skip: 1 }),
    take: limit + 1,
    select: apiKeyColumns,
  });
  const items = rows.slice(0, limit).map(toApiKey);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** Finds a key. Returns `null` if the key does not exist. */
export async function findKey({ tenant: tenantId, db }: TenantScope, id: string): Promise<ApiKey | null> {
  const where = { tenantId_id: { tenantId, id } };
  const row = await (await db()).apiKey.findUnique({ where, select: apiKeyColumns });
  return row && toApiKey(row);
}

function makerOf({ userId, id }: Caller): Maker {
  return userId === null ? { userId: null, keyId: id } : { userId, keyId: null };
}

function logWrite({ scope, tenant, caller }: Services, event: string, keys: readonly string[]): void {
  scope.log.warn(event, { tenant: tenant.tenant, by: caller.id, keys });
}
