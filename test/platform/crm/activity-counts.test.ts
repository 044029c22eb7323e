/**
 * Activity counts: the numbers of any range equal those of the feed, for any set of rolled-up days, and a cached answer
 * is never older than a write.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { rollUpActivities } from '../../../src/crm/activities/roll-up.ts';
import { activityCounts } from '../../../src/crm/analytics/activity.ts';
import type { ActivityCounts } from '../../../src/crm/analytics/schema.ts';
import { runJob } from '../../../src/platform/jobs/testing.ts';
import { COST_OF_A_HIT, costOf } from '../../support/app.ts';
import { createInstance, type Instance } from '../../support/instance.ts';
import { createTenant, type OwnTenant, sql } from '../../support/tenant.ts';
import { addUser, dayFrom, send, setToNoon } from './world.ts';

let tenant: OwnTenant;
let instance: Instance;
beforeAll(async () => {
  tenant = await createTenant(inject('cloud').postgres.url);
  instance = await createInstance({ tenant });
  setToNoon(instance);
});
afterAll(() => instance.close());
beforeEach(() => execute('DELETE FROM activities WHERE tenant_id = $1', [tenant.id]));
beforeEach(forgetRollUps);

const execute = (text: string, values: unknown[]) => sql(inject('cloud').postgres.url, text, values);
async function forgetRollUps() {
  for (const table of ['activity_days', 'activity_sums'])
    await execute(`DELETE FROM ${table} WHERE tenant_id = $1`, [tenant.id]);
}

/** An activity, `day` days from today. */
interface Done {
  day: number;
  ms: number;
  actor: string | null;
  entityType: string;
  verb: string;
}

let inserted = 0;
/** Inserts activities of the past directly, without invalidating cached answers. */
async function insert(activities: readonly Done[]) {
  const rows = activities.map(({ day, ms, actor, entityType, verb }) => {
    const at = new Date(Date.parse(dayFrom(instance, day)) + ms).toISOString();
    inserted += 1;
    return { id: `activity_${inserted}`, actor_id: actor, verb, entity_type: entityType, occurred_at: at.slice(0, -1) };
  });
  await execute(
    `INSERT INTO activities (tenant_id, id, actor_id, verb, entity_type, entity_id, occurred_at)
     SELECT $1, id, actor_id, verb, entity_type, 'some', occurred_at
     FROM jsonb_to_recordset($2) AS t (id text, actor_id text, verb text, entity_type text, occurred_at timestamp)`,
    [tenant.id, JSON.stringify(rows)],
  );
}

/** Runs the job for the days of one slice. */
async function rollUp(from: number, to: number) {
  const scope = instance.platform.scope();
  try {
    const range = { from: dayFrom(instance, from), to: dayFrom(instance, to) };
    const { answer } = await runJob(scope, tenant.id, rollUpActivities, range);
    expect(answer).toEqual({ kind: 'settled', state: 'done' });
  } finally {
    await scope.end();
  }
}

/** The result of the query's loader, without the cache. */
async function load(from: number, to: number, by: ActivityCounts['by']): Promise<ActivityCounts | undefined> {
  const scope = instance.platform.scope();
  try {
    const args = { from: dayFrom(instance, from), to: dayFrom(instance, to), by, open: true };
    const [counts] = await activityCounts.load([args], scope.tenant(tenant.id));
    return counts;
  } finally {
    await scope.end();
  }
}

/** The number of activities with each text. */
function tally(keys: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}

const TEXTS = {
  day: ({ day }: Done) => dayFrom(instance, day),
  person: ({ actor }: Done) => String(actor),
  kind: ({ entityType, verb }: Done) => `${entityType} ${verb}`,
};

/** An answer in the form of {@link tally}, without days that have no activities. */
function asTally(answer: ActivityCounts | undefined): Record<string, number> {
  if (!answer) return {};
  const { by, counts } = answer;
  if (by === 'day') return Object.fromEntries(counts.flatMap(({ day, count }) => (count ? [[day, count]] : [])));
  if (by === 'kind') return Object.fromEntries(counts.map((each) => [`${each.entityType} ${each.verb}`, each.count]));
  return Object.fromEntries(counts.map(({ person, count }) => [String(person?.id ?? null), count]));
}

