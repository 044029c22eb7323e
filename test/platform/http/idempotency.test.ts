/** `Idempotency-Key`: a repeated POST is answered again, but runs once. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { LOCAL_SECRETS } from '../../../dev/cloud/secrets.ts';
import { fingerprintsOf } from '../../../src/platform/locks/index.ts';
import { costOf } from '../../support/app.ts';
import { rememberedInRedis } from '../../support/idempotent.ts';
import { createInstance, type Instance } from '../../support/instance.ts';
import { addKey, createTenant, type OwnTenant, sql } from '../../support/tenant.ts';
import { describedOperations } from './described-api.ts';

let tenant: OwnTenant;
let one: Instance;
let two: Instance;
beforeAll(async () => {
  tenant = await createTenant(inject('cloud').postgres.url);
  [one, two] = await Promise.all([createInstance({ tenant }), createInstance({ tenant })]);
  await Promise.all([one, two].map((each) => each.request('/deals')));
});
afterAll(() => Promise.all([one.close(), two.close()]));

function post(instance: Instance, key: string, json: unknown, path = '/deals') {
  return instance.request(path, { method: 'POST', json, headers: { 'idempotency-key': key } });
}

async function titles(): Promise<string[]> {
  const { items } = (await (await one.request('/deals?limit=100')).json()) as { items: { title: string }[] };
  return items.map(({ title }) => title);
}

test('a repeated request gets the first answer on any instance, and runs once', async () => {
  const first = await post(one, 'a-1', { title: 'Once', value: 1 });
  const again = await post(two, 'a-1', { title: 'Once', value: 1 });
  expect([first.status, again.status]).toEqual([201, 201]);
  expect(await again.json()).toEqual(await first.json());
  expect(again.headers.get('location')).toBe(first.headers.get('location'));
  expect([first, again].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
  expect((await titles()).filter((title) => title === 'Once')).toHaveLength(1);
  // One request of the gate, and one for the stored answer.
  expect(costOf(again)).toMatchObject({ redis: expect.stringMatching(/^2 requests/), db: '0 queries' });
});

test('another body or path under the same key is refused', async () => {
  await post(one, 'b-1', { title: 'First', value: 1 });
  for (const response of [
    await post(two, 'b-1', { title: 'Second', value: 1 }),
    await post(two, 'b-1', { name: 'First' }, '/companies'),
  ]) {
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
      errors: [{ field: 'idempotency-key' }],
    });
  }
  expect(await titles()).not.toContain('Second');
});

test('a refusal is stored as an answer too', async () => {
  const first = await post(one, 'c-1', { title: '' });
  const again = await post(one, 'c-1', { title: '' });
  expect([first.status, again.status]).toEqual([400, 400]);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
});

test('a fault is not stored: the call may be repeated', async () => {
  one.postgres.commitFault = 'cut-before';
  const failed = await post(one, 'd-1', { title: 'Retried', value: 1 });
  expect(failed.status).toBeGreaterThanOrEqual(500);
  expect((await post(one, 'd-1', { title: 'Retried', value: 1 })).status).toBe(201);
});

test('a second call during the first is asked to retry later', async () => {
  const held = Promise.withResolvers<void>();
  const reached = one.redis.reached('mark');
  one.redis.faults.mark = { before: held.promise };
  const first = post(one, 'e-1', { title: 'Slow', value: 1 });
  await reached;
  const second = await post(two, 'e-1', { title: 'Slow', value: 1 });
  one.redis.faults = {};
  held.resolve();
  expect(second.status).toBe(409);
  expect(Number(second.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect((await first).status).toBe(201);
  expect((await titles()).filter((title) => title === 'Slow')).toHaveLength(1);
});

test('callers do not share a key', async () => {
  const other = await createTenant(inject('cloud').postgres.url);
  expect((await post(one, 'f-1', { title: 'Mine', value: 1 })).status).toBe(201);
  const theirs = await one.request('/deals', {
    method: 'POST',
    json: { title: 'Theirs', value: 1 },
    key: other.keys.all,
    headers: { 'idempotency-key': 'f-1' },
  });
  expect(theirs.status).toBe(201);
});

describe('the stored fingerprint of a request', () => {
  const body = { title: 'Short', value: 1 };
  // The digests that a reader of Redis can make of a guessed body.
  const guesses = async () => [
    ...(await fingerprintsOf(['POST', '/deals', '', JSON.stringify(body)], tenant.id)),
    ...(await fingerprintsOf([JSON.stringify(body)], tenant.id)),
  ];
  const database = inject('cloud').postgres.url;
  const inPostgres = () =>
    sql<{ fingerprint: string }>(database, 'SELECT fingerprint FROM idempotent_commits WHERE tenant_id = $1', [
      tenant.id,
    ]);

  test('is keyed: without the key of the app, a guessed body cannot be compared with it', async () => {
    // Other tests store fingerprints of earlier releases, which have no key.
    const all = async () => [
      ...Object.entries(await rememberedInRedis(one, tenant)).map(String),
      ...(await inPostgres()).map(({ fingerprint }) => fingerprint),
    ];
    const before = new Set(await all());
    expect((await post(one, 'g-1', body)).status).toBe(201);
    const stored = JSON.stringify((await all()).filter((each) => !before.has(each)));
    for (const guess of await guesses()) expect(stored).not.toContain(guess);
    const own = await fingerprintsOf(
      ['POST', '/deals', '', JSON.stringify(body)],
      tenant.id,
      one.platform.scope().authSealer,
    );
    expect(stored).toContain(` ${own[0]} `);
    expect((await inPostgres()).map(({ fingerprint }) => fingerprint)).toContain(own[0]);
  });

  test('is of one tenant: the same request of another tenant has another one', async () => {
    const { authSealer } = one.platform.scope();
    const [ours] = await fingerprintsOf(['POST'], tenant.id, authSealer);
    const [theirs] = await fingerprintsOf(['POST'], 'another', authSealer);
    expect(ours).not.toBe(theirs);
  });

  test.each(['Redis', 'PostgreSQL'])('in %s is compared also after a change of the key', async (where) => {
    const key = `h-${where}`;
    expect((await post(one, key, body)).status).toBe(201);
    if (where === 'PostgreSQL') await forgetAnswers();
    const AUTH_KEYS = `k9:${Buffer.alloc(32, 9).toString('base64')},${LOCAL_SECRETS.authKeys}`;
    const changed = await createInstance({ tenant, environment: { AUTH_KEYS } });
    expect((await post(changed, key, { ...body, value: 2 })).status).toBe(422);
    const again = await post(changed, key, body);
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
    await changed.close();
  });

  test.each(['Redis', 'PostgreSQL'])('in %s of an earlier release, without a key, is compared too', async (where) => {
    const key = `i-${where}`;
    expect((await post(one, key, body)).status).toBe(201);
    const { authSealer, redis } = one.platform.scope();
    const [keyed, ...others] = await fingerprintsOf(
      ['POST', '/deals', '', JSON.stringify(body)],
      tenant.id,
      authSealer,
    );
    const plain = String(others.at(-1));
    if (where === 'PostgreSQL') await forgetAnswers();
    await sql(database, 'UPDATE idempotent_commits SET fingerprint = $2 WHERE tenant_id = $1 AND fingerprint = $3', [
      tenant.id,
      plain,
      keyed,
    ]);
    for (const [name, value] of Object.entries(await rememberedInRedis(one, tenant))) {
      await redis.set(name, value.replace(keyed, plain));
    }
    expect((await post(two, key, { ...body, value: 2 })).status).toBe(422);
    const again = await post(two, key, body);
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
  });

  async function forgetAnswers() {
    const { redis } = one.platform.scope();
    for (const name of Object.keys(await rememberedInRedis(one, tenant))) await redis.del(name);
  }
});

test.each(['', 'with space', 'x'.repeat(256), 'ümlaut'])('a key %j is refused by its name', async (key) => {
  const response = await one.request('/deals', {
    method: 'POST',
    json: { title: 'x', value: 1 },
    headers: { 'idempotency-key': encodeURI(key) === key ? key : Buffer.from(key).toString('latin1') },
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ errors: [{ field: 'idempotency-key' }] });
});

test('is in the OpenAPI document with its answers, exactly for the operations that honour it', async () => {
  const operations = await describedOperations(one);
  const key = await addKey(inject('cloud').postgres.url, tenant.id, { rights: ['*', 'care:*'] });
  for (const { name, method, path, parameters, statuses } of operations) {
    const described = parameters.find((each) => each.in === 'header' && each.name === 'Idempotency-Key');
    const response = await one.request(path.replace(/\{\w+\}/g, 'none'), {
      method,
      key,
      headers: { 'idempotency-key': 'with space' },
    });
    const honoured = (await response.text()).includes('"field":"idempotency-key"');
    expect(described !== undefined, name).toBe(honoured);
    if (honoured) expect(statuses, name).toEqual(expect.arrayContaining([400, 409, 422, 503]));
    if (described) expect('with-no-space').toMatch(new RegExp(described.schema.pattern ?? '^$'));
  }
  expect(operations.filter(({ parameters }) => parameters.some((each) => each.in === 'header'))).not.toEqual([]);
});
