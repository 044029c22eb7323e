/** An event of a write is published after the write's invalidations are settled, also by a drain that has only one of the two. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dealsFeed } from '../../../src/crm/feeds.ts';
import { publish } from '../../../src/platform/feeds/index.ts';
import { streamKey } from '../../../src/platform/feeds/lua.ts';
import { drainBatch } from '../../../src/platform/jobs/drain.ts';
import { tag } from '../../../src/platform/redis/index.ts';
import { createTestApp } from '../../support/app.ts';
import { startRest, TOKEN } from '../../support/rest.ts';
import { createTenant, type OwnTenant, sql } from '../../support/tenant.ts';
import { openMigratedDatabase, type TestDatabase } from '../db/database.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
let database: TestDatabase;
let app: ReturnType<typeof createTestApp>;
let tenant: OwnTenant;
/** How far the app's clock is ahead, in ms. */
let ahead = 0;
beforeAll(async () => {
  [redis, database] = await Promise.all([startRest(), openMigratedDatabase()]);
  tenant = await createTenant(database.connectionString);
  app = createTestApp({
    system: { now: () => Date.now() + ahead },
    environment: {
      DATABASE_URL: database.connectionString,
      UPSTASH_REDIS_REST_URL: redis.rest.url,
      UPSTASH_REDIS_REST_TOKEN: TOKEN,
    },
  });
});
afterAll(async () => {
  await app.close();
  await Promise.all([redis.close(), database.close()]);
});

const query = (text: string, values: unknown[] = []) => sql(database.connectionString, text, values);
async function drain(): Promise<void> {
  const scope = app.platform.scope();
  await drainBatch(scope);
  await scope.end();
}

/** Commits a write with an event while Redis does not answer, so that both are left to the drain. */
async function writeWithoutRedis(): Promise<void> {
  redis.rest.intercept = () => ({ status: 503, body: { error: 'down' } });
  const scope = app.platform.scope();
  await scope.tenant(tenant.id).commit(async (tx) => {
    publish(tx, dealsFeed, { type: 'deal.moved', id: 'deal_1', actorId: null, at: 0 });
    tx.invalidate(tag('deals'));
  });
  await scope.end();
  redis.rest.intercept = undefined;
}

const published = async () => {
  const scope = app.platform.scope();
  const entries = await scope.redis.exists(streamKey(tenant.id, dealsFeed.source, undefined));
  await scope.end();
  return entries;
};

test('a drain that takes the event of a write and not its invalidation leaves the event for a later drain', async () => {
  await writeWithoutRedis();
  // The invalidation waits for another attempt, or is in another batch.
  await query("UPDATE outbox SET due_at = due_at + interval '20 s' WHERE kind = 'invalidate'");
  ahead += 10_000;
  await drain();
  expect(await published()).toBe(0);
  ahead += 30_000;
  await drain();
  expect(await published()).toBe(1);
  expect(await query("SELECT kind FROM outbox WHERE kind <> 'invalidate-again'")).toEqual([]);
});
