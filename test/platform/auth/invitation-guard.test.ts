/** The guard of invitations: a stranger who tries codes costs one command and no query, and no invited user is refused. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashOfInvitation, invitationByHash } from '../../../src/identity/invitation-code.ts';
import { filterKeys } from '../../../src/platform/cache/filter-commands.ts';
import { rebuildGuard } from '../../../src/platform/cache/index.ts';
import { costOf } from '../../support/app.ts';
import { suiteRedis } from '../../support/suite-redis.ts';
import { sql } from '../../support/tenant.ts';
import { createWorld, problemOf, type World } from './world.ts';

const { rest } = suiteRedis();
let world: World;
beforeAll(async () => {
  world = await createWorld({ UPSTASH_REDIS_REST_URL: rest().url, UPSTASH_REDIS_REST_TOKEN: rest().token });
});
afterAll(() => world.close());

let guests = 0;
async function invite() {
  guests += 1;
  const email = `guarded-${Date.now().toString(36)}-${guests}@people.example`;
  const json = { email, name: 'Guest', role: 'member' };
  const response = await world.request('/auth/invitations', { method: 'POST', json, key: world.tenant.keys.all });
  const { id } = (await response.json()) as { id: string };
  const [mail] = await world.mails(email);
  const [link = ''] = /http\S+\/sign-in\?\S+/.exec(mail?.text ?? '') ?? [];
  return { id, response, code: new URL(link).searchParams.get('invitation') ?? '' };
}
const accept = (invitation: string, tenant = world.tenant.id) =>
  world.browser().request('/auth/invitations/accept', { json: { tenant, invitation } });
const stranger = () => Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64url');
const over = { status: 401, code: 'INVITATION_OVER' };

async function rebuild() {
  const scope = world.platform.scope();
  try {
    return await rebuildGuard(scope, invitationByHash);
  } finally {
    await scope.end();
  }
}

describe('a stranger’s code', () => {
  test('costs one command more, no request more, and with the filter no query', async () => {
    const scope = world.platform.scope();
    await scope.redis.del(filterKeys('invitation').filter);
    await scope.end();
    // Redis then knows the script of the limits.
    await accept(stranger());
    const without = costOf(await accept(stranger()));
    expect(without).toMatchObject({ redis: '1 request, 2 commands', db: '1 query' });
    await rebuild();
    const response = await accept(stranger());
    expect(costOf(response)).toMatchObject({ redis: '1 request, 2 commands', db: '0 queries' });
    expect(await problemOf(response)).toEqual(over);
    expect(await problemOf(await accept(stranger(), 'no-such-tenant'))).toEqual(over);
  });

  test('leaves no key in Redis beside the limits of its address', async () => {
    await rebuild();
    const scope = world.platform.scope();
    const before = await scope.redis.dbsize();
    const browser = world.browser();
    for (let tries = 0; tries < 5; tries += 1) {
      await browser.request('/auth/invitations/accept', { json: { tenant: world.tenant.id, invitation: stranger() } });
    }
    expect((await scope.redis.dbsize()) - before).toBeLessThanOrEqual(2);
    await scope.end();
  });
});

test('an invitation adds its code in the request of its marks, with one command', async () => {
  await invite();
  const shared: string[] = [];
  rest().intercept = ({ commands }) => {
    const adds = commands.filter((command) => command.some((word) => String(word).startsWith('hf:-:bf:invitation')));
    const marks = commands.filter((command) =>
      command.some((word) => String(word).includes(`${world.tenant.id}:v:user`)),
    );
    if (adds.length > 0) shared.push(`${adds.length} add, ${marks.length} mark`);
    return 'pass';
  };
  await invite();
  expect(shared).toEqual(['1 add, 1 mark']);
});

describe('an invited user is never refused', () => {
  test.each(['before', 'after'] as const)('who was invited %s the rebuild', async (when) => {
    if (when === 'after') await rebuild();
    const { id, code } = await invite();
    if (when === 'before') expect((await rebuild()).members).toBeGreaterThan(0);
    expect(await (await accept(code)).json()).toMatchObject({ user: { id } });
  });

  test('who was invited, when the filter is gone', async () => {
    await rebuild();
    const { code } = await invite();
    const scope = world.platform.scope();
    await scope.redis.del(filterKeys('invitation').filter);
    await scope.end();
    expect((await accept(code)).status).toBe(200);
  });

  test('and the code of a second invitation is accepted too', async () => {
    await rebuild();
    const { id } = await invite();
    await world.request(`/auth/invitations/${id}/again`, { method: 'POST', key: world.tenant.keys.all });
    const [row] = await sql<{ secret_hash: string }>(
      world.database,
      'SELECT secret_hash FROM invitations WHERE user_id = $1',
      [id],
    );
    const scope = world.platform.scope();
    const { cache } = scope.tenant(world.tenant.id);
    expect(await cache.mayExist(invitationByHash, { hash: row?.secret_hash ?? '' })).toBe(true);
    expect(await cache.mayExist(invitationByHash, { hash: hashOfInvitation(stranger()) })).toBe(false);
    await scope.end();
  });
});
