/** The console's screens of jobs and of dead letters: what they show, their costs, and their actions. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { indexKey, recordKey } from '../../../src/platform/jobs/keys.ts';
import { adminRedis } from '../../support/admin-redis.ts';
import { type Desk, formOf, lanes, open, openDesk, plain, secret, wordsOf } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
beforeEach(() => desk.clear());
afterAll(() => desk.close());

/** Ids of listed jobs: the later the number, the smaller the time of the job. */
const idOf = (number: number) => `desk_plain_${String(number).padStart(6, '0')}`;
const at = (number: number) => 1_700_000_000_000 - number;
const cursorBehind = (number: number) => `${at(number)}_${idOf(number)}`;

/** Fills the index of done jobs. Each job whose page is opened has a copy of a real record. */
async function listDone(count: number, sample: string, atOf = at): Promise<void> {
  const redis = adminRedis({ url: desk.world.redisUrl });
  const { id: tenant } = desk.world.tenant;
  const index = indexKey(tenant, plain.name, 'done');
  await redis.del(index);
  const numbers = Array.from({ length: count }, (_, n) => n + 1);
  for (let from = 0; from < count; from += 10_000) {
    const members = numbers.slice(from, from + 10_000).flatMap((number) => [atOf(number), idOf(number)]);
    await redis.exec(['ZADD', index, ...members]);
  }
  const shown = numbers.filter((number) => count < 10_000 || number <= 25 || Math.abs(number - 50_000) <= 25);
  await Promise.all(
    shown.map((number) => redis.exec(['COPY', recordKey(tenant, sample), recordKey(tenant, idOf(number)), 'REPLACE'])),
  );
}

