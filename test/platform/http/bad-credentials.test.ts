/** Every route without credentials, with those of another tenant, and with ended ones. */
import { describe, expect, inject, test } from 'vitest';
import { apiKeyTag } from '../../../src/identity/index.ts';
import { createInstance } from '../../support/instance.ts';
import { addKey, secretOf, sql } from '../../support/tenant.ts';
import { collections, describedOperations } from './described-api.ts';
import { problemOf } from './problem.ts';
import { twoTenants } from './two-tenants.ts';

// Each test makes many requests, and the machine may be slow.

const { both, guarded, pathOf, send } = twoTenants();

describe('credentials', () => {
  const secret = 'x'.repeat(48);

  async function expectRefused(headers: Record<string, string>, what: string, status = 401): Promise<void> {
    for (const operation of guarded()) {
      const response = await send(operation, pathOf(operation), undefined, { key: null, headers });
      const problem = await problemOf(response, `${operation.name} ${what}`);
      expect(problem.status, `${operation.name} ${what}`).toBe(status);
      if (status === 401) expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
  }

  test('every route needs them except health, documentation, public keys and the routes for signing in', async () => {
    const all = await describedOperations(both().app);
    const open = all.filter((operation) => !operation.guarded).map(({ name }) => name);
    expect(open.sort()).toEqual([
      'GET /.well-known/holdfast-audit-keys.json',
      'GET /health',
      'GET /health/ready',
      'POST /auth/code',
      'POST /auth/factor',
      'POST /auth/factor/options',
      'POST /auth/invitations/accept',
      'POST /auth/refresh',
      'POST /auth/revoke',
      'POST /auth/sign-in',
      'POST /auth/sign-up',
      'POST /auth/verify',
    ]);
    await expectRefused({}, 'none');
  });

  test('malformed', async () => {
    const { tenant } = both();
    const right = tenant.keys.all;
    const [, , keyId = ''] = right.split('_');
    const keys = [
      '',
      'Bearer',
      'Bearer ',
      right,
      `Basic ${right}`,
      `Token ${right}`,
      `Bearer ${right} x`,
      `Bearer ${right},Bearer ${right}`,
      `Bearer "${right}"`,
      `Bearer ${right.slice(0, -1)}`,
      `Bearer ${right}x`,
      `Bearer ${right.toUpperCase()}`,
      'Bearer hf_',
      `Bearer hf__${keyId}_${secret}`,
      `Bearer hf_${tenant.id}:x_${keyId}_${secret}`,
      `Bearer hf_${'t'.repeat(41)}_${keyId}_${secret}`,
      `Bearer hf_${tenant.id}_*_${secret}`,
      `Bearer hf_${tenant.id}_${keyId}_`,
      `Bearer hf_${tenant.id}_${keyId}_${'x'.repeat(65)}`,
      `Bearer hf___proto___${keyId}_${secret}`,
      `Bearer ${'x'.repeat(8_000)}`,
    ];
    for (const authorization of keys) await expectRefused({ authorization }, authorization.slice(0, 30));
  });

  test('unknown, with a wrong secret, revoked, expired, or of another tenant', async () => {
    const { other, tenant } = both();
    const [, , keyId = ''] = tenant.keys.all.split('_');
    const [, , theirId = ''] = other.keys.all.split('_');
    const keys = {
      'unknown key': `hf_${tenant.id}_abcdefghijkl_${secret}`,
      'unknown tenant': `hf_nobody_${keyId}_${secretOf(tenant.keys.all)}`,
      'wrong secret': `hf_${tenant.id}_${keyId}_${secret}`,
      'another key’s secret': `hf_${tenant.id}_${keyId}_${secretOf(tenant.keys.readOnly)}`,
      revoked: tenant.keys.revoked,
      expired: tenant.keys.expired,
      'another tenant’s key in our name': `hf_${tenant.id}_${theirId}_${secretOf(other.keys.all)}`,
      'our key in another tenant’s name': `hf_${other.id}_${keyId}_${secretOf(tenant.keys.all)}`,
    };
    for (const [what, key] of Object.entries(keys)) {
      // Twice: the second time the key's record comes from the cache.
      await expectRefused({ authorization: `Bearer ${key}` }, what);
      await expectRefused({ authorization: `Bearer ${key}` }, what);
    }
  });

  test('a read-only key: reading is allowed, writing is not', async () => {
    const { operations, tenant } = both();
    for (const operation of guarded()) {
      const response = await send(operation, pathOf(operation), undefined, { key: tenant.keys.readOnly });
      // API keys and webhooks are rows too, but only administrators see them.
      const rows = collections(operations).filter(({ path }) => !['/api-keys', '/webhooks'].includes(path));
      const isRow = rows.some(({ path }) => [path, `${path}/{id}`].includes(operation.path));
      // Callers with read rights may change rows of their own; API keys have none.
      const refusal = /^\/(notifications|me)\//.test(operation.path) ? 404 : 403;
      if (operation.method !== 'GET') expect((await problemOf(response, operation.name)).status).toBe(refusal);
      // Without topics, `GET /feeds` and `GET /feeds/presence` are not valid, and without words `GET /search`.
      else
        expect(
          isRow ? [200] : [200, 403, 404, ...(/^\/(feeds|search)/.test(operation.path) ? [400] : [])],
          operation.name,
        ).toContain(response.status);
    }
  });

  test('every operation of the care area needs them, and a key with all other rights opens none', async () => {
    const { care } = both();
    expect(care.length).toBeGreaterThanOrEqual(40);
    expect(care.filter((operation) => !operation.guarded)).toEqual([]);
    for (const operation of care) {
      const statuses: number[] = [];
      for (const init of [{ key: null }, {}]) {
        statuses.push((await send(operation, pathOf(operation), undefined, init)).status);
      }
      expect([operation.name, ...statuses]).toEqual([operation.name, 401, 403]);
    }
  });

  test('a key expires while its record is cached', async () => {
    const { tenant } = both();
    const minute = 60_000;
    const database = inject('cloud').postgres.url;
    const key = await addKey(database, tenant.id, { rights: ['*'], expiresAt: new Date(Date.now() + minute) });
    const instance = await createInstance({ tenant });
    expect((await instance.request('/deals', { key })).status).toBe(200);
    const [, , keyId = ''] = key.split('_');
    await sql(database, 'UPDATE api_keys SET expires_at = NULL WHERE id = $1', [keyId]);
    // The record is in the cache: the row in the database has no expiry.
    instance.clock.ahead += minute;
    expect((await instance.request('/deals', { key })).status).toBe(401);
    await instance.close();
  });

  test('a key is revoked while its record is cached: every instance refuses it from the invalidation on', async () => {
    const { app, tenant } = both();
    const database = inject('cloud').postgres.url;
    const key = await addKey(database, tenant.id, { rights: ['*'] });
    const [, , keyId = ''] = key.split('_');
    const second = await createInstance({ tenant });
    for (const instance of [app, second]) expect((await instance.request('/deals', { key })).status).toBe(200);
    await sql(database, 'UPDATE api_keys SET revoked_at = now() WHERE id = $1', [keyId]);
    const scope = app.platform.scope();
    await scope.tenant(tenant.id).cache.invalidate(apiKeyTag(keyId));
    await scope.end();
    for (const instance of [app, second]) expect((await instance.request('/deals', { key })).status).toBe(401);
    await second.close();
  });
});
