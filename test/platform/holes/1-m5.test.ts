/** 1/M5: a reply of an unexpected type ended the Node process, because a prefetch that was not awaited rejected. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { apiKeyRecord } from '../../../src/identity/index.ts';
import { createTestApp } from '../../support/app.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';
import { type RawReply, type WrongReplies, wrongReplies } from '../../support/wrong-replies.ts';

let tenant: OwnTenant;
let way: WrongReplies;
let app: ReturnType<typeof createTestApp>;
const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
beforeAll(async () => {
  tenant = await createTenant(inject('cloud').postgres.url);
});
beforeEach(() => {
  way = wrongReplies();
  app = createTestApp({ fetch: way.fetch, key: tenant.keys.all });
  unhandled.length = 0;
  process.on('unhandledRejection', note);
});
afterEach(async () => {
  process.off('unhandledRejection', note);
  await app.close();
});
afterAll(() => expect(unhandled).toEqual([]));

/** Numbers and lists where texts and null are expected, as from a proxy that mixes up replies. */
const mixedUp = (name: string, reply: RawReply): RawReply | undefined =>
  name === 'MGET' && 'result' in reply ? { result: (reply.result as unknown[]).map(() => [1]) } : undefined;

describe('1/M5 a reply of unexpected type', () => {
  test('to an unused prefetch: the process stays alive, and the log names the command', async () => {
    way.alter = mixedUp;
    const scope = app.platform.scope();
    const { cache } = scope.tenant(tenant.id);
    cache.prefetch(apiKeyRecord, { keyId: 'none' });
    const isReported = (line: string) => line.includes('redis.unexpected_reply');
    await expect.poll(() => app.lines.some(isReported)).toBe(true);
    await scope.end();
    expect(unhandled).toEqual([]);
    const events = app.lines.map((line) => JSON.parse(line) as { event: string; command?: string });
    expect(events).toContainEqual(expect.objectContaining({ event: 'redis.unexpected_reply', command: 'MGET' }));
  });

  test('to the lookup of a list: the read bypasses the cache, and is a hit again afterwards', async () => {
    expect((await app.request('/companies')).status).toBe(200);
    way.alter = mixedUp;
    const wrong = await app.request('/companies');
    expect([wrong.status, wrong.headers.get('x-cache')]).toEqual([200, 'BYPASS']);
    way.alter = undefined;
    const right = await app.request('/companies');
    expect([right.status, right.headers.get('x-cache')]).toEqual([200, 'HIT']);
    expect(unhandled).toEqual([]);
  });

  test('to one of the reads in a joined MGET: only that read fails', async () => {
    const scope = app.platform.scope();
    await scope.redis.set('hf:m5:first', 'one');
    way.alter = (name, reply) =>
      name === 'MGET' && 'result' in reply ? { result: (reply.result as unknown[]).with(1, { a: 1 }) } : undefined;
    const [first, second] = await Promise.allSettled([
      scope.redis.mget('hf:m5:first'),
      scope.redis.mget('hf:m5:second'),
    ]);
    expect(first).toEqual({ status: 'fulfilled', value: ['one'] });
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'REDIS_REPLY', command: 'MGET' } });
    await scope.end();
  });
});
