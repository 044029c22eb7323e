/** Stored answers for repeated requests are unreadable in the database and Redis, and a secret is not stored at all. */
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { post, rememberedInPostgres, rememberedInRedis } from '../../support/idempotent.ts';
import { createInstance, type Instance } from '../../support/instance.ts';
import { createTenant, type OwnTenant, sql } from '../../support/tenant.ts';

const { url: database } = inject('cloud').postgres;
let tenant: OwnTenant;
let app: Instance;
beforeEach(async () => {
  tenant = await createTenant(database);
  app = await createInstance({ tenant });
});
afterEach(() => app.close());

/** All stored data of calls. */
async function kept(): Promise<string> {
  return JSON.stringify([await rememberedInRedis(app, tenant), await rememberedInPostgres(database, tenant)]);
}

const webhooks = () => sql<{ id: string }>(database, 'SELECT id FROM webhooks WHERE tenant_id = $1', [tenant.id]);
const addWebhook = (key: string) =>
  post(app, key, '/webhooks', { json: { url: 'https://hooks.example.com/crm', events: ['*'] } });

describe('1/S1 the stored data of a call', () => {
  test('is unreadable: the answer, a commit’s result, and the key of the caller', async () => {
    const answer = await post(app, 'order-of-ada', '/contacts', { json: { name: 'Ada Lovelace' } });
    expect(answer.status).toBe(201);
    const { id } = (await answer.json()) as { id: string };
    const all = await kept();
    for (const text of ['Lovelace', id, 'order-of-ada']) expect(all).not.toContain(text);
    // The answer is stored nevertheless, sealed.
    expect(Object.values(await rememberedInRedis(app, tenant))).toEqual([expect.stringMatching(/^d \S+ s1\./)]);
    expect(await rememberedInPostgres(database, tenant)).toMatchObject([{ outcome: expect.stringMatching(/^s1\./) }]);
    const again = await post(app, 'order-of-ada', '/contacts', { json: { name: 'Ada Lovelace' } });
    expect(await again.json()).toMatchObject({ id, name: 'Ada Lovelace' });
  });

  test('does not have the secret of a webhook, and a repeat gets the address of the webhook', async () => {
    const first = await addWebhook('hook-1');
    const { id, secret } = (await first.json()) as { id: string; secret: string };
    expect([first.status, secret]).toEqual([201, expect.stringMatching(/^whsec_/)]);
    const again = await addWebhook('hook-1');
    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({ code: 'ANSWER_NOT_REPEATED', location: `/webhooks/${id}` });
    expect(again.headers.get('location')).toBeNull();
    expect(await webhooks()).toEqual([{ id }]);
    expect(await kept()).not.toContain(secret);
  });

  test('does not give the secret after a lost COMMIT answer either: the repeat gets the webhook’s address', async () => {
    app.postgres.commitFault = 'cut-after';
    expect((await addWebhook('hook-2')).status).toBe(503);
    const [webhook] = await webhooks();
    for (const _ of [1, 2]) {
      const again = await addWebhook('hook-2');
      const text = await again.text();
      expect(again.status).toBe(409);
      expect(JSON.parse(text)).toMatchObject({ code: 'ANSWER_NOT_REPEATED', location: `/webhooks/${webhook?.id}` });
      expect(text).not.toContain('whsec_');
    }
    expect(await webhooks()).toHaveLength(1);
  });

  test('includes the refusal of a route with a secret, like any other refusal', async () => {
    const refused = () => post(app, 'hook-3', '/webhooks', { json: { url: 'no address', events: ['*'] } });
    const [first, again] = [await refused(), await refused()];
    expect([first.status, again.status]).toEqual([400, 400]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  test('is not given if the answer was sealed for another key', async () => {
    const add = (key: string) => post(app, key, '/companies', { json: { name: 'Kelp' } });
    await add('sealed-1');
    const [one = ''] = Object.keys(await rememberedInRedis(app, tenant));
    await add('sealed-2');
    const both = Object.entries(await rememberedInRedis(app, tenant));
    const [name = '', value = ''] = both.find(([each]) => each !== one) ?? [];
    const scope = app.platform.scope();
    await scope.redis.set(one, value);
    await scope.end();
    expect(name).not.toBe(one);
    expect(await (await add('sealed-1')).json()).toMatchObject({ code: 'ANSWER_NOT_REPEATED' });
    expect((await add('sealed-2')).status).toBe(201);
  });
});
