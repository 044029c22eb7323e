/**
 * Rights for every route that changes a right: actor × target × change. The expected answers are written by hand from
 * the rule "a caller gives and takes no right that it lacks, and the last active owner stays".
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Role } from '../../../src/identity/index.ts';
import { addPerson, type PersonOptions } from '../../support/people.ts';
import { addKey, createTenant, sql } from '../../support/tenant.ts';
import { createWorld, problemOf, type World } from '../auth/world.ts';

// Each test has forty requests and users, and the machine may be slow.

const { url } = inject('cloud').postgres;

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const CARE_ROLES = ['reception', 'nurse', 'biller', 'care_auditor'] as const;
const ROLES = ['owner', 'admin', 'member', 'clinician', 'auditor', ...CARE_ROLES] as const;

/** A caller with a bearer token. */
interface Actor {
  id: string;
  bearer: string;
}

/** Signs in a new user with a role, as a program. */
async function user(role: Role, tenant = world.tenant.id): Promise<Actor> {
  const { id } = await addPerson(url, tenant, { role, password: null });
  return { id, bearer: await tokenOf(id, role, tenant) };
}

async function tokenOf(id: string, role: Role, tenant = world.tenant.id): Promise<string> {
  const { tokens } = world.platform.scope().tenant(tenant);
  const issued = await tokens.issue({ userId: id, role, methods: ['pwd'] }, { tenant: '', user: [''] });
  if (!('tokens' in issued)) throw new Error(`Not signed in: ${issued.kind}`);
  return issued.tokens.accessToken;
}

async function apiKey(...rights: string[]): Promise<Actor> {
  const bearer = await addKey(url, world.tenant.id, { rights });
  return { id: bearer.split('_')[2] ?? '', bearer };
}

const actors: Record<string, () => Promise<Actor>> = {
  owner: () => user('owner'),
  admin: () => user('admin'),
  member: () => user('member'),
  clinician: () => user('clinician'),
  auditor: () => user('auditor'),
  'key *': () => apiKey('*'),
  'key users:manage': () => apiKey('users:manage'),
  'key users:manage + rights of an auditor': () => apiKey('users:manage', 'crm:read', 'audit:read', 'console:view'),
  'key users:manage + crm:*': () => apiKey('users:manage', 'crm:*'),
  'key with all rights of a member': () => apiKey('crm:*'),
};

const send = (actor: Actor, method: string, path: string, json?: unknown) =>
  world.request(path, { method, key: actor.bearer, ...(json === undefined ? {} : { json }) });

/** `ok`, or the code of the refusal. */
async function outcome(response: Response): Promise<string> {
  if (response.ok) return 'ok';
  const { status, code } = await problemOf(response);
  return `${status} ${code}`;
}

interface State {
  role: Role;
  disabled: boolean;
  name: string;
}

/** Adds users as targets with one statement and returns their ids. */
async function targets(wanted: readonly Omit<State, 'name'>[]): Promise<string[]> {
  const rows = wanted.map((each) => ({ id: `user_${randomBytes(8).toString('hex')}`, ...each }));
  await sql(
    url,
    `INSERT INTO users (tenant_id, id, email, name, role, disabled_at, updated_at)
     SELECT $1, id, id, 'Some Person', role::user_role, CASE WHEN disabled THEN now() END, now()
     FROM jsonb_to_recordset($2) AS row(id text, role text, disabled boolean)`,
    [world.tenant.id, JSON.stringify(rows)],
  );
  return rows.map(({ id }) => id);
}

async function statesOf(ids: readonly string[]): Promise<Map<string, State>> {
  const rows = await sql<State & { id: string }>(
    url,
    'SELECT id, role, disabled_at IS NOT NULL AS disabled, name FROM users WHERE tenant_id = $1 AND id = ANY($2)',
    [world.tenant.id, ids],
  );
  return new Map(rows.map(({ id, role, disabled, name }) => [id, { role, disabled, name }]));
}

