/** The cap of a user's sessions and the policy for the next one: the script decides, not the order of requests. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OnCap, policies } from '../../../src/platform/sessions/index.ts';
import { manualClock } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';
import { createIsolate, fieldsOf, newTenant, signInOf } from './world.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterAll(() => redis.close());

function world(onCap: OnCap, cap = 3) {
  const clock = manualClock();
  const tenant = newTenant();
  const policy = { ...policies.aal2, cap, onCap };
  return { clock, tenant, one: createIsolate({ rest: redis.rest, tenant, system: clock.system, policy }) };
}

/** Signs in three times, a minute apart; the first session is the last used. */
async function full(onCap: OnCap) {
  const all = world(onCap);
  const { clock, one } = all;
  const made: Awaited<ReturnType<typeof one.signIn>>[] = [];
  for (let each = 0; each < 3; each += 1) {
    made.push(await one.signIn());
    clock.now += 60_000;
  }
  const [first] = made;
  await one.who(first?.token ?? '');
  await one.settled();
  const alive = async () => {
    const who = await Promise.all(made.map(({ token }) => one.who(token)));
    return who.map((session) => session !== null);
  };
  return { ...all, made, alive };
}

describe('at the cap', () => {
  test('reject: the sign-in is refused, and all sessions stay', async () => {
    const { one, alive } = await full('reject');
    const epochs = await one.sessions.readEpochs('user_1');
    expect(
      await one.costOf(async () => expect(await one.sessions.create(signInOf(), epochs)).toEqual({ kind: 'cap' })),
    ).toEqual([1, 1]);
    expect(await alive()).toEqual([true, true, true]);
    await one.signIn({ userId: 'user_2' });
  });

  test('evict-oldest: the first session ends', async () => {
    const { one, made, alive } = await full('evict-oldest');
    const next = await one.signIn();
    expect(next.evicted).toEqual([made[0]?.session.id]);
    expect(await alive()).toEqual([false, true, true]);
    expect(await one.who(next.token)).not.toBeNull();
  });

  test('evict-idle: the session unused for the longest time ends', async () => {
    const { one, made, alive } = await full('evict-idle');
    expect((await one.signIn()).evicted).toEqual([made[1]?.session.id]);
    expect(await alive()).toEqual([true, false, true]);
  });

  test('a lowered cap ends as many sessions as necessary', async () => {
    const { clock, tenant, one, alive } = await full('evict-oldest');
    const policy = { ...policies.aal2, cap: 1, onCap: 'evict-oldest' } as const;
    const strict = createIsolate({ rest: redis.rest, tenant, system: clock.system, policy });
    const next = await strict.signIn();
    expect(next.evicted).toHaveLength(3);
    expect(await alive()).toEqual([false, false, false]);
    expect(await one.who(next.token)).not.toBeNull();
  });

  test('of 10 simultaneous sign-ins, the cap decides how many succeed', async () => {
    const { one } = world('reject', 4);
    const epochs = await one.sessions.readEpochs('user_1');
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => one.sessions.create(signInOf(), epochs)));
    expect(outcomes.filter(({ kind }) => kind === 'created')).toHaveLength(4);
    expect(outcomes.filter(({ kind }) => kind === 'cap')).toHaveLength(6);
    expect(await one.sessions.list('user_1')).toHaveLength(4);
  });
});

describe('an ended session does not count, and is removed', () => {
  test('by time', async () => {
    const { clock, tenant, one } = world('reject', 1);
    const { session } = await one.signIn({ data: 'x' });
    clock.now += 3_600_000;
    const next = await one.signIn();
    const names = [...(await fieldsOf(one, tenant, session.bucket)).keys()].sort();
    expect(names).toEqual([next.session.sid, `${next.session.sid}~`].sort());
  });

  test('by a new epoch of the tenant', async () => {
    const { tenant, one } = world('reject', 1);
    const { session } = await one.signIn();
    await one.sessions.revokeTenant();
    await one.signIn();
    expect((await fieldsOf(one, tenant, session.bucket)).size).toBe(2);
  });

  test('because this browser signs in again', async () => {
    const { one } = world('reject', 1);
    const before = await one.signIn();
    const after = await one.signIn({ replaces: before.session });
    expect(await one.who(before.token)).toBeNull();
    expect(await one.who(after.token)).not.toBeNull();
  });

  test('even if it belonged to another user: 1 request', async () => {
    const { one } = world('reject', 1);
    const before = await one.signIn();
    const epochs = await one.sessions.readEpochs('user_2');
    const signIn = signInOf({ userId: 'user_2', replaces: before.session });
    expect(await one.costOf(() => one.sessions.create(signIn, epochs))).toEqual([1, 2]);
    expect(await one.who(before.token)).toBeNull();
  });
});

test('sessions and refresh tokens have separate caps', async () => {
  const { one } = world('reject', 1);
  const { token } = await one.signIn();
  const { tokens } = await one.issue();
  expect(await one.who(token)).not.toBeNull();
  expect(await one.tokens.validate(tokens.accessToken)).not.toBeNull();
  const epochs = await one.sessions.readEpochs('user_1');
  expect(await one.tokens.issue(signInOf(), epochs)).toEqual({ kind: 'cap' });
});
