/** Creating and validating sessions: cost, lifetime, refusals, and the data in Redis. */
import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { touchSession } from '../../../src/platform/sessions/change-entry.ts';
import { bucketKeys } from '../../../src/platform/sessions/epochs.ts';
import { createSessions, policies, SessionError } from '../../../src/platform/sessions/index.ts';
import { realSystem } from '../../../src/platform/system.ts';
import { manualClock } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';
import { authKeys, createIsolate, fieldsOf, newTenant, presented, signInOf } from './world.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterEach(() => {
  redis.rest.intercept = undefined;
});
afterAll(() => redis.close());

const HOUR = 3_600_000;
const userAgent = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';

function world(options: Partial<Parameters<typeof createIsolate>[0]> = {}) {
  const clock = manualClock();
  const tenant = options.tenant ?? newTenant();
  return { clock, tenant, one: createIsolate({ rest: redis.rest, tenant, system: clock.system, ...options }) };
}

describe('a session', () => {
  test('is created and found by another isolate', async () => {
    const { clock, tenant, one } = world();
    const { session, token } = await one.signIn({ role: 'admin', methods: ['pwd', 'otp'], userAgent });
    expect(session).toEqual({
      tenant,
      userId: 'user_1',
      role: 'admin',
      methods: ['pwd', 'otp'],
      device: 'Firefox on Windows',
      createdAt: clock.now,
      authenticatedAt: clock.now,
      lastSeenAt: clock.now,
      idleMs: HOUR,
      expiresAt: clock.now + 24 * HOUR,
      data: undefined,
      id: session.sid,
      sid: session.sid,
      bucket: authKeys.bucketsOf(tenant, 'user_1')[0],
      epochs: { tenant: '', user: '' },
    });
    const other = createIsolate({ rest: redis.rest, tenant, system: clock.system });
    expect(await other.who(token)).toEqual(session);
    expect(other.refused).toEqual([]);
  });

  test('costs: epochs 1/1, create 1/1, validate 1/2, with a touch 2/3', async () => {
    const { clock, one } = world();
    let token = '';
    expect(await one.costOf(() => one.sessions.readEpochs('user_1'))).toEqual([1, 1]);
    const epochs = await one.sessions.readEpochs('user_1');
    expect(
      await one.costOf(async () => {
        const outcome = await one.sessions.create(signInOf(), epochs);
        if (outcome.kind === 'created') token = outcome.token;
      }),
    ).toEqual([1, 1]);
    expect(await one.costOf(() => one.who(token))).toEqual([1, 2]);
    clock.now += 60_000;
    expect(await one.costOf(() => one.who(token))).toEqual([2, 3]);
    expect(await one.costOf(() => one.who(token))).toEqual([1, 2]);
  });

  test('a validation shares its request with the other commands of the turn', async () => {
    const { tenant, one } = world();
    const { token } = await one.signIn();
    expect(await one.costOf(() => Promise.all([one.who(token), one.redis.get(`hf:${tenant}:c:x`)]))).toEqual([1, 3]);
  });

  test('Redis has only a digest of the secret, and no valid credential', async () => {
    const { tenant, one } = world();
    const { token, session } = await one.signIn();
    const { secret } = presented(token);
    const kept = [...(await fieldsOf(one, tenant, session.bucket))].flat().join(' ');
    expect(kept).toContain(createHash('sha256').update(secret).digest('base64url'));
    expect(kept).not.toContain(secret);
  });

  test('all tokens differ', async () => {
    const { one } = world({ policy: { ...policies.aal2, cap: 100 } });
    const tokens = new Set<string>();
    for (let each = 0; each < 50; each += 1) tokens.add((await one.signIn()).presented.secret);
    expect(tokens.size).toBe(50);
  });
});

