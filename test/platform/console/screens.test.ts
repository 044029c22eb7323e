/** The console's other screens: their costs, what they show, and their actions. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ChartData } from '../../../src/console/parts/chart-data.ts';
import { createSchedules, schedule } from '../../../src/platform/jobs/index.ts';
import { addPerson } from '../../support/people.ts';
import { createTenant } from '../../support/tenant.ts';
import { type Desk, formOf, lanes, open, openDesk, wordsOf } from './desk.ts';

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

/** Opens the question behind a link of a page, and answers it. */
async function answer(browser: Parameters<typeof open>[0], text: string, link: string, expected: RegExp) {
  const address = [...text.matchAll(/href="([^"]*)"/g)]
    .map(([, href = '']) => href.replaceAll('&amp;', '&'))
    .find((href) => href.startsWith(link));
  const asked = await open(browser, address ?? '');
  expect(wordsOf(asked.text)).toMatch(expected);
  return open(browser, asked.path.split('?')[0] ?? '', formOf(asked.text, '').fields);
}

/** Counts numbers as if requests had been made, and flushes them. Returns the time. */
async function counted(): Promise<number> {
  const { platform } = desk.world.app.test;
  const { counters } = platform;
  counters.count('limits.requests', { rule: 'api-caller', outcome: 'allowed' }, 90);
  counters.count('limits.requests', { rule: 'api-caller', outcome: 'limited' }, 10);
  counters.count('cache.reads', { query: 'deal-pipeline', outcome: 'hit' }, 3);
  counters.count('cache.reads', { query: 'deal-pipeline', outcome: 'miss' }, 1);
  counters.count('http.requests', { route: 'GET /deals', status: '2xx' }, 99);
  counters.count('http.requests', { route: 'GET /deals', status: '5xx' });
  for (let each = 0; each < 100; each += 1) counters.time('http.time', { route: 'GET /deals' }, 16);
  const scope = platform.scope();
  await counters.flush(scope.redis);
  const at = scope.system.now();
  await scope.end();
  return at;
}

/** The data of the charts of a page. */
function chartsOf(text: string): ChartData[] {
  const found = [...text.matchAll(/data-chart="([^"]*)"/g)];
  return found.map(([, data = '']) => JSON.parse(data.replaceAll('&quot;', '"')) as ChartData);
}

