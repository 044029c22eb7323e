/** The end of sessions: one, all but one, all of a user, all of a tenant; and sign-ins that are refused afterwards. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthKeys, policies } from '../../../src/platform/sessions/index.ts';
import { manualClock } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';
import { authKeys, createIsolate, fieldsOf, keyText, newTenant, opened, presentedRefresh, signInOf } from './world.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterAll(() => redis.close());

const DAY = 86_400_000;

function world(options: Partial<Parameters<typeof createIsolate>[0]> = {}) {
  const clock = manualClock();
  const tenant = options.tenant ?? newTenant();
  return { clock, tenant, one: createIsolate({ rest: redis.rest, tenant, system: clock.system, ...options }) };
}

describe('one session', () => {
  test('ends, and the others stay: 1/1', async () => {
    const { one } = world();
    const [a, b] = [await one.signIn(), await one.signIn()];
    expect(await one.costOf(() => one.sessions.revoke(a.session))).toEqual([1, 1]);
    expect(await one.who(a.token)).toBeNull();
    expect(await one.who(b.token)).not.toBeNull();
    expect(await one.sessions.revoke(a.session)).toBe(false);
  });

  test('ends even if it was rotated after the list was read', async () => {
    const { one } = world();
    const { session } = await one.signIn();
    const rotated = opened(await one.sessions.rotate(session));
    expect(await one.sessions.revoke({ userId: 'user_1', id: session.id })).toBe(true);
    expect(await one.who(rotated.token)).toBeNull();
  });

  test('of another user does not end', async () => {
    const { one } = world();
    const { session, token } = await one.signIn();
    expect(await one.sessions.revoke({ userId: 'user_2', id: session.id })).toBe(false);
    for (const id of [`${session.sid}~`, '', '%S+', '*']) {
      expect(await one.sessions.revoke({ userId: 'user_1', id })).toBe(false);
    }
    expect(await one.who(token)).not.toBeNull();
  });
});

describe('all of a user', () => {
  test('end together with refresh tokens; those of other users stay', async () => {
    const { tenant, one } = world();
    const [a, b] = [await one.signIn(), await one.signIn()];
    const other = await one.signIn({ userId: 'user_2' });
    const { tokens } = await one.issue();
    await one.sessions.revokeAll('user_1');
    for (const { token } of [a, b]) expect(await one.who(token)).toBeNull();
    expect(await one.tokens.validate(tokens.accessToken)).toBeNull();
    expect(await one.tokens.refresh(presentedRefresh(tokens.refreshToken))).toEqual({ kind: 'invalid' });
    expect(await one.who(other.token)).not.toBeNull();
    expect(await fieldsOf(one, tenant, a.session.bucket)).toHaveLength(0);
    expect(await one.who((await one.signIn()).token)).not.toBeNull();
  });

  test.each([1, 10_000])('cost 1/1 for %i', async (count) => {
    const { tenant, one } = world();
    const { session, token } = await one.signIn();
    const record = (await fieldsOf(one, tenant, session.bucket)).get(session.sid) ?? '';
    for (let made = 1; made < count; made += 1_000) {
      const more = Array.from({ length: Math.min(1_000, count - made) }, (_, index) => `copy${made + index}`);
      const fields = more.flatMap((sid) => [sid, record, `${sid}~`, String(session.createdAt)]);
      await one.redis.exec(['HSET', `hf:${tenant}:s:${session.bucket}`, ...fields]);
    }
    expect(await fieldsOf(one, tenant, session.bucket)).toHaveLength(count * 2);
    expect(await one.costOf(() => one.sessions.revokeAll('user_1'))).toEqual([1, 1]);
    expect(await one.who(token)).toBeNull();
    expect(await fieldsOf(one, tenant, session.bucket)).toHaveLength(0);
  });

  test('a sign-in that began earlier is refused afterwards', async () => {
    const { tenant, one } = world();
    const epochs = await one.sessions.readEpochs('user_1');
    // … the password is right; then the user is disabled …
    await one.sessions.revokeAll('user_1');
    expect(await one.sessions.create(signInOf(), epochs)).toEqual({ kind: 'gone' });
    expect(await one.tokens.issue(signInOf(), epochs)).toEqual({ kind: 'gone' });
    expect(await fieldsOf(one, tenant, authKeys.bucketsOf(tenant, 'user_1')[0])).toHaveLength(0);
    expect((await one.sessions.create(signInOf(), await one.sessions.readEpochs('user_1'))).kind).toBe('created');
  });

  test('a restored record is not valid', async () => {
    const { tenant, one } = world();
    const { session, token } = await one.signIn();
    const hash = `hf:${tenant}:s:${session.bucket}`;
    const fields = Object.fromEntries(await fieldsOf(one, tenant, session.bucket));
    await one.sessions.revokeAll('user_1');
    await one.redis.hset(hash, fields);
    expect(await one.who(token)).toBeNull();
    expect(one.refused).toEqual(['revoked']);
    expect(await one.sessions.list('user_1')).toEqual([]);
  });
});

describe('all but this one', () => {
  test('end; this one has a new token: 1/1', async () => {
    const { one } = world();
    const [mine, other] = [await one.signIn({ data: 7 }), await one.signIn()];
    const { tokens } = await one.issue();
    const epochs = await one.sessions.readEpochs('user_1');
    const { requests, commands } = one.meter;
    const kept = opened(await one.sessions.revokeOthers(mine.session, { reauthenticated: true }));
    expect(one.meter).toMatchObject({ requests: requests + 1, commands: commands + 1 });
    expect(await one.who(kept.token)).toEqual(kept.session);
    expect(kept.session).toMatchObject({ id: mine.session.id, data: 7 });
    for (const { token } of [mine, other]) expect(await one.who(token)).toBeNull();
    expect(await one.tokens.refresh(presentedRefresh(tokens.refreshToken))).toEqual({ kind: 'invalid' });
    // A sign-in with the old password, checked before the change, is refused too.
    expect(await one.sessions.create(signInOf(), epochs)).toEqual({ kind: 'gone' });
    expect(await one.sessions.list('user_1', kept.session)).toEqual([expect.objectContaining({ current: true })]);
  });
});

describe('all of a tenant', () => {
  test('end: 1/1; those of another tenant stay', async () => {
    const { one } = world();
    const elsewhere = world().one;
    const users = await Promise.all(['user_1', 'user_2', 'user_3'].map((userId) => one.signIn({ userId })));
    const { tokens } = await one.issue();
    const other = await elsewhere.signIn();
    const epochs = await one.sessions.readEpochs('user_1');
    expect(await one.costOf(() => one.sessions.revokeTenant())).toEqual([1, 1]);
    for (const { token } of users) expect(await one.who(token)).toBeNull();
    expect(await one.tokens.validate(tokens.accessToken)).toBeNull();
    expect(await one.tokens.refresh(presentedRefresh(tokens.refreshToken))).toEqual({ kind: 'invalid' });
    expect(await one.sessions.create(signInOf(), epochs)).toEqual({ kind: 'gone' });
    expect(await one.sessions.list('user_1')).toEqual([]);
    expect(await elsewhere.who(other.token)).not.toBeNull();
    expect(await one.who((await one.signIn()).token)).not.toBeNull();
  });
});

describe('epochs', () => {
  test('live longer than all sessions that contain them, and never repeat', async () => {
    const { tenant, one } = world();
    const ttls = async (bucket: string) =>
      Promise.all([`hf:${tenant}:e`, `hf:${tenant}:e:${bucket}`].map((name) => one.redis.pttl(name)));
    await one.sessions.revokeTenant();
    await one.sessions.revokeAll('user_1');
    const before = await one.sessions.readEpochs('user_1');
    const { session } = await one.signIn();
    for (const name of [`hf:${tenant}:e`, `hf:${tenant}:e:${session.bucket}`]) await one.redis.pexpire(name, 1_000_000);
    await one.signIn();
    for (const ttl of await ttls(session.bucket)) expect(ttl).toBeGreaterThan(96 * DAY);
    await one.sessions.revokeAll('user_1');
    await one.sessions.revokeTenant();
    const after = await one.sessions.readEpochs('user_1');
    for (const epoch of [before.tenant, ...before.user]) {
      expect(epoch).toMatch(/^[\w-]{22}$/);
      expect([after.tenant, ...after.user]).not.toContain(epoch);
    }
  });

  test('end sessions when they are lost, and never make sessions valid again', async () => {
    const { tenant, one } = world();
    await one.sessions.revokeTenant();
    const { token, session } = await one.signIn();
    await one.redis.del(`hf:${tenant}:e`);
    expect(await one.who(token)).toBeNull();
    await one.sessions.revokeAll('user_1');
    await one.redis.del(`hf:${tenant}:e:${session.bucket}`);
    expect(await one.who(token)).toBeNull();
  });
});

describe('the list', () => {
  test('has the valid sessions, the last used first: 1/2', async () => {
    const { clock, one } = world({ policy: policies.aal2 });
    const old = await one.signIn();
    clock.now += 3_600_000;
    const userAgent =
      'Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 Version/26.0 Safari/604.1';
    const phone = await one.signIn({ userAgent, methods: ['pwd', 'otp'] });
    clock.now += 1_000;
    const client = await one.issue({ userAgent: 'acme-sync/1.4' });
    const { session } = phone;
    expect(await one.sessions.list('user_1', session)).toEqual([
      expect.objectContaining({ id: client.id, kind: 'family', device: 'acme-sync/1.4', current: false }),
      {
        id: session.id,
        kind: 'session',
        device: 'Safari on iPhone',
        role: 'member',
        methods: ['pwd', 'otp'],
        createdAt: session.createdAt,
        lastSeenAt: session.createdAt,
        expiresAt: session.createdAt + 3_600_000,
        current: true,
      },
    ]);
    expect(await one.costOf(() => one.sessions.list('user_1'))).toEqual([1, 2]);
    expect(await one.who(old.token)).toBeNull();
    expect(await one.sessions.revoke({ userId: 'user_1', id: client.id })).toBe(true);
    expect(await one.tokens.validate(client.tokens.accessToken)).toBeNull();
  });
});

describe('during a key rotation', () => {
  const older = createAuthKeys(`k1:${keyText('a')},k2:${keyText('b')}`);
  const newer = createAuthKeys(`k2:${keyText('b')},k1:${keyText('a')}`);
  const only = createAuthKeys(`k2:${keyText('b')}`);

  function both() {
    const { clock, tenant, one } = world({ keys: older });
    const isolate = (keys: typeof older) => createIsolate({ rest: redis.rest, tenant, system: clock.system, keys });
    return { tenant, one, two: isolate(newer), three: isolate(only) };
  }

  test('sessions of both keys are found, listed and ended: 1 request each', async () => {
    const { one, two } = both();
    const [a, b] = [await one.signIn(), await two.signIn()];
    expect(a.session.bucket).not.toBe(b.session.bucket);
    for (const isolate of [one, two]) {
      for (const { token } of [a, b]) expect(await isolate.who(token)).not.toBeNull();
      expect(await isolate.sessions.list('user_1')).toHaveLength(2);
    }
    expect(await two.costOf(() => two.sessions.list('user_1'))).toEqual([1, 3]);
    expect(await two.costOf(() => two.sessions.revoke(a.session))).toEqual([1, 1]);
    expect(await one.who(a.token)).toBeNull();
    const c = await one.signIn();
    expect(await two.costOf(() => two.sessions.revokeAll('user_1'))).toEqual([1, 1]);
    for (const { token } of [b, c]) expect(await two.who(token)).toBeNull();
  });

  test('the cap counts sessions of both keys; revokeOthers ends both; sign-ins in between are refused', async () => {
    const { one, two } = both();
    const [a, b] = [await one.signIn(), await two.signIn()];
    const epochs = await one.sessions.readEpochs('user_1');
    const kept = opened(await two.sessions.revokeOthers(a.session));
    expect(await one.who(kept.token)).not.toBeNull();
    expect(await two.who(b.token)).toBeNull();
    expect(await one.sessions.create(signInOf(), epochs)).toEqual({ kind: 'gone' });
    for (let more = 1; more < policies.aal2.cap; more += 1) expect((await two.signIn()).evicted).toEqual([]);
    expect((await two.signIn()).evicted).toHaveLength(1);
  });

  test('sessions and tokens of a key removed from the ring end', async () => {
    const { one, two, three } = both();
    const [a, b] = [await one.signIn(), await two.signIn()];
    const { tokens } = await one.issue();
    expect(await three.who(a.token)).toBeNull();
    expect(three.refused).toEqual(['misplaced']);
    expect(await three.who(b.token)).not.toBeNull();
    expect(await three.tokens.refresh(presentedRefresh(tokens.refreshToken))).toEqual({ kind: 'invalid' });
    expect(await three.tokens.verify(tokens.accessToken)).toBeNull();
    // Even after a refresh under the new key, the family is stored in the bucket of the old key.
    const refreshed = await two.tokens.refresh(presentedRefresh(tokens.refreshToken));
    if (refreshed.kind !== 'rotated') throw new Error(refreshed.kind);
    expect(await three.tokens.refresh(presentedRefresh(refreshed.tokens.refreshToken))).toEqual({ kind: 'invalid' });
    expect(await three.tokens.verify(refreshed.tokens.accessToken)).toBeNull();
  });

  test('epochs read under one ring are not valid under another', async () => {
    const { two, three } = both();
    expect(await two.sessions.create(signInOf(), await three.sessions.readEpochs('user_1'))).toEqual({ kind: 'gone' });
  });
});
