/** Refresh tokens: used once, repeated after a lost answer, and the end of a family when a copy is used. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { RefreshOutcome, TokenPair } from '../../../src/platform/sessions/index.ts';
import { formatRefreshToken } from '../../../src/platform/sessions/refresh-token.ts';
import { realSystem } from '../../../src/platform/system.ts';
import { manualClock } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';
import { authKeys, createIsolate, fieldsOf, type Isolate, newTenant, presentedRefresh, signInOf } from './world.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterEach(() => {
  redis.rest.intercept = undefined;
});
afterAll(() => redis.close());

const DAY = 86_400_000;

function world(options: Partial<Parameters<typeof createIsolate>[0]> = {}) {
  const clock = manualClock();
  const tenant = newTenant();
  return { clock, tenant, one: createIsolate({ rest: redis.rest, tenant, system: clock.system, ...options }) };
}

const use = (isolate: Isolate, token: string) => isolate.tokens.refresh(presentedRefresh(token));

/** The tokens of an outcome; without tokens the test fails. */
function given(outcome: RefreshOutcome): TokenPair {
  if (!('tokens' in outcome)) throw new Error(`Refreshing: ${outcome.kind}`);
  return outcome.tokens;
}

/** The contents of the family's hash, to show that nothing has changed. */
async function snapshot(isolate: Isolate, tenant: string) {
  return Object.fromEntries(await fieldsOf(isolate, tenant, authKeys.bucketsOf(tenant, 'user_1')[0]));
}

describe('a refresh token', () => {
  test('costs: issue 1/1, refresh 1/1, verify 0/0, validate 1/2, revoke 1/1', async () => {
    const { one } = world();
    const epochs = await one.sessions.readEpochs('user_1');
    expect(await one.costOf(() => one.tokens.issue(signInOf(), epochs))).toEqual([1, 1]);
    const { tokens } = await one.issue();
    expect(await one.costOf(() => use(one, tokens.refreshToken))).toEqual([1, 1]);
    expect(await one.costOf(() => one.tokens.verify(tokens.accessToken))).toEqual([0, 0]);
    expect(await one.costOf(() => one.tokens.validate(tokens.accessToken))).toEqual([1, 2]);
    expect(await one.costOf(() => one.tokens.revoke(presentedRefresh(tokens.refreshToken)))).toEqual([1, 1]);
  });

  test('gives a pair of tokens, and its successor gives the next pair', async () => {
    const { clock, tenant, one } = world();
    const issued = await one.issue({ role: 'admin', methods: ['pwd', 'otp'] });
    let { refreshToken } = issued.tokens;
    for (let generation = 2; generation < 12; generation += 1) {
      clock.now += 300_000;
      const tokens = given(await use(one, refreshToken));
      expect(presentedRefresh(tokens.refreshToken)).toMatchObject({ family: issued.id, generation, tenant });
      refreshToken = tokens.refreshToken;
      expect(await one.tokens.validate(tokens.accessToken)).toMatchObject({
        id: issued.id,
        tenant,
        userId: 'user_1',
        role: 'admin',
        methods: ['pwd', 'otp'],
        expiresAt: clock.now + 300_000,
      });
    }
  });

  test('cannot be read in Redis, and neither can its successor', async () => {
    const { tenant, one } = world();
    const { tokens } = await one.issue();
    const { refreshToken } = given(await use(one, tokens.refreshToken));
    const kept = JSON.stringify(await snapshot(one, tenant));
    for (const token of [tokens.refreshToken, refreshToken]) {
      expect(kept).not.toContain(presentedRefresh(token).secret);
      expect(kept).not.toContain(presentedRefresh(token).mac);
    }
  });

  test('ends after 14 days without use, and after 90 in any case', async () => {
    const { clock, one } = world();
    const unused = await one.issue();
    let { refreshToken } = (await one.issue()).tokens;
    const start = clock.now;
    while (clock.now + 13 * DAY < start + 90 * DAY) {
      clock.now += 13 * DAY;
      refreshToken = given(await use(one, refreshToken)).refreshToken;
    }
    expect(await use(one, unused.tokens.refreshToken)).toEqual({ kind: 'invalid' });
    clock.now = start + 90 * DAY - 1;
    refreshToken = given(await use(one, refreshToken)).refreshToken;
    clock.now += 1;
    expect(await use(one, refreshToken)).toEqual({ kind: 'invalid' });
  });

  test('the access token of an ended family is refused by checks that ask Redis', async () => {
    const { one } = world();
    const { tokens, id } = await one.issue();
    await one.sessions.revoke({ userId: 'user_1', id });
    expect(await one.tokens.validate(tokens.accessToken)).toBeNull();
    expect(await one.tokens.verify(tokens.accessToken)).not.toBeNull();
  });
});

