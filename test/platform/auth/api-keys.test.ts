/** API keys over HTTP: creating, listing, rotating and revoking them, and the keys that end together with others. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addKey, secretOf, sql } from '../../support/tenant.ts';
import { createWorld, problemOf, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

interface Key {
  id: string;
  key: string;
  rights: string[];
  expiresAt: string | null;
  madeBy: { kind: string; id: string | null };
}

type Ask = (path: string, method: string, json?: unknown) => Promise<Response>;

const byKey =
  (key: string): Ask =>
  async (path, method, json) =>
    world.request(path, { method, key, ...(json === undefined ? {} : { json }) });

const owner = (): Ask => byKey(world.tenant.keys.all);

/** A browser of a user, in the form of {@link byKey}. */
async function person(role: 'owner' | 'admin' | 'member') {
  const { browser, person } = await world.signedIn({ role });
  const ask: Ask = (path, method, json) => browser.request(path, { method, ...(json === undefined ? {} : { json }) });
  return { ask, id: person.id };
}

async function make(ask: Ask, fields: { rights?: string[]; name?: string; expiresAt?: string } = {}): Promise<Key> {
  const response = await ask('/api-keys', 'POST', { name: 'Report', rights: ['crm:read'], ...fields });
  expect(response.status, await response.clone().text()).toBe(201);
  return (await response.json()) as Key;
}

const works = async (key: string) => (await world.request('/companies', { key })).status === 200;

describe('a key', () => {
  test('is created with a secret that is shown once, and is valid immediately', async () => {
    const { ask, id: userId } = await person('admin');
    const response = await ask('/api-keys', 'POST', { name: 'Report', rights: ['crm:read', 'crm:read'] });
    expect(response.status).toBe(201);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const made = (await response.json()) as Key;
    expect(response.headers.get('location')).toBe(`/api-keys/${made.id}`);
    expect(made).toMatchObject({ name: 'Report', rights: ['crm:read'], madeBy: { kind: 'user', id: userId } });
    expect(made.key).toMatch(new RegExp(`^hf_${world.tenant.id}_${made.id}_[0-9a-f]{64}$`));
    expect(await works(made.key)).toBe(true);
    expect(await problemOf(await byKey(made.key)('/companies', 'POST', { name: 'X' }))).toEqual({
      status: 403,
      code: 'NOT_ALLOWED',
    });

    // Neither the database nor any other answer has the secret.
    const secret = secretOf(made.key);
    const rows = await sql(world.database, 'SELECT * FROM api_keys WHERE id = $1', [made.id]);
    expect(JSON.stringify(rows)).not.toContain(secret);
    const { key, ...shown } = made;
    expect(await (await ask(`/api-keys/${made.id}`, 'GET')).json()).toEqual(shown);
    const list = await (await ask('/api-keys?limit=100', 'GET')).text();
    expect(list).toContain(made.id);
    expect(list).not.toContain(secret);
    expect(world.lines.join('\n')).not.toContain(secret);
  });

  test('gets a new secret: the old one is refused from the answer on, even where its record is cached', async () => {
    const made = await make(owner());
    expect(await works(made.key)).toBe(true);
    expect(await works(made.key)).toBe(true);
    const response = await owner()(`/api-keys/${made.id}/rotate`, 'POST');
    expect(response.status).toBe(200);
    const rotated = (await response.json()) as Key;
    expect(rotated.key).not.toBe(made.key);
    expect(await works(made.key)).toBe(false);
    expect(await works(rotated.key)).toBe(true);
  });

  test('is revoked: refused from the answer on, listed as revoked, and a 404 when revoked again', async () => {
    const made = await make(owner());
    expect(await works(made.key)).toBe(true);
    expect((await owner()(`/api-keys/${made.id}`, 'DELETE')).status).toBe(204);
    expect(await works(made.key)).toBe(false);
    const shown = (await (await owner()(`/api-keys/${made.id}`, 'GET')).json()) as { revokedAt: string | null };
    expect(shown.revokedAt).not.toBeNull();
    for (const [path, method] of [
      [`/api-keys/${made.id}`, 'DELETE'],
      [`/api-keys/${made.id}/rotate`, 'POST'],
      ['/api-keys/aaaaaaaaaaaa', 'DELETE'],
    ] as const) {
      expect(await problemOf(await owner()(path, method)), `${method} ${path}`).toEqual({
        status: 404,
        code: 'NOT_FOUND',
      });
    }
  });

  test('is not revoked while Redis is unreachable: 503, and the key stays valid', async () => {
    const made = await make(owner());
    expect(await works(made.key)).toBe(true);
    for (const [path, method] of [
      [`/api-keys/${made.id}`, 'DELETE'],
      [`/api-keys/${made.id}/rotate`, 'POST'],
    ] as const) {
      world.redis.faults.mark = '503';
      const refused = await owner()(path, method);
      world.redis.faults = {};
      expect(await problemOf(refused), method).toEqual({ status: 503, code: 'COMMIT_REFUSED' });
      expect(await works(made.key), method).toBe(true);
    }
  });

  test('expires at its time', async () => {
    const expiresAt = new Date(Date.now() + world.clock.ahead + 60_000).toISOString();
    const made = await make(owner(), { expiresAt });
    expect(made.expiresAt).toBe(expiresAt);
    expect(await works(made.key)).toBe(true);
    world.clock.ahead += 60_001;
    expect(await works(made.key)).toBe(false);
    expect(await problemOf(await owner()(`/api-keys/${made.id}/rotate`, 'POST'))).toEqual({
      status: 409,
      code: 'KEY_EXPIRED',
    });
  });

  test.each<[string, object, string]>([
    ['no name', { rights: ['crm:read'] }, 'name'],
    ['no rights', { name: 'X', rights: [] }, 'rights'],
    ['a right that there is not', { name: 'X', rights: ['crm:delete'] }, 'rights.0'],
    ['an end that has passed', { name: 'X', rights: ['crm:read'], expiresAt: '2020-01-01T00:00:00.000Z' }, 'expiresAt'],
    ['a secret of its own', { name: 'X', rights: ['crm:read'], secret: 'mine' }, 'secret'],
  ])('with %s is refused with the name of the field', async (_, json, field) => {
    const response = await owner()('/api-keys', 'POST', json);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ field }] });
  });

  test('of another tenant is a 404', async () => {
    const [other] = await sql<{ id: string }>(world.database, `SELECT id FROM api_keys WHERE tenant_id = 'globex'`);
    for (const [path, method] of [
      [`/api-keys/${other?.id}`, 'GET'],
      [`/api-keys/${other?.id}`, 'DELETE'],
      [`/api-keys/${other?.id}/rotate`, 'POST'],
    ] as const) {
      expect((await owner()(path, method)).status, method).toBe(404);
    }
  });

  test('a page of keys continues where the previous one ended', async () => {
    for (let count = 0; count < 3; count += 1) await make(owner());
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const response = await owner()(`/api-keys?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`, 'GET');
      const page = (await response.json()) as { items: Key[]; nextCursor: string | null };
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    const rows = await sql(world.database, 'SELECT id FROM api_keys WHERE tenant_id = $1', [world.tenant.id]);
    expect([...seen].sort()).toEqual(rows.map(({ id }) => id).sort());
  });
});