test('each screen costs at most 2 requests to Redis, and only alerts, streams and the search of a user cost queries', async () => {
  const { browser, person } = await desk.signedIn();
  await desk.dead(1);
  await counted();
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

describe('the overview', () => {
  test('shows the figures of the service with their window to operators', async () => {
    const { browser } = await desk.signedIn();
    await desk.dead(2);
    await counted();
    const words = wordsOf((await open(browser, '/console?window=5m')).text);
    expect(words).toMatch(/Available look 99\.0 % 1 answer with 5xx in the last 5 minutes/);
    expect(words).toMatch(/Cache hits 75\.0 % of 4 reads in the last 5 minutes/);
    expect(words).toMatch(/Dead letters look 2 2 in the last hour/);
    expect(words).toMatch(/GET \/deals 100 16 ms/);
  });

  test('has charts of the last 60 complete minutes, and their numbers as tables', async () => {
    // A minute in which no other suite counts.
    await desk.world.advance(3 * 3_600_000);
    const { browser } = await desk.signedIn();
    await desk.world.advance(60_000);
    const at = await counted();
    await desk.world.advance(60_000);
    const { text } = await open(browser, '/console');
    const charts = chartsOf(text);
    expect(charts.map(({ lines }) => lines.map(({ name }) => name))).toEqual([
      ['p50', 'p95', 'p99'],
      ['Requests', '5xx'],
    ]);
    const [time, requests] = charts;
    expect([time?.times.length, time?.times.at(-1)]).toEqual([60, Math.floor(at / 60_000) * 60]);
    const p95 = time?.lines[1]?.values.at(-1) ?? 0;
    expect(p95).toBeGreaterThan(16 / 1.1);
    expect(p95).toBeLessThan(16 * 1.1);
    expect(requests?.lines.map(({ values }) => values.at(-1))).toEqual([100, 1]);
    expect(time?.lines[1]?.values[0]).toBeNull();
    const minute = new Date(at).toISOString().slice(11, 16);
    expect(wordsOf(text)).toContain(`Minute Requests 5xx ${minute} 100 1.0 %`);
  });

  test('shows only the jobs of the tenant to others', async () => {
    const { browser } = await desk.signedIn();
    await counted();
    desk.operates(false);
    const { text, cost } = await open(browser, '/console');
    expect(cost['redis']).toBe('2 requests, 5 commands');
    expect(wordsOf(text)).toContain('Waiting jobs 0');
    expect(text).not.toMatch(/Available|GET \/deals|\/console\/limits/);
    for (const path of ['/console/limits', '/console/schedules', '/console/redis'])
      expect((await open(browser, path)).status).toBe(403);
  });
});

test('Redis and SQL shows memory by family, the requests of an answer, circuits and journals', async () => {
  const { browser } = await desk.signedIn();
  const { platform } = desk.world.app.test;
  const { counters } = platform;
  const scope = platform.scope();
  counters.note('server.memory', {}, 3 * 2 ** 20);
  counters.note('server.clients', {}, 12);
  counters.count('server.evicted', {}, 4);
  counters.note('memory.bytes', { family: 'sessions' }, 3_072);
  counters.note('memory.keys', { family: 'sessions' }, 6);
  counters.note('memory.bytes', { family: 'entry' }, 1_024);
  counters.note('memory.keys', { family: 'entry' }, 2);
  counters.note('memory.tenants', { tenant: '-' }, 512);
  counters.note('memory.sampled', {}, scope.system.now());
  counters.note('journal.writes', { query: 'list' }, 5);
  counters.note('journal.age', { query: 'list' }, 120_000);
  counters.count('circuits.calls', { circuit: 'mail', outcome: 'refused' }, 2);
  counters.count('http.round_trips', { route: 'GET /boats' }, 250);
  counters.count('commands.sent', { command: 'cache.test' }, 4);
  counters.count('commands.waited', { command: 'cache.test' }, 40_000);
  counters.note('commands.longest', { command: 'cache.test' }, 25_000);
  await counters.flush(scope.redis);
  await scope.end();
  const words = wordsOf((await open(browser, '/console/redis')).text);
  expect(words).toMatch(/Memory in use 3\.0 MiB 12 connections/);
  expect(words).toMatch(/Evicted keys look 4/);
  expect(words).toMatch(/sessions 6 3\.0 KiB 75\.0 % 512 entry 2 1\.0 KiB 25\.0 % 512/);
  expect(words).toMatch(/of no tenant 512 B/);
  expect(words).toMatch(/list 5 2 min/);
  expect(words).toMatch(/mail 0 0 2/);
  expect(words).toMatch(/GET \/boats 0 250 250\.00/);
  expect(words).toMatch(/cache\.test 4 10 s 25 s/);
  expect(words).toMatch(/Connections to PostgreSQL in use \d+ of at most 10 of this process/);
});

test('limits show the share of refused requests', async () => {
  const { browser } = await desk.signedIn();
  await counted();
  expect(wordsOf((await open(browser, '/console/limits')).text)).toMatch(/api-caller 90 10 10\.0 % much 0 0/);
});

describe('queues', () => {
  test('show their depth and the oldest job, and are paused and resumed after a question', async () => {
    const { browser } = await desk.signedIn();
    await desk.enqueue(lanes, 1, { delay: '1h' });
    await desk.world.advance(120_000);
    const list = await open(browser, '/console/queues');
    expect(wordsOf(list.text)).toMatch(/lanes 2 1 2 min/);
    const paused = await answer(browser, list.text, '/console/queues/lanes/pause', /for all tenants\?.* Pause 1 queue/);
    expect(wordsOf(paused.text)).toContain('The queue is paused.');
    const resumed = await answer(browser, paused.text, '/console/queues/lanes/resume', /Resume 1 queue/);
    expect(wordsOf(resumed.text)).toMatch(/The queue runs again\..* lanes 2 1 .* open/);
  });

  test('are paused by operators only', async () => {
    const { browser } = await desk.signedIn();
    desk.operates(false);
    expect((await open(browser, '/console/queues')).text).not.toContain('/pause');
    for (const form of [undefined, {}]) {
      expect((await open(browser, '/console/queues/lanes/pause', form)).status).toBe(403);
    }
  });
});

describe('alerts', () => {
  test('show their state and history, and an alert is silenced until an operator ends the silence', async () => {
    const { browser } = await desk.signedIn();
    const { text } = await open(browser, '/console/alerts');
    const name = /<option value="([^"]+)"/.exec(text)?.[1] ?? '';
    await desk.world.query(
      `INSERT INTO alert_changes (name, change, at, value) VALUES ($1, 'fired', now() AT TIME ZONE 'UTC', 1)`,
      [name],
    );
    const form = { name, minutes: '60', reason: 'A planned <b>move</b>', back: '/console/alerts' };
    const silenced = await open(browser, '/console/alerts/silence', form);
    expect(wordsOf(silenced.text)).toMatch(/The silence has begun\..* silenced .* fired/);
    expect(silenced.text).toContain('A planned &lt;b&gt;move&lt;/b&gt;');
    const end = formOf(silenced.text, '/end');
    const ended = await open(browser, end.action, end.fields);
    expect(wordsOf(ended.text)).toContain('The silence has ended.');
    expect(ended.text).not.toContain('A planned');
  });

  test('are silenced by operators only, for a choice of times and with a reason', async () => {
    const { browser } = await desk.signedIn();
    const name = /<option value="([^"]+)"/.exec((await open(browser, '/console/alerts')).text)?.[1] ?? '';
    const good = { name, minutes: '60', reason: 'A move' };
    for (const [wrong, status] of [
      [{ name: 'none' }, 404],
      [{ minutes: '61' }, 400],
      [{ reason: ' ' }, 400],
      [{ reason: 'x\u0000y' }, 400],
    ] as const) {
      expect((await open(browser, '/console/alerts/silence', { ...good, ...wrong })).status).toBe(status);
    }
    desk.operates(false);
    expect((await open(browser, '/console/alerts')).status).toBe(403);
    expect((await open(browser, '/console/alerts/silence', good)).status).toBe(403);
    expect((await open(browser, '/console/alerts/silences/silence_1/end', {})).status).toBe(403);
  });
});