describe('access is refused', () => {
  test('with another secret, sid, bucket or tenant', async () => {
    const { tenant, one } = world();
    const { presented: good } = await one.signIn();
    const other = await one.signIn({ userId: 'user_2' });
    const secret = realSystem.secret();
    expect(await one.sessions.validate({ ...good, secret })).toBeNull();
    expect(await one.sessions.validate({ ...good, secret: other.presented.secret })).toBeNull();
    expect(await one.sessions.validate({ ...good, sid: realSystem.token() })).toBeNull();
    expect(await one.sessions.validate({ ...good, bucket: other.presented.bucket })).toBeNull();
    expect(one.refused).toEqual(['wrong-secret', 'wrong-secret', 'unknown', 'unknown']);
    const foreign = createIsolate({ rest: redis.rest, tenant: newTenant() });
    expect(await foreign.costOf(async () => expect(await foreign.sessions.validate(good)).toBeNull())).toEqual([0, 0]);
    expect(foreign.refused).toEqual(['other-tenant']);
    expect(await foreign.sessions.validate({ ...good, tenant: newTenant() })).toBeNull();
    expect(await one.sessions.validate({ ...good, tenant })).not.toBeNull();
  });

  test('with the name of a field that is not a record', async () => {
    const { one } = world();
    const { presented: good } = await one.signIn({ data: { a: 1 } });
    for (const sid of [`${good.sid}~`, `${good.sid}=`])
      expect(await one.sessions.validate({ ...good, sid })).toBeNull();
  });

  test('with a record copied to another user’s bucket', async () => {
    const { tenant, one } = world();
    const { presented: good } = await one.signIn();
    const bucket = authKeys.bucketsOf(tenant, 'user_2')[0];
    const record = (await fieldsOf(one, tenant, good.bucket)).get(good.sid) ?? '';
    await one.redis.hset(`hf:${tenant}:s:${bucket}`, { [good.sid]: record });
    expect(await one.sessions.validate({ ...good, bucket })).toBeNull();
    expect(one.refused).toEqual(['misplaced']);
  });
});

describe('time', () => {
  test('ends an unused session exactly to the millisecond', async () => {
    const { clock, one } = world();
    const [{ token: used }, { token }] = [await one.signIn(), await one.signIn()];
    clock.now += HOUR - 1;
    expect(await one.who(used)).not.toBeNull();
    await one.settled();
    clock.now += 1;
    expect(await one.who(used)).not.toBeNull();
    expect(await one.who(token)).toBeNull();
    expect(one.refused).toEqual(['idle']);
  });

  test('keeps a used session exactly until its deadline', async () => {
    const { clock, one } = world();
    const { token, session } = await one.signIn();
    for (let half = 1; half < 48; half += 1) {
      clock.now = session.createdAt + half * (HOUR / 2);
      expect(await one.who(token)).not.toBeNull();
      await one.settled();
    }
    clock.now = session.expiresAt - 1;
    expect((await one.who(token))?.lastSeenAt).toBe(session.createdAt + 47 * (HOUR / 2));
    clock.now = session.expiresAt;
    expect(await one.who(token)).toBeNull();
    expect(one.refused).toEqual(['expired']);
  });

  test('a late touch overwrites neither a later touch nor an ended session', async () => {
    const { clock, tenant, one } = world();
    const { session } = await one.signIn();
    const { sessions: hash } = bucketKeys(tenant, session.bucket);
    expect(await touchSession(one.redis, hash, session.sid, clock.now + 60_001)).toBe(true);
    expect(await touchSession(one.redis, hash, session.sid, clock.now + 60_000)).toBe(false);
    expect((await fieldsOf(one, tenant, session.bucket)).get(`${session.sid}~`)).toBe(String(clock.now + 60_001));
    await one.sessions.revoke(session);
    expect(await touchSession(one.redis, hash, session.sid, clock.now + 60_002)).toBe(false);
    expect(await fieldsOf(one, tenant, session.bucket)).toHaveLength(0);
  });

  test('the use of a session is recorded once per interval, even with several requests', async () => {
    const { clock, tenant, one } = world();
    const { token, session } = await one.signIn();
    const other = createIsolate({ rest: redis.rest, tenant, system: { now: () => clock.now + 5_000 } });
    clock.now += 59_999;
    expect(await one.costOf(() => one.who(token))).toEqual([1, 2]);
    expect(await other.costOf(() => other.who(token))).toEqual([2, 3]);
    clock.now += 1;
    await one.costOf(() => one.who(token));
    expect((await fieldsOf(one, tenant, session.bucket)).get(`${session.sid}~`)).toBe(String(clock.now + 4_999));
  });

  test('the hash expires with its last session', async () => {
    const { clock, tenant, one } = world();
    const long = createIsolate({ rest: redis.rest, tenant, system: clock.system, policy: policies.aal1 });
    const { session } = await one.signIn();
    const ttl = () => one.redis.pttl(`hf:${tenant}:s:${session.bucket}`);
    expect(await ttl()).toBeGreaterThan(24 * HOUR - 10_000);
    expect(await ttl()).toBeLessThanOrEqual(24 * HOUR);
    await long.signIn();
    expect(await ttl()).toBeGreaterThan(30 * 24 * HOUR - 10_000);
    await one.signIn();
    expect(await ttl()).toBeGreaterThan(30 * 24 * HOUR - 10_000);
  });

  test('the age of the proof decides whether a fresh one is needed', async () => {
    const { clock, one } = world();
    const { session } = await one.signIn();
    clock.now += 300_000;
    one.sessions.requireFresh(session, '5m');
    clock.now += 1;
    expect(() => one.sessions.requireFresh(session, '5m')).toThrow(
      expect.objectContaining({ name: 'SessionError', code: 'SESSION_NOT_FRESH' }),
    );
  });
});