describe('the numbers', () => {
  /** The drawn days, relative to today; days after yesterday are never rolled up. */
  const FIRST = -12;
  const day = fc.integer({ min: FIRST, max: 1 });
  const range = fc.tuple(day, day).map(([one, other]) => [Math.min(one, other), Math.max(one, other)] as const);
  const by = fc.constantFrom('day' as const, 'person' as const, 'kind' as const);

  test('equal the feed at the time of the roll-up for rolled-up days, and the current feed for others', async () => {
    const actors = [
      null,
      await addUser(tenant, `user_x${tenant.id}`, 'X'),
      await addUser(tenant, `user_y${tenant.id}`, 'Y'),
    ];
    const activity: fc.Arbitrary<Done> = fc.record({
      day,
      ms: fc.oneof(fc.constantFrom(0, 1, 86_399_999), fc.integer({ min: 0, max: 86_399_999 })),
      actor: fc.constantFrom(...actors),
      entityType: fc.constantFrom('deal', 'task'),
      verb: fc.constantFrom('created', 'won', 'deleted'),
    });
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.array(activity, { minLength: 1, maxLength: 12 }).map((insert) => ({ insert })) },
      { weight: 2, arbitrary: range.map((roll) => ({ roll })) },
      { weight: 3, arbitrary: fc.tuple(range, by).map((read) => ({ read })) },
    );
    let [late, again] = [0, 0];
    const property = fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), async (steps) => {
      await execute('DELETE FROM activities WHERE tenant_id = $1', [tenant.id]);
      await forgetRollUps();
      const feed: Done[] = [];
      /** The feed of each rolled-up day at the time of its roll-up. */
      const rows = new Map<number, Done[]>();
      const ofDay = (which: number) => feed.filter(({ day }) => day === which);
      const roll = async (from: number, to: number) => {
        await rollUp(from, to);
        for (let which = from; which <= Math.min(to, -1); which += 1) {
          if (rows.has(which)) again += 1;
          if (ofDay(which).length > 0) rows.set(which, ofDay(which));
        }
      };
      const check = async ([from, to]: readonly [number, number], by: ActivityCounts['by']) => {
        const days = Array.from({ length: to - from + 1 }, (_, index) => from + index);
        const seen = days.flatMap((which) => rows.get(which) ?? ofDay(which));
        const answer = await load(from, to, by);
        expect(asTally(answer)).toEqual(tally(seen.map(TEXTS[by])));
        expect(answer?.total).toBe(seen.length);
      };
      for (const each of steps) {
        if ('roll' in each) await roll(...each.roll);
        else if ('read' in each) await check(...each.read);
        else {
          await insert(each.insert);
          feed.push(...each.insert);
          late += each.insert.filter((done) => rows.has(done.day)).length;
        }
      }
      // After rolling up all days again, the numbers are those of the feed.
      await roll(FIRST, 1);
      for (const each of ['day', 'person', 'kind'] as const) {
        const answer = await load(FIRST, 1, each);
        expect(asTally(answer)).toEqual(tally(feed.map(TEXTS[each])));
      }
    });
    const one: Done = { day: -3, ms: 1, actor: null, entityType: 'deal', verb: 'won' };
    const roll = { roll: [-5, -1] as const };
    const rolledUpAgain = [{ insert: [one] }, roll, { insert: [one] }, roll];
    await fc.assert(property, { numRuns: 25, examples: [[rolledUpAgain]] });
    // Otherwise the test had no late activities and no second roll-up.
    expect(Math.min(late, again)).toBeGreaterThan(0);
  });
});

async function get(search: string): Promise<ActivityCounts & { cache: string | null }> {
  const response = await instance.request(`/analytics/activity${search}`);
  const body = (await response.json()) as ActivityCounts;
  expect(response.status, JSON.stringify(body)).toBe(200);
  return { ...body, cache: response.headers.get('x-cache') };
}
const done: Done = { day: -9, ms: 0, actor: null, entityType: 'deal', verb: 'won' };
const ofDays = (from: number, to: number) => `?from=${dayFrom(instance, from)}&to=${dayFrom(instance, to)}`;

