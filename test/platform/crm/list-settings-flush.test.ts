/** List settings on their way to the database: the last saved version arrives once, despite any fault on the way. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ListSettings } from '../../../src/crm/lists/schema.ts';
import { type ListsWorld, type Member, openListsWorld } from './lists.ts';

let world: ListsWorld;
let ada: Member;
let bob: Member;
beforeAll(async () => {
  world = await openListsWorld();
});
beforeEach(async () => {
  [ada, bob] = [await world.member(), await world.member()];
});
afterAll(() => world.close());

const DONE = 'cache.flush.list-settings ok';
const FAILED = 'cache.flush.list-settings failed';
const NEW: ListSettings = { filters: [], columns: [], pageSize: 25 };
const rows = (pageSize: number): ListSettings => ({ ...NEW, pageSize });

async function save({ browsers }: Member, settings: ListSettings, list = 'deals'): Promise<void> {
  const { status } = await browsers[0].request(`/me/lists/${list}`, { method: 'PUT', json: settings });
  expect(status).toBe(204);
}
/** A read of a user's list on the instance that did not save it. */
async function read({ browsers }: Member, list = 'deals') {
  const response = await browsers[1].request(`/me/lists/${list}`);
  expect(response.status).toBe(200);
  return { text: await response.text(), etag: response.headers.get('etag') };
}
/** The number of statements that wrote settings to the database. */
function written(): number {
  return world.instances
    .flatMap(({ postgres }) => postgres.statements)
    .filter((statement) => statement.includes('INSERT INTO list_settings')).length;
}

describe('the schedule', () => {
  test('writes all lists in one statement, each in its last saved version', async () => {
    const full: ListSettings = {
      filters: [
        { field: 'stage', value: 'won' },
        { field: 'name', value: `'; DROP TABLE — "\\" 🌊 é {}` },
      ],
      order: '-closedAt',
      columns: ['title', 'value', 'owner.name'],
      pageSize: 100,
    };
    await save(ada, full, 'deals');
    for (const size of [1, 2, 3]) await save(bob, rows(size), 'deals');
    await save(ada, rows(9), 'tasks');
    await save(bob, rows(4), 'tasks');
    const before = written();
    expect(await world.tick()).toEqual([DONE]);
    expect(written() - before).toBe(1);
    expect(await world.stored(ada.id, 'deals')).toEqual(full);
    expect(await world.stored(bob.id, 'deals')).toEqual(rows(3));
    expect(await world.stored(ada.id, 'tasks')).toEqual(rows(9));
    expect(await world.stored(bob.id, 'tasks')).toEqual(rows(4));
    expect(await world.tick()).toEqual([DONE]);
    expect(written() - before).toBe(1);
  });

  test('changes no answer, not even its ETag, and later saves are visible', async () => {
    // Cached before the save: this entry must not come back once the settings are no longer pending.
    expect(JSON.parse((await read(ada)).text)).toEqual(NEW);
    const settings = { ...rows(10), order: 'title', columns: ['value', 'title'] };
    await save(ada, settings);
    const pending = await read(ada);
    await world.tick();
    expect(await read(ada)).toEqual(pending);
    expect(JSON.parse(pending.text)).toEqual(settings);
    await save(ada, rows(11));
    expect(JSON.parse((await read(ada)).text)).toEqual(rows(11));
    await world.tick();
    expect(await world.stored(ada.id, 'deals')).toEqual(rows(11));
    expect(JSON.parse((await read(ada)).text)).toEqual(rows(11));
  });

  test('stores the time of the save, not of the arrival', async () => {
    const before = Date.now();
    await save(ada, rows(5));
    const after = Date.now();
    await world.tick();
    const [row] = await world.query<{ at: string }>(
      `SELECT extract(epoch FROM updated_at AT TIME ZONE 'UTC') * 1000 AS at FROM list_settings WHERE user_id = $1`,
      [ada.id],
    );
    expect(Number(row?.at)).toBeGreaterThanOrEqual(before);
    expect(Number(row?.at)).toBeLessThanOrEqual(after);
  });

  test('may run on two instances at once', async () => {
    for (const size of [1, 2, 3, 4]) await save(ada, rows(size));
    expect(await world.tick(0, 1, 0, 1)).toContain(DONE);
    expect(await world.stored(ada.id, 'deals')).toEqual(rows(4));
  });
});

describe('if the database fails', () => {
  test('before the commit: no setting is lost, and the next tick writes it', async () => {
    await save(ada, rows(1));
    const [{ postgres }] = world.instances;
    postgres.commitFault = 'cut-before';
    expect(await world.tick()).toEqual([FAILED]);
    expect(await world.stored(ada.id, 'deals')).toBeNull();
    expect(JSON.parse((await read(ada)).text)).toEqual(rows(1));
    await save(bob, rows(2));
    expect(await world.tick()).toEqual([DONE]);
    expect(await world.stored(ada.id, 'deals')).toEqual(rows(1));
    expect(await world.stored(bob.id, 'deals')).toEqual(rows(2));
  });

  test('after the commit: an applied write is not applied again over later changes', async () => {
    await save(ada, rows(1));
    const [{ postgres }] = world.instances;
    postgres.commitFault = 'cut-after';
    expect(await world.tick()).toEqual([FAILED]);
    expect(await world.stored(ada.id, 'deals')).toEqual(rows(1));
    // A row is corrected by hand; a write that was already applied must not undo the correction.
    await world.query('UPDATE list_settings SET settings = $2 WHERE user_id = $1', [ada.id, rows(77)]);
    await save(bob, rows(2));
    expect(await world.tick()).toEqual([DONE]);
    expect(await world.stored(ada.id, 'deals')).toEqual(rows(77));
    expect(await world.stored(bob.id, 'deals')).toEqual(rows(2));
    expect(JSON.parse((await read(ada)).text)).toEqual(rows(77));
  });

  test('and Redis removes no entry from the journal: the next tick does', async () => {
    await save(ada, rows(1));
    const [{ redis }] = world.instances;
    redis.faults = { fill: 'unreachable' };
    expect(await world.tick()).toEqual([FAILED]);
    expect(await world.stored(ada.id, 'deals')).toEqual(rows(1));
    redis.faults = {};
    expect(JSON.parse((await read(ada)).text)).toEqual(rows(1));
    await save(ada, rows(2));
    expect(await world.tick()).toEqual([DONE]);
    expect(await world.stored(ada.id, 'deals')).toEqual(rows(2));
  });
});

describe('deleted users', () => {
  const remove = (id: string) => world.query('DELETE FROM users WHERE id = $1', [id]);

  test('are skipped; the settings of others arrive, and the journal is empty', async () => {
    await save(ada, rows(1));
    await save(bob, rows(2));
    await remove(ada.id);
    expect(await world.tick()).toEqual([DONE]);
    expect(await world.stored(ada.id, 'deals')).toBeNull();
    expect(await world.stored(bob.id, 'deals')).toEqual(rows(2));
    const before = written();
    await world.tick();
    expect(written()).toBe(before);
  });

  test('lose their settings', async () => {
    await save(ada, rows(1));
    await world.tick();
    await remove(ada.id);
    expect(await world.stored(ada.id, 'deals')).toBeNull();
  });

  test('differ from disabled users, who keep their settings', async () => {
    await save(ada, rows(1));
    await world.query('UPDATE users SET disabled_at = now() WHERE id = $1', [ada.id]);
    await world.tick();
    expect(await world.stored(ada.id, 'deals')).toEqual(rows(1));
  });
});