describe('used again', () => {
  test('within the grace period, after a lost answer: the same successor', async () => {
    const { clock, one } = world();
    const { tokens } = await one.issue();
    redis.rest.intercept = () => 'drop-response';
    await expect(use(one, tokens.refreshToken)).rejects.toMatchObject({ code: 'SESSION_UNAVAILABLE' });
    redis.rest.intercept = undefined;
    clock.now += 30_000;
    const again = await use(one, tokens.refreshToken);
    expect(again.kind).toBe('same');
    const third = await use(one, tokens.refreshToken);
    expect(given(third).refreshToken).toBe(given(again).refreshToken);
    expect((await use(one, given(again).refreshToken)).kind).toBe('rotated');
  });

  test('after the grace period: the family ends with its last token', async () => {
    const { clock, tenant, one } = world();
    const { tokens, id } = await one.issue();
    const { refreshToken } = given(await use(one, tokens.refreshToken));
    clock.now += 30_001;
    expect(await use(one, tokens.refreshToken)).toEqual({ kind: 'reuse', id, userId: 'user_1' });
    expect(await use(one, refreshToken)).toEqual({ kind: 'invalid' });
    expect(await snapshot(one, tenant)).toEqual({});
  });

  test('after the use of its successor: the family ends, even within the grace period', async () => {
    const { one } = world();
    const { tokens } = await one.issue();
    const second = given(await use(one, tokens.refreshToken));
    const third = given(await use(one, second.refreshToken));
    expect((await use(one, tokens.refreshToken)).kind).toBe('reuse');
    expect(await use(one, third.refreshToken)).toEqual({ kind: 'invalid' });
    expect(await one.tokens.validate(third.accessToken)).toBeNull();
  });

  test('in turns by a thief and the owner: noticed at the second turn', async () => {
    const { clock, one } = world();
    const { tokens: owner } = await one.issue();
    const thief = given(await use(one, owner.refreshToken));
    clock.now += 300_000;
    expect((await use(one, owner.refreshToken)).kind).toBe('reuse');
    expect(await use(one, thief.refreshToken)).toEqual({ kind: 'invalid' });
  });

  test('the end of a family ends neither other families nor sessions', async () => {
    const { clock, one } = world();
    const { token } = await one.signIn();
    const [a, b] = [await one.issue(), await one.issue()];
    given(await use(one, a.tokens.refreshToken));
    clock.now += 60_000;
    expect((await use(one, a.tokens.refreshToken)).kind).toBe('reuse');
    expect((await use(one, b.tokens.refreshToken)).kind).toBe('rotated');
    expect(await one.who(token)).not.toBeNull();
  });

  test('the grace period can be shortened but not extended', async () => {
    const { clock, tenant, one } = world({ grace: '1s' });
    const { tokens } = await one.issue();
    given(await use(one, tokens.refreshToken));
    clock.now += 1_001;
    expect((await use(one, tokens.refreshToken)).kind).toBe('reuse');
    expect(() => createIsolate({ rest: redis.rest, tenant, grace: '31s' })).toThrow(/at most 30 s/);
  });
});

describe('a token that was never issued changes nothing', () => {
  test('forged in any part: 0/0', async () => {
    const { tenant, one } = world();
    const { tokens } = await one.issue();
    given(await use(one, tokens.refreshToken));
    const good = presentedRefresh(tokens.refreshToken);
    const before = await snapshot(one, tenant);
    for (const forged of [
      { ...good, secret: realSystem.secret() },
      { ...good, mac: realSystem.secret() },
      { ...good, generation: 7 },
      { ...good, family: realSystem.token() },
      { ...good, bucket: realSystem.token() },
      { ...good, tenant: newTenant() },
    ]) {
      const work = async () => expect(await one.tokens.refresh(forged)).toEqual({ kind: 'invalid' });
      expect(await one.costOf(work)).toEqual([0, 0]);
      expect(await one.costOf(() => one.tokens.revoke(forged))).toEqual([0, 0]);
    }
    expect(await snapshot(one, tenant)).toEqual(before);
  });

  test('signed, but unknown to the family: of the current or a later generation', async () => {
    const { tenant, one } = world();
    const { tokens } = await one.issue();
    const { refreshToken } = given(await use(one, tokens.refreshToken));
    const before = await snapshot(one, tenant);
    for (const generation of [2, 3, 999_999_999]) {
      const secret = realSystem.secret();
      const token = formatRefreshToken(authKeys, { ...presentedRefresh(refreshToken), generation, secret });
      expect(await use(one, token)).toEqual({ kind: 'invalid' });
    }
    const family = realSystem.token();
    expect(await use(one, formatRefreshToken(authKeys, { ...presentedRefresh(refreshToken), family }))).toEqual({
      kind: 'invalid',
    });
    expect(await snapshot(one, tenant)).toEqual(before);
    expect((await use(one, refreshToken)).kind).toBe('rotated');
  });
});

test('without Redis the result is SESSION_UNAVAILABLE', async () => {
  const { one } = world({ breaker: { threshold: 1_000 } });
  const { tokens } = await one.issue();
  redis.rest.intercept = () => ({ status: 503, body: {} });
  await expect(use(one, tokens.refreshToken)).rejects.toMatchObject({ code: 'SESSION_UNAVAILABLE' });
  await expect(one.tokens.validate(tokens.accessToken)).rejects.toMatchObject({ code: 'SESSION_UNAVAILABLE' });
  redis.rest.intercept = undefined;
  expect((await use(one, tokens.refreshToken)).kind).toBe('rotated');
});

test('a client can sign out with any of its tokens, even an old one', async () => {
  const { one } = world();
  const { tokens } = await one.issue();
  const { refreshToken } = given(await use(one, tokens.refreshToken));
  expect(await one.tokens.revoke(presentedRefresh(tokens.refreshToken))).toBe(true);
  expect(await use(one, refreshToken)).toEqual({ kind: 'invalid' });
  expect(await one.tokens.revoke(presentedRefresh(refreshToken))).toBe(false);
});