describe('a key has no more rights than its maker', () => {
  // By hand: the maker, the requested rights, and the answer.
  const cases: [maker: string, rights: string[], answer: string][] = [
    ['owner', ['*'], '201'],
    ['owner', ['care:*'], 'BEYOND_YOUR_RIGHTS'],
    ['owner', ['care:records:read'], 'BEYOND_YOUR_RIGHTS'],
    ['admin', ['crm:*', 'users:manage', 'keys:manage', 'cache:admin', 'jobs:admin', 'audit:read'], '201'],
    ['admin', ['*'], 'BEYOND_YOUR_RIGHTS'],
    ['admin', ['care:records:read'], 'BEYOND_YOUR_RIGHTS'],
    ['admin', ['users:*'], 'BEYOND_YOUR_RIGHTS'],
    ['admin', ['crm:read', 'care:records:read'], 'BEYOND_YOUR_RIGHTS'],
    ['member', ['crm:read'], 'NOT_ALLOWED'],
    ['key keys:manage', ['keys:manage'], '201'],
    ['key keys:manage', ['crm:read'], 'BEYOND_YOUR_RIGHTS'],
    ['key keys:manage', ['*'], 'BEYOND_YOUR_RIGHTS'],
    ['key users:manage', ['users:manage'], 'NOT_ALLOWED'],
    ['key keys:manage crm:read', ['crm:read'], '201'],
    ['key keys:manage crm:read', ['crm:*'], 'BEYOND_YOUR_RIGHTS'],
    ['key *', ['*'], '201'],
  ];
  const askers = new Map<string, Ask>();
  async function askerOf(maker: string): Promise<Ask> {
    const [kind, ...rights] = maker.split(' ');
    const made =
      askers.get(maker) ??
      (kind === 'key'
        ? byKey(await addKey(world.database, world.tenant.id, { rights }))
        : (await person(kind as 'owner' | 'admin' | 'member')).ask);
    askers.set(maker, made);
    return made;
  }

  test.each(cases)('%s makes %j: %s', async (maker, rights, answer) => {
    const ask = await askerOf(maker);
    const response = await ask('/api-keys', 'POST', { name: 'X', rights });
    const { code = String(response.status) } = (await response.json()) as { code?: string };
    expect(code).toBe(answer);
  });

  test.each(cases)('%s takes over and ends %j: %s', async (maker, rights, answer) => {
    const ask = await askerOf(maker);
    const key = await addKey(world.database, world.tenant.id, { rights });
    const path = `/api-keys/${key.split('_')[2]}`;
    // An owner may end every key, also one with restricted rights.
    const ends = maker === 'owner' ? '204' : answer;
    const expected = answer === '201' ? ['200', '204'] : [answer, ends];
    const codes = [];
    for (const [end, method] of [
      ['/rotate', 'POST'],
      ['', 'DELETE'],
    ] as const) {
      const response = await ask(`${path}${end}`, method);
      codes.push(response.ok ? String(response.status) : (await problemOf(response)).code);
    }
    expect(codes).toEqual(expected);
  });
});