test('a schedule shows its times in words, and runs now as a job', async () => {
  const { browser } = await desk.signedIn();
  const { text } = await open(browser, '/console/schedules');
  expect(wordsOf(text)).toContain('every day at 04:30 UTC');
  const { action, fields } = formOf(text, '/run');
  const job = await open(browser, action, fields);
  expect(job.path).toMatch(/^\/console\/jobs\/job_\w+\?done=schedule-queued$/);
  await desk.world.settle();
  expect(wordsOf((await open(browser, job.path)).text)).toContain('Now done');
  expect(wordsOf((await open(browser, '/console/schedules')).text)).toMatch(/ ok /);
});

test('a schedule is paused and resumed, and runs by hand meanwhile; one that each trigger runs has no button', async () => {
  const { browser, person } = await desk.signedIn();
  const { text } = await open(browser, '/console/schedules');
  const link = `/console/schedules/${nightly.name}`;
  const paused = await answer(
    browser,
    text,
    `${link}/pause`,
    /for all tenants\? .* not made up for\. Pause 1 schedule/,
  );
  expect(wordsOf(paused.text)).toMatch(new RegExp(`The schedule is paused\\..* paused .* ${person.id}`));
  const run = formOf(paused.text, '/run');
  await open(browser, run.action, run.fields);
  await desk.world.settle();
  const ran = await open(browser, '/console/schedules');
  expect(wordsOf(ran.text)).toMatch(/ ok /);
  const resumed = await answer(browser, ran.text, `${link}/resume`, /runs again at its next time\. Resume 1 schedule/);
  expect(wordsOf(resumed.text)).toContain('The schedule runs again');
  expect(text).not.toContain('/console/schedules/outbox.drain/pause');
  expect((await open(browser, '/console/schedules/none/pause', {})).status).toBe(404);
});

describe('the cache', () => {
  test('has a chart of its reads and hits by minute', async () => {
    await desk.world.advance(3 * 3_600_000);
    const { browser } = await desk.signedIn();
    await counted();
    await desk.world.advance(60_000);
    const [chart] = chartsOf((await open(browser, '/console/cache')).text);
    expect(chart?.lines.map(({ name, values }) => [name, values.at(-1)])).toEqual([
      ['Reads', 4],
      ['Hit ratio', 75],
    ]);
  });

  test('shows what each query stores, what of it is read, and for how long, beside its ttl', async () => {
    const { browser } = await desk.signedIn();
    const { platform } = desk.world.app.test;
    const { counters } = platform;
    const query = 'deal-pipeline';
    counters.count('cache.sets', { query }, 160);
    counters.count('cache.stored', { query }, 163_840);
    counters.count('cache.traced', { query }, 10);
    counters.count('cache.used', { query }, 4);
    counters.count('cache.used_for', { query }, 80_000);
    counters.note('memory.entries', { query }, 12);
    const scope = platform.scope();
    await counters.flush(scope.redis);
    await scope.end();
    const words = wordsOf((await open(browser, '/console/cache')).text);
    expect(words).toMatch(/deal-pipeline 160 160 KiB|deal-pipeline 160 160\.0 KiB/);
    expect(words).toMatch(/KiB 1,024 12 60\.0 % 20 s \d+ min/);
  });

  test('shows an entry without its value, and a tag is ended after a question', async () => {
    const { browser } = await desk.signedIn();
    const read = async () => (await browser.request('/deals/pipeline')).headers.get('x-cache');
    expect([await read(), await read()]).toEqual(['MISS', 'HIT']);
    const address = `/console/cache?${new URLSearchParams({ query: 'deal-pipeline', args: '{}' })}`;
    const entry = await open(browser, address);
    expect(wordsOf(entry.text)).toContain('State fresh');
    expect(entry.text).not.toContain('currency');
    const ended = await answer(browser, entry.text, '/console/cache/invalidate?', /Invalidate 1 tag, deals/);
    expect(wordsOf(ended.text)).toMatch(/The tag has a new version.* State invalidated/);
    expect(await read()).toBe('MISS');
  });

  test('names wrong arguments, an unknown query and a wrong tag as problems', async () => {
    const { browser } = await desk.signedIn();
    const wrong: [string, number, string][] = [
      ['/console/cache?query=none', 404, 'The query does not exist'],
      ['/console/cache?query=deal-pipeline&args=%7B', 400, 'must be JSON'],
      ['/console/cache/invalidate?tag=', 400, 'NO_TAG'],
      ['/console/cache/invalidate?tag=a:b:c:d:e:f', 400, 'NO_TAG'],
    ];
    for (const [path, status, text] of wrong) {
      const page = await open(browser, path);
      expect([path, page.status, wordsOf(page.text)]).toEqual([path, status, expect.stringContaining(text)]);
    }
  });
});