/** The marks of the tables below: `+` done, `-` beyond the actor's rights, `x` without the right of the route. */
const MEANING: Record<string, string> = { '+': 'ok', '-': '403 BEYOND_YOUR_RIGHTS', x: '403 NOT_ALLOWED' };

const CHANGES = {
  'to owner': { role: 'owner' },
  'to admin': { role: 'admin' },
  'to member': { role: 'member' },
  'to clinician': { role: 'clinician' },
  'to auditor': { role: 'auditor' },
  'to reception': { role: 'reception' },
  'to nurse': { role: 'nurse' },
  'to biller': { role: 'biller' },
  'to care_auditor': { role: 'care_auditor' },
  disable: { disabled: true },
  enable: { disabled: false },
  rename: { name: 'Renamed' },
} as const;

// Each line is a target, each column a change in the order of CHANGES:
//             owner admin member clinician auditor reception nurse biller care_auditor disable enable rename
const EVERYTHING = {
  owner: '+     +     +     +     +     +     +     +     +     +     +     +',
  admin: '+     +     +     +     +     +     +     +     +     +     +     +',
  member: '+     +     +     +     +     +     +     +     +     +     +     +',
  clinician: '+     +     +     +     +     +     +     +     +     +     +     +',
  auditor: '+     +     +     +     +     +     +     +     +     +     +     +',
  reception: '+     +     +     +     +     +     +     +     +     +     +     +',
  nurse: '+     +     +     +     +     +     +     +     +     +     +     +',
  biller: '+     +     +     +     +     +     +     +     +     +     +     +',
  care_auditor: '+     +     +     +     +     +     +     +     +     +     +     +',
};
const NOTHING = {
  owner: 'x     x     x     x     x     x     x     x     x     x     x     x',
  admin: 'x     x     x     x     x     x     x     x     x     x     x     x',
  member: 'x     x     x     x     x     x     x     x     x     x     x     x',
  clinician: 'x     x     x     x     x     x     x     x     x     x     x     x',
  auditor: 'x     x     x     x     x     x     x     x     x     x     x     x',
  reception: 'x     x     x     x     x     x     x     x     x     x     x     x',
  nurse: 'x     x     x     x     x     x     x     x     x     x     x     x',
  biller: 'x     x     x     x     x     x     x     x     x     x     x     x',
  care_auditor: 'x     x     x     x     x     x     x     x     x     x     x     x',
};
const TABLES: Record<keyof typeof actors, Record<Role, string>> = {
  owner: EVERYTHING,
  'key *': EVERYTHING,
  admin: {
    owner: '-     -     -     -     -     -     -     -     -     -     -     -',
    admin: '-     +     +     -     +     -     -     -     -     +     +     +',
    member: '-     +     +     -     +     -     -     -     -     +     +     +',
    clinician: '-     -     -     -     -     -     -     -     -     -     -     -',
    auditor: '-     +     +     -     +     -     -     -     -     +     +     +',
    reception: '-     -     -     -     -     -     -     -     -     -     -     -',
    nurse: '-     -     -     -     -     -     -     -     -     -     -     -',
    biller: '-     -     -     -     -     -     -     -     -     -     -     -',
    care_auditor: '-     -     -     -     -     -     -     -     -     -     -     -',
  },
  'key users:manage': {
    owner: '-     -     -     -     -     -     -     -     -     -     -     -',
    admin: '-     -     -     -     -     -     -     -     -     -     -     -',
    member: '-     -     -     -     -     -     -     -     -     -     -     -',
    clinician: '-     -     -     -     -     -     -     -     -     -     -     -',
    auditor: '-     -     -     -     -     -     -     -     -     -     -     -',
    reception: '-     -     -     -     -     -     -     -     -     -     -     -',
    nurse: '-     -     -     -     -     -     -     -     -     -     -     -',
    biller: '-     -     -     -     -     -     -     -     -     -     -     -',
    care_auditor: '-     -     -     -     -     -     -     -     -     -     -     -',
  },
  'key users:manage + rights of an auditor': {
    owner: '-     -     -     -     -     -     -     -     -     -     -     -',
    admin: '-     -     -     -     -     -     -     -     -     -     -     -',
    member: '-     -     -     -     -     -     -     -     -     -     -     -',
    clinician: '-     -     -     -     -     -     -     -     -     -     -     -',
    auditor: '-     -     -     -     +     -     -     -     -     +     +     +',
    reception: '-     -     -     -     -     -     -     -     -     -     -     -',
    nurse: '-     -     -     -     -     -     -     -     -     -     -     -',
    biller: '-     -     -     -     -     -     -     -     -     -     -     -',
    care_auditor: '-     -     -     -     -     -     -     -     -     -     -     -',
  },
  'key users:manage + crm:*': {
    owner: '-     -     -     -     -     -     -     -     -     -     -     -',
    admin: '-     -     -     -     -     -     -     -     -     -     -     -',
    member: '-     -     +     -     -     -     -     -     -     +     +     +',
    clinician: '-     -     -     -     -     -     -     -     -     -     -     -',
    auditor: '-     -     -     -     -     -     -     -     -     -     -     -',
    reception: '-     -     -     -     -     -     -     -     -     -     -     -',
    nurse: '-     -     -     -     -     -     -     -     -     -     -     -',
    biller: '-     -     -     -     -     -     -     -     -     -     -     -',
    care_auditor: '-     -     -     -     -     -     -     -     -     -     -     -',
  },
  member: NOTHING,
  clinician: NOTHING,
  auditor: NOTHING,
  'key with all rights of a member': NOTHING,
};