describe('the answer', () => {
  test('by day has every day; by person begins with the most active one; by kind', async () => {
    const ada = await addUser(tenant, `user_ada${tenant.id}`, 'Ada');
    await insert([done, { ...done, day: -8, actor: ada }, { ...done, actor: ada, verb: 'created' }]);
    const range = { from: dayFrom(instance, -10), to: dayFrom(instance, -8) };
    expect(await get(ofDays(-10, -8))).toMatchObject({
      ...{ by: 'day', ...range, total: 3 },
      counts: [
        { day: range.from, count: 0 },
        { day: dayFrom(instance, -9), count: 2 },
        { day: range.to, count: 1 },
      ],
    });
    const persons = {
      by: 'person',
      ...range,
      total: 3,
      counts: [
        { person: { id: ada, name: 'Ada' }, count: 2 },
        { person: null, count: 1 },
      ],
    };
    expect(await get(`${ofDays(-10, -8)}&by=person`)).toMatchObject(persons);
    expect(await get(`${ofDays(-10, -8)}&by=kind`)).toMatchObject({
      ...{ by: 'kind', total: 3 },
      counts: [
        { entityType: 'deal', verb: 'won', count: 2 },
        { entityType: 'deal', verb: 'created', count: 1 },
      ],
    });
    await send(instance, 'PATCH', `/users/${ada}`, { name: 'Ada L.' });
    persons.counts[0] = { person: { id: ada, name: 'Ada L.' }, count: 2 };
    expect(await get(`${ofDays(-10, -8)}&by=person`)).toMatchObject(persons);
  });

  test('covers thirty days if an end is omitted', async () => {
    const today = dayFrom(instance, 0);
    expect(await get('')).toMatchObject({ from: dayFrom(instance, -29), to: today, total: 0 });
    expect(await get('?from=2028-02-01')).toMatchObject({ from: '2028-02-01', to: '2028-03-01' });
    expect(await get('?to=2028-03-01')).toMatchObject({ from: '2028-02-01', to: '2028-03-01' });
    expect((await get('?from=2028-01-01&to=2028-12-31')).counts).toHaveLength(366);
    expect(await get('?from=9998-12-31')).toMatchObject({ to: '9999-01-29', total: 0 });
    expect(await get('?to=1000-01-01')).toMatchObject({ from: '0999-12-03', total: 0 });
  });

  test.each([
    ['?from=2027-02-30&to=soon', ['from', 'to']],
    ['?from=soon&to=2027-02-30', ['from', 'to']],
    ['?from=9999-01-01', ['from']],
    ['?to=0999-12-31', ['to']],
    ['?from=2027-02-02&to=2027-02-01', ['to']],
    ['?from=2027-01-01&to=2028-01-02', ['to']],
    ['?by=week&since=2027-01-01', ['by', 'since']],
  ])('%s is answered with the names of the fields', async (search, fields) => {
    const response = await instance.request(`/analytics/activity${search}`);
    expect(response.status).toBe(400);
    const { code, errors } = (await response.json()) as { code: string; errors: { field: string }[] };
    expect([code, errors.map(({ field }) => field).sort()]).toEqual(['VALIDATION_FAILED', fields]);
  });
});

describe('a cached range', () => {
  test('that includes yesterday in any zone ends with every write; an earlier range stays and costs a hit', async () => {
    const write = () => send(instance, 'POST', '/contacts', { name: 'Kelp' });
    const [past, today, yesterday] = [ofDays(-60, -3), ofDays(-28, 0), ofDays(-60, -1)];
    await insert([done]);
    for (const search of [past, today, yesterday]) await get(search);
    expect(await get(today)).toMatchObject({ total: 1, cache: 'HIT' });
    await write();
    expect(await get(today)).toMatchObject({ total: 2, cache: 'MISS' });
    expect(await get(yesterday)).toMatchObject({ total: 1, cache: 'MISS' });
    const hit = await instance.request(`/analytics/activity${past}`);
    expect([hit.headers.get('x-cache'), costOf(hit)]).toEqual(['HIT', COST_OF_A_HIT]);
  });

  test('shows late activities once their day is rolled up', async () => {
    const past = ofDays(-20, -5);
    await insert([done]);
    await rollUp(-9, -9);
    expect(await get(past)).toMatchObject({ total: 1 });
    await insert([done]);
    expect(await get(past)).toMatchObject({ total: 1, cache: 'HIT' });
    await rollUp(-9, -9);
    expect(await get(past)).toMatchObject({ total: 2, cache: 'MISS' });
  });
});
