/** Sessions and refresh tokens of roles with a policy of their own: shorter lives, and records sealed in Redis. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSealer } from '../../../src/platform/redis/index.ts';
import { policies } from '../../../src/platform/sessions/index.ts';
import { limitsOf as sessionLimitsOf } from '../../../src/platform/sessions/policy.ts';
import { defineSessionPolicy, roleLimits } from '../../../src/platform/sessions/role-policies.ts';
import { manualClock } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';
import {
  createIsolate,
  fieldsOf,
  type Isolate,
  keyText,
  newTenant,
  opened,
  presentedRefresh,
  signInOf,
} from './world.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterAll(() => redis.close());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const strict = sessionLimitsOf({ ...policies.aal3, touch: '1m', sealed: true });
const limitsOf = (role: string) => (role === 'nurse' ? strict : undefined);
const keys = { s1: keyText('s'), s2: keyText('t') };
const sealer = createSealer({ keys, current: 's1' });
const nurse = { userId: 'user_nurse', role: 'nurse', userAgent: 'Firefox/140.0 (Windows NT 10.0)' };

function world(options: Partial<Parameters<typeof createIsolate>[0]> = {}) {
  const clock = manualClock();
  const tenant = newTenant();
  const isolate = (more: typeof options = {}) =>
    createIsolate({ rest: redis.rest, tenant, system: clock.system, limitsOfRole: limitsOf, ...options, ...more });
  return { clock, tenant, isolate, one: isolate({ sealer }) };
}

async function edit(isolate: Isolate, hash: string, name: string, change: (record: string) => string) {
  const record = (await isolate.redis.exec<string | null>(['HGET', hash, name])) ?? '';
  await isolate.redis.exec(['HSET', hash, name, change(record)]);
}

describe('a sealed session', () => {
  test('is found by another isolate, and Redis has neither its user nor role, methods or device', async () => {
    const { tenant, one, isolate } = world();
    const { session, token } = await one.signIn(nurse);
    expect(await isolate({ sealer }).who(token)).toEqual(session);
    expect(session).toMatchObject({ userId: 'user_nurse', role: 'nurse', device: 'Firefox on Windows' });
    const kept = [...(await fieldsOf(one, tenant, session.bucket))].flat().join(' ');
    expect(kept).not.toMatch(/user_nurse|nurse|pwd|Firefox|Windows/);
    expect(kept).toContain('"sealed":"s1.s1.');
  });

  test('ends after 15 minutes without use', async () => {
    const { clock, one } = world();
    const { token } = await one.signIn(nurse);
    clock.now += 15 * MINUTE - 1;
    expect(await one.who(token)).not.toBeNull();
    await one.settled();
    clock.now += 15 * MINUTE;
    expect(await one.who(token)).toBeNull();
    expect(one.refused).toEqual(['idle']);
  });

  test('ends after 12 hours in use', async () => {
    const { clock, one } = world();
    const { token } = await one.signIn(nurse);
    for (let used = 0; used < 12 * HOUR - 10 * MINUTE; used += 10 * MINUTE) {
      clock.now += 10 * MINUTE;
      expect(await one.who(token)).not.toBeNull();
      await one.settled();
    }
    clock.now += 10 * MINUTE;
    expect(await one.who(token)).toBeNull();
    expect(one.refused).toEqual(['expired']);
  });

  test('costs as much as any other session: create 1/1, validate 1/2, once a minute 2/3', async () => {
    for (const who of [signInOf(), signInOf(nurse)]) {
      const { clock, one } = world();
      const epochs = await one.sessions.readEpochs(who.userId);
      let token = '';
      const creation = async () => {
        const outcome = await one.sessions.create(who, epochs);
        if (outcome.kind === 'created') token = outcome.token;
      };
      expect(await one.costOf(creation)).toEqual([1, 1]);
      clock.now += MINUTE - 1;
      expect(await one.costOf(() => one.who(token))).toEqual([1, 2]);
      clock.now += 1;
      expect(await one.costOf(() => one.who(token))).toEqual([2, 3]);
      expect(await one.costOf(() => one.who(token))).toEqual([1, 2]);
    }
  });

  test('keeps its seal, its end and its data when it is rotated', async () => {
    const { tenant, clock, one } = world();
    const { session } = await one.signIn({ ...nurse, data: { ward: 'B' } });
    clock.now += MINUTE;
    const rotated = opened(await one.sessions.rotate(session, { reauthenticated: true }));
    expect(await one.who(rotated.token)).toMatchObject({ expiresAt: session.expiresAt, data: { ward: 'B' } });
    expect([...(await fieldsOf(one, tenant, session.bucket))].flat().join(' ')).not.toMatch(/nurse|ward/);
  });

  test('is opened with an older key of SEAL_KEYS', async () => {
    const { one, isolate } = world();
    const { token } = await one.signIn(nurse);
    expect(await isolate({ sealer: createSealer({ keys, current: 's2' }) }).who(token)).not.toBeNull();
  });

  test('a session that gets a sealed role is sealed, and its life becomes shorter', async () => {
    const { tenant, clock, one } = world();
    const { session } = await one.signIn({ userId: 'user_1', role: 'member' });
    clock.now += HOUR - 1;
    const { token } = opened(await one.sessions.rotate(session, { role: 'nurse' }));
    expect(await one.who(token)).toMatchObject({ idleMs: 15 * MINUTE, expiresAt: session.createdAt + 12 * HOUR });
    expect([...(await fieldsOf(one, tenant, session.bucket))].flat().join(' ')).not.toContain('nurse');
  });

  test('is in the list of its user with device and role', async () => {
    const { clock, one } = world();
    await one.issue(nurse);
    clock.now += 1;
    const { session } = await one.signIn(nurse);
    expect(await one.sessions.list('user_nurse', session)).toEqual([
      expect.objectContaining({ kind: 'session', role: 'nurse', device: 'Firefox on Windows', current: true }),
      expect.objectContaining({ kind: 'family', role: 'nurse', current: false }),
    ]);
  });
});

describe('a seal that does not fit is no session', () => {
  const later = (record: string) =>
    record.replace(/^(\d+ \d+) (\d+)/, (_all, head, end) => `${head} ${Number(end) + 1}`);
  test.each([
    ['a later end', later],
    ['a longer idle time', (record: string) => record.replace(/^(\d+) (\d+)/, '$1 90000000')],
    ['an earlier key', (record: string) => record.replace('"s1.s1.', '"s1.s0.')],
    ['a damaged text', (record: string) => record.replace(/.(?=.{8}","digest")/, (one) => (one === 'A' ? 'B' : 'A'))],
    [
      'a text without a seal',
      (record: string) =>
        record.replace(
          /"sealed":"[^"]+"/,
          '"userId":"user_nurse","role":"nurse","authenticatedAt":1,"methods":["pwd"],"device":"x"',
        ),
    ],
  ])('%s', async (_name, change) => {
    const { one } = world();
    const { token, session } = await one.signIn(nurse);
    await edit(one, `hf:${session.tenant}:s:${session.bucket}`, session.sid, change);
    expect(await one.who(token)).toBeNull();
    expect(one.refused).toEqual(['unreadable']);
    expect(await one.sessions.list('user_nurse')).toEqual([]);

    const issued = await one.issue(nurse);
    const { bucket } = session;
    await edit(one, `hf:${session.tenant}:s:${bucket}`, `r.${issued.id}`, change);
    expect(await one.tokens.validate(issued.tokens.accessToken)).toBeNull();
    const outcome = await one.tokens.refresh(presentedRefresh(issued.tokens.refreshToken));
    expect(outcome).toEqual({ kind: 'invalid' });
  });

  test('the record of another entry of the same user, with the secret that opens that entry', async () => {
    const { one } = world();
    const { session: own } = await one.signIn(nurse);
    const { presented } = await one.signIn(nurse);
    const hash = `hf:${own.tenant}:s:${own.bucket}`;
    const other = await one.redis.exec<string>(['HGET', hash, presented.sid]);
    await one.redis.exec(['HSET', hash, own.sid, other]);
    expect(await one.sessions.validate({ ...presented, sid: own.sid })).toBeNull();
    expect(one.refused).toEqual(['unreadable']);
  });

  test('without SEAL_KEYS the role cannot sign in, and its sessions are not valid; other roles can', async () => {
    const { one, isolate } = world();
    const { token } = await one.signIn(nurse);
    const bare = isolate();
    expect(await bare.who(token)).toBeNull();
    await expect(bare.signIn(nurse)).rejects.toMatchObject({ code: 'SESSION_SEAL_KEYS' });
    await expect(bare.issue(nurse)).rejects.toMatchObject({ code: 'SESSION_SEAL_KEYS' });
    expect((await bare.signIn()).session.role).toBe('member');
  });
});

describe('refresh tokens of a sealed role', () => {
  test('have the bounds of its sessions: 15 minutes without use, 12 hours in any case', async () => {
    const { clock, one } = world();
    const idle = await one.issue(nurse);
    let { tokens } = await one.issue(nurse);
    const began = clock.now;
    for (let used = 0; used < 12 * HOUR - 10 * MINUTE; used += 10 * MINUTE) {
      clock.now += 10 * MINUTE;
      const outcome = await one.tokens.refresh(presentedRefresh(tokens.refreshToken));
      if (outcome.kind !== 'rotated') throw new Error(`${outcome.kind} after ${clock.now - began} ms`);
      tokens = outcome.tokens;
    }
    expect(await one.tokens.refresh(presentedRefresh(idle.tokens.refreshToken))).toEqual({ kind: 'invalid' });
    clock.now += 10 * MINUTE;
    expect(await one.tokens.refresh(presentedRefresh(tokens.refreshToken))).toEqual({ kind: 'invalid' });
    expect(await one.tokens.validate(tokens.accessToken)).toBeNull();
  });

  test('are sealed in Redis', async () => {
    const { tenant, one } = world();
    const { session } = await one.signIn(nurse);
    const { tokens } = await one.issue(nurse);
    expect(await one.tokens.validate(tokens.accessToken)).toMatchObject({ role: 'nurse', userId: 'user_nurse' });
    expect([...(await fieldsOf(one, tenant, session.bucket))].flat().join(' ')).not.toMatch(/nurse|pwd|Firefox/);
  });
});

test('a role with two policies has the stricter bound of each', () => {
  defineSessionPolicy(['two-policies'], { ...policies.aal1, sealed: true });
  defineSessionPolicy(['two-policies', 'one-policy'], { ...policies.aal3, idle: '20m' });
  expect(roleLimits.get('two-policies')).toEqual({
    ...sessionLimitsOf({ ...policies.aal3, idle: '20m' }),
    sealed: true,
  });
  expect(roleLimits.get('one-policy')?.sealed).toBe(false);
  expect(roleLimits.get('no-policy')).toBeUndefined();
});