describe('a key ends with its maker', () => {
  const asOwner = (id: string, json: object) => owner()(`/users/${id}`, 'PATCH', json);

  test('a disabled user: every key, and the keys made with these keys, before the answer', async () => {
    const admin = await person('admin');
    const first = await make(admin.ask, { rights: ['crm:read', 'keys:manage'] });
    const second = await make(byKey(first.key), { rights: ['crm:read', 'keys:manage'] });
    const third = await make(byKey(second.key));
    expect(second.madeBy).toEqual({ kind: 'api-key', id: first.id });
    const other = await make((await person('admin')).ask);
    expect(await works(third.key)).toBe(true);
    expect((await asOwner(admin.id, { disabled: true })).status).toBe(200);
    for (const { key } of [first, second, third]) expect(await works(key)).toBe(false);
    expect(await works(other.key)).toBe(true);
    // Enabling the user again does not make the keys valid again.
    expect((await asOwner(admin.id, { disabled: false })).status).toBe(200);
    expect(await works(first.key)).toBe(false);
  });

  test('a user with a new role: only keys with rights that the user has lost', async () => {
    const admin = await person('admin');
    const reading = await make(admin.ask, { rights: ['crm:read'] });
    const managing = await make(admin.ask, { rights: ['crm:read', 'users:manage'] });
    expect((await asOwner(admin.id, { role: 'member' })).status).toBe(200);
    expect(await works(reading.key)).toBe(true);
    expect(await works(managing.key)).toBe(false);
  });

  test('unless another user has taken the key over by rotating it', async () => {
    const [leaving, staying] = [await person('admin'), await person('admin')];
    const made = await make(leaving.ask);
    const rotated = (await (await staying.ask(`/api-keys/${made.id}/rotate`, 'POST')).json()) as Key;
    expect(rotated.madeBy).toEqual({ kind: 'user', id: staying.id });
    await asOwner(leaving.id, { disabled: true });
    expect(await works(rotated.key)).toBe(true);
    await asOwner(staying.id, { disabled: true });
    expect(await works(rotated.key)).toBe(false);
  });

  test('a revoked key: every key that was made with it', async () => {
    const first = await make(owner(), { rights: ['crm:read', 'keys:manage'] });
    const second = await make(byKey(first.key));
    // A key that rotates itself keeps its maker.
    const renewed = (await (await byKey(first.key)(`/api-keys/${first.id}/rotate`, 'POST')).json()) as Key;
    expect(renewed.madeBy).toEqual(first.madeBy);
    expect((await owner()(`/api-keys/${first.id}`, 'DELETE')).status).toBe(204);
    for (const { key } of [renewed, second]) expect(await works(key)).toBe(false);
  });

  test('a key that expires can neither make nor take over a key that expires later', async () => {
    const now = Date.now() + world.clock.ahead;
    const at = (seconds: number) => new Date(now + seconds * 1000).toISOString();
    const rights = ['crm:read', 'keys:manage'];
    const short = byKey((await make(owner(), { rights, expiresAt: at(600) })).key);
    const lasting = await make(owner());
    const refused = { status: 403, code: 'BEYOND_YOUR_RIGHTS' };
    const json = { name: 'X', rights: ['crm:read'] };
    expect(await problemOf(await short('/api-keys', 'POST', json))).toEqual(refused);
    expect(await problemOf(await short('/api-keys', 'POST', { ...json, expiresAt: at(601) }))).toEqual(refused);
    expect(await problemOf(await short(`/api-keys/${lasting.id}/rotate`, 'POST'))).toEqual(refused);
    expect((await short('/api-keys', 'POST', { ...json, expiresAt: at(600) })).status).toBe(201);
  });

  test('a key whose maker is disabled during its creation is not created, or ends too', async () => {
    const admin = await person('admin');
    await Promise.all([
      asOwner(admin.id, { disabled: true }),
      admin.ask('/api-keys', 'POST', { name: 'X', rights: ['crm:read'] }),
    ]);
    const live = await sql(
      world.database,
      'SELECT id FROM api_keys WHERE tenant_id = $1 AND made_by_user = $2 AND revoked_at IS NULL',
      [world.tenant.id, admin.id],
    );
    expect(live).toEqual([]);
  });
});

test('a tenant has at most a hundred keys', async () => {
  const { ask } = await person('owner');
  await sql(
    world.database,
    `INSERT INTO api_keys (tenant_id, id, name, secret_hash, rights, updated_at)
     SELECT $1, 'many' || lpad(n::text, 8, '0'), 'many', 'none', '{crm:read}', now() FROM generate_series(1, 100) AS n`,
    [world.tenant.id],
  );
  const response = await ask('/api-keys', 'POST', { name: 'X', rights: ['crm:read'] });
  expect(await problemOf(response)).toEqual({ status: 409, code: 'TOO_MANY_KEYS' });
  await sql(world.database, `DELETE FROM api_keys WHERE tenant_id = $1 AND name = 'many'`, [world.tenant.id]);
});