/** The roles that an actor may invite, in the order of ROLES. */
const INVITATIONS: Record<keyof typeof actors, string> = {
  //                                          owner admin member clinician auditor reception nurse biller care_auditor
  owner: '+     +     +     +     +     +     +     +     +',
  'key *': '+     +     +     +     +     +     +     +     +',
  admin: '-     +     +     -     +     -     -     -     -',
  'key users:manage': '-     -     -     -     -     -     -     -     -',
  'key users:manage + rights of an auditor': '-     -     -     -     +     -     -     -     -',
  'key users:manage + crm:*': '-     -     +     -     -     -     -     -     -',
  member: 'x     x     x     x     x     x     x     x     x',
  clinician: 'x     x     x     x     x     x     x     x     x',
  auditor: 'x     x     x     x     x     x     x     x     x',
  'key with all rights of a member': 'x     x     x     x     x     x     x     x     x',
};

const cells = (line: string): string[] => line.trim().split(/\s+/);

describe('1/B1 rights to change users', () => {
  test.each(Object.keys(TABLES))('PATCH /users/{id} by %s', async (name) => {
    const actor = await (actors[name] as () => Promise<Actor>)();
    const table = TABLES[name] as Record<Role, string>;
    const cases = ROLES.flatMap((role) => Object.entries(CHANGES).map(([change, json]) => ({ role, change, json })));
    const ids = await targets(cases.map(({ role, change }) => ({ role, disabled: change === 'enable' })));
    const before = await statesOf(ids);
    const found: Record<string, string[]> = {};
    const expected = new Map<string, object | undefined>();
    for (const [index, { role, json }] of cases.entries()) {
      const id = ids[index] ?? '';
      const answer = await outcome(await send(actor, 'PATCH', `/users/${id}`, json));
      found[role] = [...(found[role] ?? []), Object.keys(MEANING).find((sign) => MEANING[sign] === answer) ?? answer];
      expected.set(id, answer === 'ok' ? { ...before.get(id), ...json } : before.get(id));
    }
    // A refused change has no effect.
    expect(await statesOf(ids)).toEqual(expected);
    expect(found).toEqual(Object.fromEntries(ROLES.map((role) => [role, cells(table[role])])));
  });

  test.each(Object.keys(INVITATIONS))(
    'POST /auth/invitations by %s; a refused invitation creates no user',
    async (name) => {
      const actor = await (actors[name] as () => Promise<Actor>)();
      const found: string[] = [];
      for (const role of ROLES) {
        const email = `${randomBytes(6).toString('hex')}@people.example`;
        const json = { email, name: 'Guest', role };
        const answer = await outcome(await send(actor, 'POST', '/auth/invitations', json));
        found.push(Object.keys(MEANING).find((sign) => MEANING[sign] === answer) ?? answer);
        const rows = await sql(url, 'SELECT role FROM users WHERE email = $1', [email]);
        expect(rows).toEqual(answer === 'ok' ? [{ role }] : []);
      }
      expect(found).toEqual(cells(INVITATIONS[name] as string));
    },
  );

  test('an owner appoints a clinician, but takes no restricted right', async () => {
    const owner = await user('owner');
    await addPerson(url, world.tenant.id, { role: 'owner', password: null });
    const [other = ''] = await targets([{ role: 'member', disabled: false }]);
    expect(await outcome(await send(owner, 'PATCH', `/users/${other}`, { role: 'clinician' }))).toBe('ok');
    for (const role of ['clinician', ...CARE_ROLES]) {
      const refused = await outcome(await send(owner, 'PATCH', `/users/${owner.id}`, { role }));
      expect(refused, role).toBe('403 BEYOND_YOUR_RIGHTS');
    }
    expect((await statesOf([owner.id])).get(owner.id)).toMatchObject({ role: 'owner' });
  });

  test('no change of the own account makes an admin an owner', async () => {
    const admin = await user('admin');
    for (const json of [{ role: 'owner' }, { role: 'clinician' }, { role: 'owner', name: 'X', disabled: false }]) {
      expect(await outcome(await send(admin, 'PATCH', `/users/${admin.id}`, json))).toBe('403 BEYOND_YOUR_RIGHTS');
    }
    expect(await outcome(await send(admin, 'PATCH', '/me', { name: 'X', role: 'owner' }))).toBe(
      '400 VALIDATION_FAILED',
    );
    expect((await statesOf([admin.id])).get(admin.id)).toMatchObject({ role: 'admin' });
  });
});

