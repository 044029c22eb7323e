/** A gate in an app that `createHoldfast` put together: what one request to Redis decides, and what a refusal costs. */
import { Hono } from 'hono';
import { beforeEach, describe, expect, inject, test } from 'vitest';
import { LOCAL_SECRETS } from '../../../dev/cloud/secrets.ts';
import { query } from '../../../src/platform/cache/index.ts';
import { type Credentials, type GateOptions, gate, sessionCredentials } from '../../../src/platform/gate/index.ts';
import { createHoldfast, type HoldfastScope } from '../../../src/platform/holdfast.ts';
import { rule, sliding } from '../../../src/platform/limits/index.ts';
import { createLog } from '../../../src/platform/log.ts';
import { tag } from '../../../src/platform/redis/index.ts';
import { serializeSessionCookie } from '../../../src/platform/sessions/index.ts';
import { newTenant } from '../../support/isolate.ts';

type Env = { Variables: { scope: HoldfastScope<unknown, { tenant: string }>; caller: { userId: string } } };
type Options = Partial<GateOptions<{ userId: string }, Env>>;

const { url, token } = inject('cloud').redisRest;
const log = createLog({ now: Date.now, write: () => undefined });
const redis = { url, token, timeoutMs: 30_000 };
const holdfast = createHoldfast({ redis, log, authKeys: LOCAL_SECRETS.authKeys });
const declared = query('gate-test', { ttl: '5m', tags: () => [tag('gate-test')], load: async () => 'loaded' });
const perUser = rule('gate-test', { window: sliding(2, '1h'), by: 'user', whenDown: 'open' });

let tenant: string;
let cookie: string;
beforeEach(async () => {
  tenant = newTenant();
  const scope = holdfast.scope();
  const { sessions } = scope.tenant(tenant);
  const epochs = await sessions.readEpochs('user_1');
  const created = await sessions.create({ userId: 'user_1', role: 'owner', methods: ['pwd'] }, epochs);
  if (created.kind !== 'created') throw new Error('There is no session to test with');
  cookie = serializeSessionCookie(created.token).split(';')[0] ?? '';
  await scope.end();
});

/** An app behind a gate. It answers what its caller reads, and what that cost Redis. */
function appBehind(options: Options = {}) {
  const app = new Hono<Env>();
  app.use(holdfast.middleware());
  const guard = gate<{ userId: string }, Env>({
    credentials: (c) => sessionCredentials(c.req.header('cookie'), (id) => c.var.scope.tenant(id).sessions),
    prefetch: (c, id) => c.var.scope.tenant(id).cache.prefetch(declared, {}),
    ...options,
  });
  app.get('/', guard, async (c) => {
    const value = await c.var.scope.tenant(tenant).cache.read(declared, {});
    const { requests, commands } = c.var.scope.redisMeter;
    return c.json({ value, userId: c.var.caller.userId, requests, commands });
  });
  return async (sent: string | undefined = cookie) => {
    const response = await app.request('/', { headers: sent === undefined ? {} : { cookie: sent } });
    return { status: response.status, headers: response.headers, body: (await response.json()) as object };
  };
}

describe('a gate', () => {
  test('checks session and limit and reads cached data with 1 request and 3 commands', async () => {
    const ask = appBehind({
      limits: [rule('gate-wide', { window: sliding(1000, '1h'), by: 'user', whenDown: 'open' })],
    });
    // The first request loads the value, and tells Redis the script of the limit.
    await ask();
    const cost = { requests: 1, commands: 3 };
    expect(await ask()).toMatchObject({ status: 200, body: { value: 'loaded', userId: 'user_1', ...cost } });
  });

  test.each([
    ['without credentials', ''],
    ['with a cookie that is no session', '__Host-session=invented'],
  ])('refuses a request %s with 401', async (_name, sent) => {
    const body = { code: 'NOT_AUTHENTICATED', status: 401 };
    expect(await appBehind()(sent)).toMatchObject({ status: 401, body });
  });

  test('refuses a caller beyond a limit with 429 and Retry-After, and one within it shows the limit', async () => {
    const ask = appBehind({ limits: [perUser] });
    expect((await ask()).headers.get('ratelimit')).toContain('gate-test');
    await ask();
    const refused = await ask();
    expect(refused).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('refunds the limit of a user whose credentials were claimed falsely', async () => {
    const credentials = (): Credentials<{ userId: string }> => ({
      tenant,
      user: 'victim',
      begin: () => async () => null,
    });
    const forged = appBehind({ limits: [perUser], credentials });
    for (let count = 0; count < 5; count += 1) expect((await forged()).status).toBe(401);
    const begin = () => async () => ({ userId: 'victim' });
    const genuine = appBehind({ limits: [perUser], credentials: () => ({ tenant, user: 'victim', begin }) });
    expect((await genuine()).status).toBe(200);
  });

  test('does not verify credentials that query the database beyond a limit', async () => {
    let verified = 0;
    const begin = () => async () => {
      verified += 1;
      return { userId: 'machine' };
    };
    const credentials = () => ({ tenant, user: 'machine', begin, queriesDatabase: true });
    const ask = appBehind({ limits: [perUser], credentials });
    const statuses = [await ask(), await ask(), await ask()].map(({ status }) => status);
    expect({ statuses, verified }).toEqual({ statuses: [200, 200, 429], verified: 2 });
  });

  test('refuses a verified caller whom the route does not allow with 403', async () => {
    const ask = appBehind({ allows: ({ userId }) => userId === 'user_2' });
    expect(await ask()).toMatchObject({ status: 403, body: { code: 'NOT_ALLOWED' } });
  });
});

describe('an application without a part', () => {
  const bare = createHoldfast({ redis, log });

  test('is told which option its writes need', async () => {
    const { commit } = bare.scope().tenant(newTenant());
    await expect(commit(async () => 1)).rejects.toThrow(/option database/);
  });

  test('is told which option its sessions need', () => {
    expect(() => bare.scope().tenant(newTenant()).sessions).toThrow(/option authKeys/);
  });
});
