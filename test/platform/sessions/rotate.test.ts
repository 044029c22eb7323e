/** Rotation of sessions, and the data that a session keeps. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createSealer } from '../../../src/platform/redis/index.ts';
import { manualClock } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';
import { createIsolate, fieldsOf, keyText, newTenant, opened } from './world.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterEach(() => {
  redis.rest.intercept = undefined;
});
afterAll(() => redis.close());

function world(options: Partial<Parameters<typeof createIsolate>[0]> = {}) {
  const clock = manualClock();
  const tenant = newTenant();
  return { clock, tenant, one: createIsolate({ rest: redis.rest, tenant, system: clock.system, ...options }) };
}

describe('rotation', () => {
  test('gives a new token, ends the old one, and keeps the deadlines: 1/1', async () => {
    const { clock, tenant, one } = world();
    const { session, token, presented } = await one.signIn({ data: { cart: [1] } });
    clock.now += 1_000;
    const { requests, commands } = one.meter;
    const rotated = opened(await one.sessions.rotate(session, { role: 'admin', methods: ['pwd', 'otp'] }));
    expect(one.meter).toMatchObject({ requests: requests + 1, commands: commands + 1 });
    expect(await one.who(token)).toBeNull();
    const now = await one.who(rotated.token);
    expect(now).toEqual({ ...session, role: 'admin', methods: ['pwd', 'otp'], sid: now?.sid, lastSeenAt: clock.now });
    expect(now?.sid).not.toBe(session.sid);
    expect(rotated.token).not.toContain(presented.secret);
    expect(now).toEqual(rotated.session);
    expect(await fieldsOf(one, tenant, session.bucket)).toHaveLength(3);
  });

  test('after a new proof the session is fresh', async () => {
    const { clock, one } = world();
    const { session } = await one.signIn();
    clock.now += 600_000;
    const rotated = opened(await one.sessions.rotate(session, { reauthenticated: true }));
    expect(rotated.session).toMatchObject({ authenticatedAt: clock.now, createdAt: session.createdAt });
    one.sessions.requireFresh(rotated.session, '1m');
  });

  test('sets, keeps and removes the time of the proof of a second factor', async () => {
    const { clock, one } = world();
    const { session } = await one.signIn();
    expect(session.factorAt).toBeUndefined();
    expect(() => one.sessions.requireFreshFactor(session, '5m')).toThrow('second factor');
    clock.now += 600_000;
    const proven = opened(await one.sessions.rotate(session, { factor: 'proven' }));
    const factorAt = clock.now;
    expect(await one.who(proven.token)).toMatchObject({ factorAt, authenticatedAt: session.authenticatedAt });
    one.sessions.requireFreshFactor(proven.session, '5m');
    clock.now += 300_001;
    const kept = opened(await one.sessions.rotate(proven.session));
    expect(await one.who(kept.token)).toMatchObject({ factorAt });
    expect(() => one.sessions.requireFreshFactor(kept.session, '5m')).toThrow('second factor');
    const removed = opened(await one.sessions.revokeOthers(kept.session, { factor: 'removed' }));
    expect((await one.who(removed.token))?.factorAt).toBeUndefined();
  });

  test('two at once: one is the successor', async () => {
    const { one } = world();
    const { session } = await one.signIn();
    const both = await Promise.all([one.sessions.rotate(session), one.sessions.rotate(session)]);
    expect(both.map(({ kind }) => kind).sort()).toEqual(['gone', 'rotated']);
  });

  test.each(['revoke', 'revokeAll', 'revokeTenant'] as const)('is impossible after %s', async (way) => {
    const { tenant, one } = world();
    const { session } = await one.signIn();
    if (way === 'revokeTenant') await one.sessions.revokeTenant();
    else if (way === 'revokeAll') await one.sessions.revokeAll(session.userId);
    else await one.sessions.revoke(session);
    expect(await one.sessions.rotate(session)).toEqual({ kind: 'gone' });
    expect(await one.sessions.revokeOthers(session)).toEqual({ kind: 'gone' });
    expect((await fieldsOf(one, tenant, session.bucket)).size).toBe(way === 'revokeTenant' ? 2 : 0);
  });

  test('ends the session if its answer is lost, because no client has the new token', async () => {
    const { one } = world();
    const { session, token } = await one.signIn();
    redis.rest.intercept = () => 'drop-response';
    await expect(one.sessions.rotate(session)).rejects.toMatchObject({ code: 'SESSION_UNAVAILABLE' });
    redis.rest.intercept = undefined;
    expect(await one.who(token)).toBeNull();
  });
});

describe('data', () => {
  test('is stored unchanged, including dates and maps; the last writer wins: 1/1', async () => {
    const { one } = world();
    const data = { at: new Date(0), seen: new Map([['a', 1]]), text: '1 2 3   x ' };
    const { session, token } = await one.signIn({ data });
    expect((await one.who(token))?.data).toEqual(data);
    expect(await one.costOf(() => one.sessions.update(session, null))).toEqual([1, 1]);
    expect((await one.who(token))?.data).toBeNull();
    await one.sessions.update(session, '');
    expect((await one.who(token))?.data).toBe('');
  });

  test('of an ended session is not stored', async () => {
    const { tenant, one } = world();
    const { session } = await one.signIn();
    await one.sessions.revoke(session);
    expect(await one.sessions.update(session, { a: 1 })).toBe(false);
    expect(await fieldsOf(one, tenant, session.bucket)).toHaveLength(0);
  });

  test('that is too large is refused without a Redis request', async () => {
    const { one } = world();
    const { session } = await one.signIn();
    const work = () => one.sessions.update(session, 'x'.repeat(16_384)).catch((error: unknown) => error);
    expect(await work()).toMatchObject({ code: 'SESSION_DATA' });
    expect(await one.costOf(work)).toEqual([0, 0]);
  });
});

describe('sealed data', () => {
  const sealer = createSealer({ keys: { s1: keyText('s') }, current: 's1' });

  test('is unreadable in Redis and survives a rotation', async () => {
    const { tenant, one } = world({ sealer });
    const { session, token } = await one.signIn({ data: { ward: 'PLAINTEXT' } });
    const kept = [...(await fieldsOf(one, tenant, session.bucket)).values()].join();
    expect(kept).toContain('s1.s1.');
    expect(kept).not.toContain('PLAINTEXT');
    expect((await one.who(token))?.data).toEqual({ ward: 'PLAINTEXT' });
    const rotated = opened(await one.sessions.rotate(session));
    expect((await one.who(rotated.token))?.data).toEqual({ ward: 'PLAINTEXT' });
    await one.sessions.update(rotated.session, { ward: 'other' });
    expect((await one.who(rotated.token))?.data).toEqual({ ward: 'other' });
  });

  test('of another session, or not sealed at all, does not open', async () => {
    const { tenant, one } = world({ sealer });
    const [a, b] = [await one.signIn({ data: 'a' }), await one.signIn({ data: 'b' })];
    const hash = `hf:${tenant}:s:${a.session.bucket}`;
    const fields = await fieldsOf(one, tenant, a.session.bucket);
    for (const planted of [fields.get(`${b.session.sid}=`) ?? '', 'j"a"', '', 's1.s9.a.b.c']) {
      await one.redis.hset(hash, { [`${a.session.sid}=`]: planted });
      expect(await one.who(a.token)).toBeNull();
    }
    expect(one.refused).toEqual(Array(4).fill('unreadable'));
    expect(await one.who(b.token)).not.toBeNull();
  });
});
