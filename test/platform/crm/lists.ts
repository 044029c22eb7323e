/**
 * A world for list settings: a Redis of its own, because all tenants share the journal and the ticks; two instances
 * that also run the schedule of their flush; and a clock that moves a minute for each tick.
 */
import { inject } from 'vitest';
import { crm } from '../../../src/crm/index.ts';
import type { ListSettings } from '../../../src/crm/lists/schema.ts';
import { createSchedules } from '../../../src/platform/jobs/index.ts';
import { createTestApp } from '../../support/app.ts';
import { newClientAddress } from '../../support/client-address.ts';
import { type FaultyPostgres, startFaultyPostgres } from '../../support/faulty-postgres.ts';
import { type FaultyRedis, faultyRedis } from '../../support/faulty-redis.ts';
import { addPerson, type Browser, createBrowser, type PersonOptions } from '../../support/people.ts';
import { ADMIN_TOKEN, startRest, TOKEN } from '../../support/rest.ts';
import { createTenant, type OwnTenant, sql } from '../../support/tenant.ts';

export interface Member {
  id: string;
  /** Browsers on the first instance and, with the same cookie, on the second. */
  browsers: readonly [Browser, Browser];
}

export type ListsWorld = Awaited<ReturnType<typeof openListsWorld>>;

export async function openListsWorld() {
  const { rest, close } = await startRest();
  const database = inject('cloud').postgres.url;
  const tenant: OwnTenant = await createTenant(database);
  // Minutes without another due schedule of the CRM; sessions last longer than that.
  let now = new Date().setUTCHours(10, 1, 0, 0);
  const open = async () => {
    const redis: FaultyRedis = faultyRedis();
    const postgres: FaultyPostgres = await startFaultyPostgres(database);
    const app = createTestApp({
      fetch: redis.fetch,
      schedules: createSchedules(crm.schedules.filter(({ name }) => name === 'cache.flush.list-settings')),
      environment: {
        UPSTASH_REDIS_REST_URL: rest.url,
        UPSTASH_REDIS_REST_TOKEN: TOKEN,
        DATABASE_URL: postgres.url,
      },
      system: { now: () => now, redisAhead: () => now - Date.now() },
    });
    return { ...app, redis, postgres };
  };
  const command = async <Reply>(...words: string[]): Promise<Reply> => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const response = await fetch(rest.url, { method: 'POST', headers, body: JSON.stringify(words) });
    return ((await response.json()) as { result: Reply }).result;
  };
  const instances = [await open(), await open()] as const;
  const [one, two] = instances;

  return {
    tenant,
    instances,
    /** Signs a new user in. */
    async member(options: PersonOptions = {}, owner = tenant): Promise<Member> {
      const { id, email, password } = await addPerson(database, owner.id, options);
      // Each user has a client address of its own, because sign-ins from one address are limited.
      const at = { 'x-test-client-ip': newClientAddress() };
      const browser = createBrowser((path, init) => one.app.request(path, init), at);
      const { status } = await browser.request('/auth/sign-in', { json: { email, password } });
      if (status !== 200) throw new Error(`Not signed in: ${status}`);
      const other = createBrowser((path, init) => two.app.request(path, init), at);
      for (const [name, value] of browser.cookies) other.cookies.set(name, value);
      return { id, browsers: [browser, other] };
    },
    otherTenant: () => createTenant(database),
    query: <Row extends Record<string, unknown>>(text: string, values: unknown[] = []) =>
      sql<Row>(database, text, values),
    /** Sends a command to the Redis of this world. */
    command,
    /** Removes every document and every version of a tag, as a Redis does that lost its data. */
    async forgetDocuments() {
      for (const family of ['d', 'v']) {
        for (const key of await command<string[]>('KEYS', `hf:*:${family}:*`)) await command('DEL', key);
      }
    },
    /** The stored settings of a user's list. */
    async stored(userId: string, list: string): Promise<ListSettings | null> {
      const found = await sql<{ settings: ListSettings }>(
        database,
        'SELECT settings FROM list_settings WHERE tenant_id = $1 AND user_id = $2 AND list = $3',
        [tenant.id, userId, list],
      );
      return found[0]?.settings ?? null;
    },
    /** Moves the clock by a minute and calls the scheduled function on one instance, or on several at once. */
    async tick(...on: readonly (0 | 1)[]): Promise<string[]> {
      now += 60_000;
      const called = on.length === 0 ? ([0] as const) : on;
      const reports = await Promise.all(called.map((index) => instances[index].platform.scheduled(now)));
      return reports.flat().map(({ schedule, outcome }) => `${schedule} ${outcome}`);
    },
    async close() {
      for (const { close: closeApp, postgres } of instances) {
        await closeApp();
        await postgres.close();
      }
      await close();
    },
  };
}