describe('1/B1 the last active owner stays', () => {
  /** A tenant with one signed-in owner, and the given other users. */
  async function tenantOf(others: PersonOptions[] = []) {
    const tenant = await createTenant(url);
    const bearer = await tokenOf(tenant.userId, 'owner', tenant.id);
    const people = [];
    for (const each of others) people.push(await addPerson(url, tenant.id, { password: null, ...each }));
    return { tenant, owner: { id: tenant.userId, bearer }, people };
  }

  test.each([
    ['demoted', { role: 'admin' }],
    ['disabled', { disabled: true }],
    ['demoted and disabled', { role: 'auditor', disabled: true }],
  ])('cannot be %s, neither by the owner nor by a key with all rights', async (_, json) => {
    const { tenant, owner } = await tenantOf([{ role: 'owner', disabled: true }, { role: 'admin' }]);
    for (const bearer of [owner.bearer, tenant.keys.all]) {
      const response = await send({ id: '', bearer }, 'PATCH', `/users/${owner.id}`, json);
      expect(await problemOf(response)).toEqual({ status: 409, code: 'LAST_OWNER' });
    }
    const [row] = await sql(url, 'SELECT role, disabled_at FROM users WHERE id = $1', [owner.id]);
    expect(row).toEqual({ role: 'owner', disabled_at: null });
    expect((await send(owner, 'GET', '/auth/session')).status, 'still signed in').toBe(200);
  });

  test('may be renamed, and may be disabled once there is another owner', async () => {
    const { owner, people } = await tenantOf([{ role: 'admin' }]);
    const [admin] = people;
    expect(await outcome(await send(owner, 'PATCH', `/users/${owner.id}`, { name: 'Renamed' }))).toBe('ok');
    expect(await outcome(await send(owner, 'PATCH', `/users/${owner.id}`, { role: 'owner' }))).toBe('ok');
    expect(await outcome(await send(owner, 'PATCH', `/users/${admin?.id}`, { role: 'owner' }))).toBe('ok');
    expect(await outcome(await send(owner, 'PATCH', `/users/${owner.id}`, { disabled: true }))).toBe('ok');
  });

  test('when two owners demote each other at once, in both orders one stays and the other request is refused', async () => {
    for (const first of [0, 1] as const) {
      const { tenant, owner, people } = await tenantOf([{ role: 'owner' }]);
      const otherId = people[0]?.id ?? '';
      const pair: Actor[] = [owner, { id: otherId, bearer: await tokenOf(otherId, 'owner', tenant.id) }];
      const [one, two] = first === 0 ? pair : pair.toReversed();
      if (!one || !two) throw new Error('There are two');
      // The first request is held in its transaction; both requests have passed the gate before it goes on.
      const held = Promise.withResolvers<void>();
      const reached = world.redis.reached('mark');
      world.redis.faults.mark = { before: held.promise };
      const demoting = send(one, 'PATCH', `/users/${two.id}`, { role: 'member' });
      await reached;
      world.redis.faults = {};
      const asked = world.redis.asked.length;
      const demotingBack = send(two, 'PATCH', `/users/${one.id}`, { role: 'member' });
      await expect.poll(() => world.redis.asked.slice(asked).flat()).toContain('session');
      held.resolve();
      expect(await outcome(await demoting)).toBe('ok');
      // Its caller is no longer an owner at its turn.
      expect(['403 NOT_ALLOWED', '409 LAST_OWNER', '401 NOT_AUTHENTICATED']).toContain(
        await outcome(await demotingBack),
      );
      const owners = await sql(
        url,
        `SELECT id FROM users WHERE tenant_id = $1 AND role = 'owner' AND disabled_at IS NULL`,
        [tenant.id],
      );
      expect(owners).toEqual([{ id: one.id }]);
    }
  });

  test('when two owners each step down at once, ten times over, one stays', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { tenant, owner, people } = await tenantOf([{ role: 'owner' }]);
      const otherId = people[0]?.id ?? '';
      const other = { id: otherId, bearer: await tokenOf(otherId, 'owner', tenant.id) };
      const answers = await Promise.all(
        [owner, other].map(async (each) => outcome(await send(each, 'PATCH', `/users/${each.id}`, { role: 'admin' }))),
      );
      expect(answers.sort()).toEqual(['409 LAST_OWNER', 'ok']);
      const owners = await sql(
        url,
        `SELECT id FROM users WHERE tenant_id = $1 AND role = 'owner' AND disabled_at IS NULL`,
        [tenant.id],
      );
      expect(owners).toHaveLength(1);
    }
  });
});

describe('1/B1 rights removed a moment ago', () => {
  test('are missing even for a request that has already passed the gate', async () => {
    const [owner, admin] = [await user('owner'), await user('admin')];
    const { id: guest } = await addPerson(url, world.tenant.id, { role: 'member', password: null });
    const held = Promise.withResolvers<void>();
    const reached = world.redis.reached('mark');
    world.redis.faults.mark = { before: held.promise };
    const demoting = send(owner, 'PATCH', `/users/${admin.id}`, { role: 'member' });
    await reached;
    world.redis.faults = {};
    const asked = world.redis.asked.length;
    const using = send(admin, 'PATCH', `/users/${guest}`, { role: 'admin' });
    await expect.poll(() => world.redis.asked.slice(asked).flat()).toContain('session');
    held.resolve();
    expect(await outcome(await demoting)).toBe('ok');
    expect(['403 NOT_ALLOWED', '401 NOT_AUTHENTICATED']).toContain(await outcome(await using));
    expect((await statesOf([guest])).get(guest)).toMatchObject({ role: 'member' });
  });
});
