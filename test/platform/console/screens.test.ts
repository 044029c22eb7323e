/** The console's other screens: their costs, what they show, and their actions. All share one world. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createSchedules, schedule } from '../../../src/platform/jobs/index.ts';
import { counted, type Desk, open, openDesk } from './desk.ts';
import { cacheTests } from './screens/cache.ts';
import { overviewTests } from './screens/overview.ts';
import { serviceTests } from './screens/service.ts';
import { sessionTests } from './screens/sessions.ts';
import { workTests } from './screens/work.ts';

const nightly = schedule(`desk-nightly.${randomBytes(4).toString('hex')}`, {
  cron: '30 4 * * *',
  run: async () => ({ swept: 3 }),
});

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk({ schedules: createSchedules([nightly]) });
});
beforeEach(async () => {
  await desk.clear();
  desk.operates(true);
});
afterAll(() => desk.close());

test('each screen costs at most 2 requests to Redis, and only alerts, streams and the search of a user cost queries', async () => {
  const { browser, person } = await desk.signedIn();
  await desk.dead(1);
  await counted(desk);
  const costs: Record<string, Record<string, string>> = {};
  const search = new URLSearchParams({ query: 'deal-pipeline', args: '{}' });
  const paths = [
    '',
    '/queues',
    '/alerts',
    '/schedules',
    '/cache',
    `/cache?${search}`,
    '/redis',
    '/limits',
    '/streams',
    '/sessions',
  ];
  for (const path of [...paths, `/sessions?user=${person.id}`]) {
    const { status, cost } = await open(browser, `/console${path}`);
    expect([path, status]).toEqual([path, 200]);
    costs[path.replace(person.id, 'USER')] = cost;
  }
  expect(costs).toEqual({
    '': { redis: '2 requests, 12 commands', db: '0 queries' },
    '/queues': { redis: '2 requests, 5 commands', db: '0 queries' },
    '/alerts': { redis: '1 request, 4 commands', db: '3 queries' },
    '/schedules': { redis: '2 requests, 5 commands', db: '0 queries' },
    '/cache': { redis: '2 requests, 7 commands', db: '0 queries' },
    [`/cache?${search}`]: { redis: '2 requests, 9 commands', db: '0 queries' },
    '/redis': { redis: '2 requests, 12 commands', db: '0 queries' },
    '/limits': { redis: '2 requests, 5 commands', db: '0 queries' },
    '/streams': { redis: '2 requests, 5 commands', db: '1 query' },
    '/sessions': { redis: '1 request, 5 commands', db: '0 queries' },
    '/sessions?user=USER': { redis: '2 requests, 7 commands', db: '1 query' },
  });
});

overviewTests(() => desk);
serviceTests(() => desk);
workTests(() => desk, nightly);
cacheTests(() => desk);
sessionTests(() => desk);
