/** Audited downloads, pages that tell the ids they show, and answers that are dropped because their entry failed. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { userPage } from '../../../src/crm/users/queries.ts';
import { userPageQuerySchema, userPageSchema } from '../../../src/crm/users/schema.ts';
import { drainReads } from '../../../src/platform/audit/index.ts';
import { answerError, createRouter, requestScope } from '../../../src/platform/http/index.ts';
import { view } from '../../../src/platform/rest/index.ts';
import { createInstance, type Instance } from '../../support/instance.ts';
import { createTenant, type OwnTenant, sql } from '../../support/tenant.ts';

const database = inject('cloud').postgres.url;
let tenant: OwnTenant;
let instance: Instance;
let strict: Instance;
beforeAll(async () => {
  tenant = await createTenant(database);
  instance = await createInstance({ tenant });
  strict = await createInstance({ tenant, environment: { AUDIT_READS: 'strict' } });
});
afterAll(() => Promise.all([instance.close(), strict.close()]));

/** Adds a finished export with one part. */
async function addExport(id: string): Promise<void> {
  await sql(
    database,
    `INSERT INTO exports (tenant_id, id, status, filter, created_at, expires_at)
     VALUES ($1, $2, 'done', '{}', now(), now() + interval '1 day')`,
    [tenant.id, id],
  );
  await sql(database, `INSERT INTO export_chunks VALUES ($1, $2, 0, 'secret row')`, [tenant.id, id]);
}

async function entries(action: string): Promise<{ outcome: string; entity_id: string | null; data: object }[]> {
  const scope = instance.platform.scope();
  await drainReads(scope, tenant.id);
  await scope.end();
  return sql(
    database,
    'SELECT outcome, entity_id, data FROM audit_entries WHERE tenant_id = $1 AND action = $2 ORDER BY id',
    [tenant.id, action],
  );
}

describe('the download of an export', () => {
  test('has an entry; without the entry no part of the file is sent', async () => {
    await addExport('export_1');
    const answer = await instance.request('/exports/export_1/file');
    expect([answer.status, await answer.text()]).toEqual([200, 'secret row']);
    const downloads = (await entries('export.downloaded')).filter(({ entity_id: id }) => id === 'export_1');
    expect(downloads).toEqual([{ outcome: 'ok', entity_id: 'export_1', data: {} }]);
    instance.redis.faults.log = 'answer-lost';
    const refused = await instance.request('/exports/export_1/file');
    delete instance.redis.faults.log;
    expect(await refused.json()).toMatchObject({ status: 503, code: 'READ_NOT_LOGGED' });
  });

  test('is dropped if the database refuses the entry of a strict read, also after the answer was made', async () => {
    await addExport('export_2');
    strict.postgres.cutsBefore = (text) => text.includes('INSERT INTO audit_entries');
    for (const path of ['/exports/export_2/file', `/users/${tenant.userId}`]) {
      const refused = await strict.request(path);
      expect(['etag', 'content-disposition', 'retry-after'].map((name) => refused.headers.get(name))).toEqual([
        ...[null, null, '2'],
      ]);
      const text = await refused.text();
      expect(JSON.parse(text)).toMatchObject({ status: 503, code: 'READ_NOT_LOGGED' });
      expect(text).not.toContain('secret row');
      expect(text).not.toContain('Owner');
    }
    strict.postgres.cutsBefore = undefined;
    expect(await (await strict.request('/exports/export_2/file')).text()).toBe('secret row');
  });
});

describe('a page with `shown`', () => {
  const page = (given: Instance) => {
    const router = createRouter();
    router.use(requestScope(() => ({ scope: given.platform.scope })));
    router.onError(answerError);
    view(router, {
      id: 'pages.list',
      path: '/pages',
      tag: 'Users',
      summary: 'List users',
      access: 'crm:read',
      search: userPageQuerySchema,
      answer: userPageSchema,
      audited: { action: 'users.listed', entity: 'user', shown: ({ items }) => items.map(({ id }) => id) },
      query: userPage,
      args: (input) => input,
    });
    const headers = { authorization: `Bearer ${tenant.keys.readOnly}` };
    return () => router.request('/pages', { headers });
  };

  test('has one entry with the ids of the rows, and is not shown without it', async () => {
    const ask = page(instance);
    const answer = await ask();
    expect([answer.status, ((await answer.json()) as { items: object[] }).items.length]).toEqual([200, 1]);
    expect(await entries('users.listed')).toEqual([
      { outcome: 'ok', entity_id: null, data: { shown: [tenant.userId] } },
    ]);
    for (const fault of ['unreachable', 'answer-lost'] as const) {
      instance.redis.faults.log = fault;
      const refused = await ask();
      delete instance.redis.faults.log;
      expect(refused.headers.get('etag')).toBeNull();
      const text = await refused.text();
      expect(JSON.parse(text)).toMatchObject({ status: 503, code: 'READ_NOT_LOGGED' });
      expect(text).not.toContain(tenant.userId);
    }
  });
});