describe('without Redis', () => {
  test('every operation on sessions fails with SESSION_UNAVAILABLE', async () => {
    const { one } = world({ breaker: { threshold: 1_000 } });
    const { token, session } = await one.signIn();
    const epochs = await one.sessions.readEpochs('user_1');
    const verdicts = [{ status: 503, body: {} }, { status: 401, body: {} }, 'drop-response'] as const;
    for (const verdict of verdicts) {
      redis.rest.intercept = () => verdict;
      for (const work of [
        () => one.who(token),
        () => one.sessions.readEpochs('user_1'),
        () => one.sessions.list('user_1'),
        () => one.sessions.update(session, 1),
        () => one.sessions.revoke(session),
        () => one.sessions.revokeAll('user_2'),
        () => one.sessions.create(signInOf({ userId: 'user_2' }), epochs),
      ]) {
        const error: unknown = await work().catch((each: unknown) => each);
        expect(error).toBeInstanceOf(SessionError);
        expect(error).toMatchObject({ code: 'SESSION_UNAVAILABLE' });
        expect(String(error)).not.toContain(presented(token).secret);
      }
    }
  });

  test('a wrong type of the key is an error too, not "not signed in"', async () => {
    const { tenant, one } = world();
    const { token, session } = await one.signIn();
    await one.redis.set(`hf:${tenant}:s:${session.bucket}`, 'x');
    await expect(one.who(token)).rejects.toMatchObject({ code: 'SESSION_UNAVAILABLE' });
  });

  test('a validation with a lost answer is repeated within the same call', async () => {
    const { one } = world();
    const { token } = await one.signIn();
    let asked = 0;
    redis.rest.intercept = () => (++asked === 1 ? 'drop-response' : 'pass');
    expect(await one.who(token)).not.toBeNull();
    expect(asked).toBe(2);
  });

  test('a failed touch has no effect on the caller', async () => {
    const { clock, one } = world();
    const { token } = await one.signIn();
    clock.now += 60_000;
    redis.rest.intercept = ({ commands }) =>
      commands.some(([name]) => /^eval/i.test(String(name))) ? { status: 503, body: {} } : 'pass';
    expect(await one.who(token)).not.toBeNull();
    await one.settled();
  });
});

test.each([
  ['an idle time shorter than the touch interval', { policy: { ...policies.aal2, idle: '30s' } }],
  ['a life longer than epochs can end', { policy: { ...policies.aal1, absolute: '91d' } }],
  ['no sessions', { policy: { ...policies.aal2, cap: 0 } }],
  ['a tenant that no token can carry', { tenant: 'Acme Corp' }],
] as const)('%s is an invalid configuration', (_, options) => {
  const { one } = world();
  const base = { tenant: 'acme', redis: one.redis, system: realSystem, keys: authKeys, after: () => undefined };
  expect(() => createSessions({ ...base, ...options })).toThrow(expect.objectContaining({ code: 'SESSION_CONFIG' }));
});