describe('the list of jobs', () => {
  test('shows counts by state and the latest change first, for 2 requests to Redis and no query', async () => {
    const { browser } = await desk.signedIn();
    const [dead = ''] = await desk.dead(1);
    const done = await desk.enqueue(plain, 4);
    await desk.world.settle();
    const waiting = await desk.enqueue(lanes, 5, { delay: '1h' });
    const { status, text, cost } = await open(browser, '/console/jobs');
    expect(status).toBe(200);
    // The gate: a session with its epochs, 2 limits, and the indexes. Then 2 commands for each of the 3 jobs.
    expect(cost).toEqual({ redis: '2 requests, 11 commands', db: '0 queries' });
    const ids = [...text.matchAll(/<span class="id">([^<]*)/g)].map(([, id]) => id);
    expect(ids).toEqual([waiting, done, dead]);
    expect(wordsOf(text)).toMatch(/queued 1 .* running 0 .* failed 0 .* done 1 .* dead 1 .* cancelled 0/);
    expect(text).toContain('NO_SUCH_BOAT');
  });

  test('costs the same with many jobs, and shows 25 of them; the next page continues without a gap', async () => {
    const { browser } = await desk.signedIn();
    const added: string[] = [];
    for (let n = 0; n < 60; n += 1) added.push(await desk.enqueue(lanes, n, { delay: '1h' }));
    const seen: string[] = [];
    let address: string | undefined = '/console/jobs?state=queued';
    while (address !== undefined) {
      const { text, cost } = await open(browser, address);
      const ids = [...text.matchAll(/<span class="id">([^<]*)/g)].map(([, id]) => id ?? '');
      expect(cost['redis']).toBe(`2 requests, ${5 + 2 * ids.length} commands`);
      expect(text.length).toBeLessThan(200_000);
      seen.push(...ids);
      address = /rel="next" href="([^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&');
      if (address !== undefined) expect([ids.length, address]).toEqual([25, expect.stringContaining('state=queued')]);
    }
    expect(seen.toSorted()).toEqual(added.toSorted());
  });

  test('a first and a middle page of 100,000 jobs cost as much as one of 100, and read 25 records', async () => {
    const { browser } = await desk.signedIn();
    const [sample = ''] = await desk.done(1);
    const first = '/console/jobs?state=done';
    await listDone(100, sample);
    const few = await open(browser, first);
    const fewMiddle = await open(browser, `${first}&cursor=${cursorBehind(50)}`);
    await listDone(100_000, sample);
    const many = await open(browser, first);
    const manyMiddle = await open(browser, `${first}&cursor=${cursorBehind(50_000)}`);
    expect(wordsOf(many.text)).toContain('done 100,000');
    for (const page of [few, fewMiddle, many, manyMiddle]) {
      expect(page.text.match(/<span class="id">/g)).toHaveLength(25);
      expect(page.cost).toEqual({ redis: '2 requests, 55 commands', db: '0 queries' });
      expect(page.text.length).toBeLessThan(200_000);
    }
    expect(manyMiddle.text).toContain(`<span class="id">${idOf(50_001)}</span>`);
  });

  test('jobs that changed in the same millisecond are listed each once over all pages', async () => {
    const { browser } = await desk.signedIn();
    const [sample = ''] = await desk.done(1);
    await listDone(1_500, sample, () => 1_700_000_000_000);
    const seen: string[] = [];
    let address: string | undefined = '/console/jobs?state=done';
    while (address !== undefined) {
      const { text } = await open(browser, address);
      seen.push(...[...text.matchAll(/<span class="id">([^<]*)/g)].map(([, id]) => id ?? ''));
      address = /rel="next" href="([^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(seen).toEqual(Array.from({ length: 1_500 }, (_, n) => idOf(1_500 - n)));
  });

  test('filters by name and by state, and an action leads back to the filtered list', async () => {
    const { browser } = await desk.signedIn();
    const [dead = ''] = await desk.dead(1);
    await desk.enqueue(lanes, 5, { delay: '1h' });
    const filtered = '/console/jobs?name=desk.plain&state=dead';
    const { text } = await open(browser, filtered);
    expect(text).toContain(dead);
    expect(text).not.toContain('<a href="/console/jobs/job_lanes');
    expect(text.match(/<tr>/g)).toHaveLength(2);
    const { action, fields } = formOf(text, '/replay');
    const after = await open(browser, action, fields);
    expect(after.path).toBe('/console/jobs?name=desk.plain&state=dead&done=job-queued');
    expect(wordsOf(after.text)).toContain('The job is queued.');
    await desk.world.settle();
    expect(await desk.world.read(dead)).toMatchObject({ state: 'done' });
  });

  test('takes the filters of an address that a user has typed wrongly as none', async () => {
    const { browser } = await desk.signedIn();
    await desk.dead(1);
    for (const search of [
      'state=gone',
      'cursor=x',
      'name=%3Cscript%3E',
      'name=&state=',
      'done=nothing',
      'done=__proto__',
    ]) {
      const { status, text } = await open(browser, `/console/jobs?${search}`);
      expect([search, status, text.includes('NO_SUCH_BOAT')]).toEqual([search, 200, true]);
      expect(text).not.toContain('class="told"');
    }
  });
});

describe('a job', () => {
  test('shows its timeline and its result, for 2 requests to Redis and no query', async () => {
    const { browser } = await desk.signedIn();
    const [id = ''] = await desk.dead(1);
    const page = await open(browser, `/console/jobs/${id}`);
    expect(page.cost).toEqual({ redis: '2 requests, 6 commands', db: '0 queries' });
    expect(wordsOf(page.text)).toMatch(/Enqueued .* Attempt 1 dead after .* NO_SUCH_BOAT Now dead/);
    const done = await desk.enqueue(plain, 21);
    await desk.world.settle();
    expect(wordsOf((await open(browser, `/console/jobs/${done}`)).text)).toContain('Result 42');
  });

  test('hides a sealed result', async () => {
    const { browser } = await desk.signedIn();
    const id = await desk.enqueue(secret as unknown as typeof plain, 1);
    await desk.world.settle();
    const { text } = await open(browser, `/console/jobs/${id}`);
    expect(text).toContain('(sealed)');
    expect(text).not.toContain('S3cret');
  });

  test('is cancelled, and a waiting one runs now', async () => {
    const { browser } = await desk.signedIn();
    const [first, second] = [
      await desk.enqueue(plain, 1, { delay: '1h' }),
      await desk.enqueue(plain, 2, { delay: '1h' }),
    ];
    const cancelled = formOf((await open(browser, `/console/jobs/${first}`)).text, '/cancel');
    expect(wordsOf((await open(browser, cancelled.action, cancelled.fields)).text)).toContain('The job is cancelled.');
    const run = formOf((await open(browser, `/console/jobs/${second}`)).text, '/run');
    await open(browser, run.action, run.fields);
    await desk.world.settle();
    expect(await desk.world.read(first)).toMatchObject({ state: 'cancelled' });
    expect(await desk.world.read(second)).toMatchObject({ state: 'done', result: 4 });
    // The state has changed since the page was shown.
    const late = await open(browser, run.action, run.fields);
    expect([late.status, wordsOf(late.text)]).toEqual([
      409,
      expect.stringContaining('The job cannot be run now: its state is done'),
    ]);
  });

  test('that does not exist is a problem as a page', async () => {
    const { browser } = await desk.signedIn();
    for (const id of ['job_nowhere', '%3Cb%3E']) {
      const { status, text } = await open(browser, `/console/jobs/${id}`);
      expect([status, wordsOf(text)]).toEqual([404, expect.stringContaining('The job does not exist')]);
    }
  });

  test('shows texts of jobs as text', async () => {
    const { browser } = await desk.signedIn();
    const [id = ''] = await desk.dead(1, '<img src=x onerror=alert(1)>');
    for (const path of [`/console/jobs/${id}`, '/console/jobs', '/console/dead']) {
      const { text } = await open(browser, path);
      expect(text).toContain('&lt;img');
      expect(text).not.toContain('<img');
    }
  });
});

describe('dead letters', () => {
  test('are all replayed after a question with their number, and later ones are left', async () => {
    const { browser } = await desk.signedIn();
    const ids = await desk.dead(3);
    const list = await open(browser, '/console/dead?name=desk.plain');
    expect(list.cost).toEqual({ redis: '2 requests, 11 commands', db: '0 queries' });
    expect(wordsOf(list.text)).toContain('3 dead jobs');
    const question = /href="(\/console\/dead\/replay[^"]*)"/.exec(list.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const asked = await open(browser, question);
    expect(wordsOf(asked.text)).toMatch(/Queue 3 dead jobs named desk\.plain again\? .* Replay 3 jobs/);
    await desk.world.advance(1_000);
    const [late = ''] = await desk.dead(1);
    const { fields } = formOf(asked.text, '');
    const after = await open(browser, '/console/dead/replay', fields);
    expect(wordsOf(after.text)).toContain('3 jobs queued.');
    expect(after.path).toBe('/console/dead?name=desk.plain&done=jobs-queued&count=3');
    await desk.world.settle();
    for (const id of ids) expect(await desk.world.read(id)).toMatchObject({ state: 'done' });
    expect(await desk.world.read(late)).toMatchObject({ state: 'dead' });
  });

  test('are not replayed together without the question', async () => {
    const { browser } = await desk.signedIn();
    const [id = ''] = await desk.dead(1);
    for (const fields of [{}, { most: '5' }, { most: '1000000', before: '1' }, { most: '1', before: '-1' }]) {
      const answer = await open(browser, '/console/dead/replay', fields as Record<string, string>);
      expect([answer.status, wordsOf(answer.text)]).toEqual([400, expect.stringContaining('NOT_ASKED')]);
    }
    expect(await desk.world.read(id)).toMatchObject({ state: 'dead' });
  });
});
