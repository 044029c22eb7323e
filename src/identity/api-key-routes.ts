/** `/api-keys`: keys for programs. A key is shown once, when the key is created or rotated. */
import { createRoute, z } from '@hono/zod-openapi';
import {
  type Caller,
  createRouter,
  guarded,
  invalidField,
  json,
  jsonBody,
  notFound,
  problems,
  type Scope,
  type TenantScope,
} from '../platform/http/index.ts';
import {
  apiKeyPageQuerySchema,
  apiKeyPageSchema,
  apiKeySchema,
  apiKeyWithSecretSchema,
  keyIdSchema,
  newApiKeySchema,
  toApiKey,
} from './api-key-schema.ts';
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

export const apiKeyRoutes = createRouter();
const tags = ['API keys'];
const access = 'keys:manage';
const params = z.object({ id: keyIdSchema });
const SHOWN_ONCE = { 'cache-control': 'no-store' };

const add = createRoute(
  guarded(
    { access, secretBody: true },
    {
      operationId: 'apiKeys.create',
      method: 'post',
      path: '/api-keys',
      tags,
      summary: 'Create an API key',
      description:
        'The key is shown only in this answer. The key ends when you are disabled or lose one of its rights. A key ' +
        'created with another key ends with that key.',
      request: { body: jsonBody(newApiKeySchema) },
      responses: { 201: json(apiKeyWithSecretSchema, 'The new key'), ...problems(400, 409, 415, 503) },
    },
  ),
);
apiKeyRoutes.openapi(add, async (c) => {
  const { scope, tenant, caller } = c.var;
  const { name, rights, expiresAt } = c.req.valid('json');
  const wanted = { name, rights: [...new Set(rights)], expiresAt: expiresAt === null ? null : new Date(expiresAt) };
  if (wanted.expiresAt && wanted.expiresAt.getTime() <= scope.system.now()) {
    throw invalidField('expiresAt', 'must be in the future');
  }
  const secret = newKeySecret(scope.system);
  const made = await tenant.commit(async (tx) => {
    const grants = await holdGrants(tx.db, tenant.tenant, caller, access, scope.system.now());
    return toApiKey(await createApiKey(tx, grants, makerOf(caller), wanted, secret.hash));
  });
  tell(scope, tenant, caller, 'auth.key_created', [made.id]);
  const headers = { ...SHOWN_ONCE, location: `/api-keys/${made.id}` };
  return c.json({ ...made, key: fullKey(tenant.tenant, made.id, secret) }, 201, headers);
});

const list = createRoute(
  guarded(
    { access },
    {
      operationId: 'apiKeys.list',
      method: 'get',
      path: '/api-keys',
      tags,
      summary: 'List API keys, newest first',
      description: 'Includes revoked and expired keys. Secrets are not shown.',
      request: { query: apiKeyPageQuerySchema },
      responses: { 200: json(apiKeyPageSchema, 'A page of keys'), ...problems(400, 503) },
    },
  ),
);
apiKeyRoutes.openapi(list, async (c) => {
  const { limit, cursor } = c.req.valid('query');
  const { tenant: tenantId, db } = c.var.tenant;
  const rows = await (await db()).apiKey.findMany({
    where: { tenantId },
    orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
    ...(cursor === undefined ? {} : { cursor: { tenantId_id: { tenantId, id: cursor } }, skip: 1 }),
    take: limit + 1,
    select: apiKeyColumns,
  });
  const items = rows.slice(0, limit).map(toApiKey);
  return c.json({ items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null }, 200);
});

const get = createRoute(
  guarded(
    { access },
    {
      operationId: 'apiKeys.get',
      method: 'get',
      path: '/api-keys/{id}',
      tags,
      summary: 'Get an API key',
      request: { params },
      responses: { 200: json(apiKeySchema, 'The key, without its secret'), ...problems(400, 404, 503) },
    },
  ),
);
apiKeyRoutes.openapi(get, async (c) => {
  const { tenant: tenantId, db } = c.var.tenant;
  const row = await (await db()).apiKey.findUnique({
    where: { tenantId_id: { tenantId, id: c.req.valid('param').id } },
    select: apiKeyColumns,
  });
  if (!row) throw notFound('API key');
  return c.json(toApiKey(row), 200);
});

const rotate = createRoute(
  guarded(
    { access, secretBody: true },
    {
      operationId: 'apiKeys.rotate',
      method: 'post',
      path: '/api-keys/{id}/rotate',
      tags,
      summary: 'Rotate the secret of an API key',
      description:
        'The old secret stops working at once. Name, rights and expiry stay; you become the maker of the key. ' +
        'For a change without downtime, create a second key, deploy it, and revoke the first.',
      request: { params },
      responses: { 200: json(apiKeyWithSecretSchema, 'The key with its new secret'), ...problems(400, 404, 409, 503) },
    },
  ),
);
apiKeyRoutes.openapi(rotate, async (c) => {
  const { scope, tenant, caller } = c.var;
  const { id } = c.req.valid('param');
  const secret = newKeySecret(scope.system);
  const rotated = await tenant.commit(
    async (tx) => {
      const grants = await holdGrants(tx.db, tenant.tenant, caller, access, scope.system.now());
      return toApiKey(await rotateApiKey(tx, grants, makerOf(caller), id, secret.hash));
    },
    { whenDown: 'strict' },
  );
  tell(scope, tenant, caller, 'auth.key_rotated', [id]);
  return c.json({ ...rotated, key: fullKey(tenant.tenant, id, secret) }, 200, SHOWN_ONCE);
});

const revoke = createRoute(
  guarded(
    { access },
    {
      operationId: 'apiKeys.revoke',
      method: 'delete',
      path: '/api-keys/{id}',
      tags,
      summary: 'Revoke an API key and every key created with it',
      description: 'Requests with these keys are refused at once.',
      request: { params },
      responses: { 204: { description: 'Revoked' }, ...problems(400, 404, 409, 503) },
    },
  ),
);
apiKeyRoutes.openapi(revoke, async (c) => {
  const { scope, tenant, caller } = c.var;
  const { id } = c.req.valid('param');
  const ended = await tenant.commit(
    async (tx) => {
      const grants = await holdGrants(tx.db, tenant.tenant, caller, access, scope.system.now());
      return revokeApiKey(tx, grants, id);
    },
    // Without the revocation mark, the key could be accepted for as long as its record is cached.
    { whenDown: 'strict' },
  );
  tell(scope, tenant, caller, 'auth.keys_ended', ended);
  return c.body(null, 204);
});

function makerOf({ userId, id }: Caller): Maker {
  return userId === null ? { userId: null, keyId: id } : { userId, keyId: null };
}

function tell({ log }: Scope, { tenant }: TenantScope, { id }: Caller, event: string, keys: readonly string[]): void {
  log.warn(event, { tenant, by: id, keys });
}
