/** Every way in which a row changes in the database changes its entry in the same transaction. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyMigrations } from '../../../prisma/apply.ts';
import { readMigrations } from '../../../prisma/migration-files.ts';
import { forgetWords, type SearchKind, triggersSql } from '../../../src/platform/search/index.ts';
import { openMigratedDatabase, openTestDatabase, send, type TestDatabase } from '../db/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openMigratedDatabase();
  await ask(`INSERT INTO tenants (id, name, currency, updated_at) VALUES ('t', 'T', 'EUR', now());
    INSERT INTO users (tenant_id, id, email, name, role, updated_at) VALUES ('t', 'u', 'u@x.example', 'U', 'owner', now())`);
});
afterAll(() => database.close());

const ask = <Row extends object>(sql: string, from = database) =>
  send<Row & Record<string, unknown>>(from.connectionString, sql);
const entries = async (where: string, from = database) =>
  (await ask<{ title: string }>(`SELECT title FROM search_entries WHERE ${where} ORDER BY title`, from)).map(
    ({ title }) => title,
  );
const termsOf = async (id: string) => {
  const [row] = await ask<{ terms: string[] }>(
    `SELECT tsvector_to_array(terms) AS terms FROM search_entries WHERE id = '${id}'`,
  );
  return (row?.terms ?? []).map((term) => term.split('\u001F')[2]).toSorted();
};

describe('an entry', () => {
  test('follows rows that a statement adds, changes and removes at once', async () => {
    await ask(`INSERT INTO tasks (tenant_id, id, title, updated_at)
      SELECT 't', 'many' || n, 'Many ' || n, now() FROM generate_series(1, 3) AS n`);
    expect(await entries("id LIKE 'many%'")).toEqual(['Many 1', 'Many 2', 'Many 3']);
    await ask("UPDATE tasks SET title = 'Few ' || right(title, 1) WHERE id LIKE 'many%'");
    expect(await entries("id LIKE 'many%'")).toEqual(['Few 1', 'Few 2', 'Few 3']);
    await ask("DELETE FROM tasks WHERE id IN ('many1', 'many3')");
    expect(await entries("id LIKE 'many%'")).toEqual(['Few 2']);
  });

  test('goes with a row that is removed with its project', async () => {
    await ask(`INSERT INTO projects (tenant_id, id, name, updated_at) VALUES ('t', 'p', 'Gone', now());
      INSERT INTO tasks (tenant_id, id, title, project_id, updated_at) VALUES ('t', 'of p', 'Gone too', 'p', now())`);
    expect(await entries("id IN ('p', 'of p')")).toEqual(['Gone', 'Gone too']);
    await ask("DELETE FROM projects WHERE id = 'p'");
    expect(await entries("id IN ('p', 'of p')")).toEqual([]);
  });

  test('loses its owner with the user', async () => {
    await ask(`INSERT INTO users (tenant_id, id, email, name, role, updated_at)
        VALUES ('t', 'leaves', 'l@x.example', 'L', 'member', now());
      INSERT INTO contacts (tenant_id, id, name, owner_id, updated_at) VALUES ('t', 'owned', 'Owned', 'leaves', now())`);
    expect(await termsOf('owned')).toEqual(['=ownerId=leaves', 'owned']);
    await ask("DELETE FROM users WHERE id = 'leaves'");
    expect(await termsOf('owned')).toEqual(['owned']);
  });

  test('is not there after a rollback', async () => {
    await ask(
      `BEGIN; INSERT INTO tasks (tenant_id, id, title, updated_at) VALUES ('t', 'back', 'Back', now()); ROLLBACK`,
    );
    expect(await entries("id = 'back'")).toEqual([]);
  });

  test('has the parts of an address without its last label, and each four digits of a number', async () => {
    await ask(`INSERT INTO contacts (tenant_id, id, name, email, phone, updated_at)
      VALUES ('t', 'parts', 'A', 'zoe.m@kelp-farm.co.uk', '+1 234-567', now())`);
    expect(await termsOf('parts')).toEqual(['#1234', '#2345', '#3456', '#4567', 'a', 'co', 'farm', 'kelp', 'm', 'zoe']);
  });

  test('is not written again by a change of columns that are not searched', async () => {
    await ask("INSERT INTO deals (tenant_id, id, title, value, updated_at) VALUES ('t', 'same', 'Same', 1, now())");
    const version = async () =>
      (await ask<{ xmin: string }>("SELECT xmin::text FROM search_entries WHERE id = 'same'"))[0];
    const before = await version();
    await ask("UPDATE deals SET value = 2, updated_at = now() WHERE id = 'same'");
    expect(await version()).toEqual(before);
    await ask("UPDATE deals SET stage = 'won' WHERE id = 'same'");
    expect(await version()).not.toEqual(before);
  });

  test('has the values of a column of type jsonb, if its kind declares one', async () => {
    const kind: SearchKind = { kind: 'boat', table: 'boats', access: 'crm:read', title: 'name', json: ['custom'] };
    await ask(`CREATE TABLE boats (tenant_id text, id text, name text, custom jsonb);
      ${triggersSql(kind)}
      INSERT INTO boats VALUES ('t', 'boat', 'Ada', '{"hull": "Larch wood", "masts": 2}'), ('t', 'bare', 'Bea', NULL)`);
    expect(await termsOf('boat')).toEqual(['2', 'ada', 'larch', 'wood']);
    await ask(`UPDATE boats SET custom = '{"hull": "Steel"}' WHERE id = 'boat'`);
    expect(await termsOf('boat')).toEqual(['ada', 'steel']);
    expect(await termsOf('bare')).toEqual(['bea']);
  });
});

describe('a word', () => {
  test('is kept once for each tenant', async () => {
    await ask(`INSERT INTO tasks (tenant_id, id, title, updated_at)
      SELECT 't', 'word' || n, 'Unusualword', now() FROM generate_series(1, 3) AS n`);
    expect(await ask("SELECT tenant_id FROM search_words WHERE word = 'unusualword'")).toEqual([{ tenant_id: 't' }]);
  });
});

describe('words of rows that are gone', () => {
  const wordsOf = async (tenant: string) =>
    (await ask<{ word: string }>(`SELECT word FROM search_words WHERE tenant_id = '${tenant}' ORDER BY word, seq`)).map(
      ({ word }) => word,
    );
  const forget = (tenant: string) => {
    const store = {
      query: async <Row extends object>(text: string, values: readonly unknown[]): Promise<Row[]> => {
        const client = new pg.Client({ connectionString: database.connectionString });
        await client.connect();
        return (await client.query(text, [...values]).finally(() => client.end())).rows as Row[];
      },
    };
    return forgetWords(store, { tenant, kinds: ['contact', 'company', 'deal', 'project', 'task'] });
  };

  test('are removed, and so is a word that is there twice; other words stay', async () => {
    await ask(`INSERT INTO tenants (id, name, currency, updated_at) VALUES ('w', 'W', 'EUR', now());
      INSERT INTO tasks (tenant_id, id, title, updated_at)
        SELECT 'w', 'task' || n, 'Staying ' || translate(n::text, '0123456789', 'abcdefghij') || 'word', now()
        FROM generate_series(1, 600) AS n;
      INSERT INTO deals (tenant_id, id, title, value, updated_at) VALUES ('w', 'deal', 'Vanishing', 1, now()),
        ('w', 'kept', 'Lasting', 1, now());
      INSERT INTO search_words (tenant_id, word, near) SELECT tenant_id, word, near FROM search_words
        WHERE tenant_id = 'w' AND word = 'lasting';
      DELETE FROM deals WHERE id = 'deal'; DELETE FROM tasks WHERE id = 'task7'`);
    const before = await wordsOf('w');
    expect(before.filter((word) => word === 'lasting')).toHaveLength(2);
    const ofOthers = await wordsOf('t');
    expect(await forget('w')).toBe(3);
    const after = await wordsOf('w');
    expect(after).toEqual([...new Set(before)].filter((word) => word !== 'vanishing' && word !== 'hword'));
    expect(await wordsOf('t')).toEqual(ofOthers);
    expect(await forget('w')).toBe(0);
  });
});

test('the migration makes the entries of rows that were there before', async () => {
  const earlier = await openTestDatabase();
  try {
    const migrations = readMigrations();
    const own = migrations.findIndex(({ name }) => name.endsWith('_search'));
    await applyMigrations(earlier.connectionString, migrations.slice(0, own));
    await ask(
      `INSERT INTO tenants (id, name, currency, updated_at) VALUES ('t', 'T', 'EUR', now());
       INSERT INTO contacts (tenant_id, id, name, updated_at) VALUES ('t', 'c', 'Contact', now());
       INSERT INTO companies (tenant_id, id, name, updated_at) VALUES ('t', 'o', 'Company', now());
       INSERT INTO deals (tenant_id, id, title, value, updated_at) VALUES ('t', 'd', 'Deal', 1, now());
       INSERT INTO projects (tenant_id, id, name, updated_at) VALUES ('t', 'p', 'Project', now());
       INSERT INTO tasks (tenant_id, id, title, updated_at) VALUES ('t', 't', 'Task', now())`,
      earlier,
    );
    await applyMigrations(earlier.connectionString);
    expect(await entries('true', earlier)).toEqual(['Company', 'Contact', 'Deal', 'Project', 'Task']);
  } finally {
    await earlier.close();
  }
});