describe('sessions', () => {
  test('of a user are found by id or address, and ended one by one or together after a question', async () => {
    const { browser } = await desk.signedIn();
    const theirs = await desk.signedIn({ role: 'member' });
    const { email, id } = theirs.person;
    const list = await open(browser, `/console/sessions?${new URLSearchParams({ user: email.toUpperCase() })}`);
    expect(wordsOf(list.text)).toMatch(/has 1 device\. .* Firefox on Linux browser/);
    const { action, fields } = formOf(list.text, '/end');
    expect(wordsOf((await open(browser, action, fields)).text)).toContain('The session has ended.');
    expect((await theirs.browser.request('/auth/session')).status).toBe(401);
    for (const _device of [1, 2]) {
      const json = { email, password: theirs.person.password };
      expect((await theirs.browser.request('/auth/sign-in', { json })).status).toBe(200);
    }
    const again = await open(browser, `/console/sessions?user=${id}`);
    const devices = Number(/has (\d+) device/.exec(wordsOf(again.text))?.[1]);
    const ended = await answer(browser, again.text, '/console/sessions/end-all', new RegExp(`End ${devices} session`));
    expect(wordsOf(ended.text)).toMatch(/sessions? ended\./);
    expect((await theirs.browser.request('/auth/session')).status).toBe(401);
  });

  test('of all tenants are counted at the last sample, for operators only', async () => {
    const { browser } = await desk.signedIn();
    const page = async (path: string) => wordsOf((await open(browser, path)).text);
    expect(await page('/console/sessions')).toContain('there is no count yet');
    const { platform } = desk.world.app.test;
    const scope = platform.scope();
    platform.counters.note('sessions.users', {}, 1_200);
    platform.counters.note('sessions.alive', { kind: 'browser' }, 1_500);
    platform.counters.note('sessions.alive', { kind: 'program' }, 40);
    await platform.counters.flush(scope.redis);
    await scope.end();
    expect(await page('/console/sessions')).toMatch(/Sessions alive 1,540 1,500 of browsers, 40 of programs/);
    expect(await page('/console')).toMatch(/Users with a session 1,200 1,540 sessions alive/);
    desk.operates(false);
    expect(await page('/console/sessions')).not.toMatch(/alive|no count/);
  });

  test('of another tenant are not found and not ended', async () => {
    const { browser } = await desk.signedIn();
    const other = await createTenant(desk.world.connectionString);
    const stranger = await addPerson(desk.world.connectionString, other.id);
    expect((await open(browser, `/console/sessions?user=${stranger.id}`)).status).toBe(404);
    const form = { user: stranger.id, id: 'x'.repeat(22) };
    expect((await open(browser, '/console/sessions/end', form)).status).toBe(404);
  });
});

test('streams show their groups, and events that were put aside are replayed after a question', async () => {
  const { browser } = await desk.signedIn();
  const { tenant } = desk.world;
  await desk.world.query(
    `INSERT INTO stream_groups (tenant_id, stream, name) VALUES ($1, 'deals', 'stage-history') ON CONFLICT DO NOTHING`,
    [tenant.id],
  );
  await desk.world.query(
    `INSERT INTO dead_events (tenant_id, stream, name, key, version, reason, died_at)
     VALUES ($1, 'deals', 'stage-history', 'deal_1', 1, 'NO_SUCH_BOAT', now())`,
    [tenant.id],
  );
  const list = await open(browser, '/console/streams');
  expect(wordsOf(list.text)).toMatch(/deals · stage-history/);
  const link = '/console/streams/deals/stage-history/replay';
  const after = await answer(browser, list.text, link, /another attempt at 1 event of the group.* Replay 1 event/);
  expect(wordsOf(after.text)).toMatch(/Another attempt at 1 event is requested\./);
  expect((await open(browser, '/console/streams/deals/none/replay')).status).toBe(404);
});
