import { afterAll, beforeAll, expect, it } from 'vitest';
import { demoFactor, demoKeys, demoUser } from '../../../prisma/demo.ts';
import { seedDatabase } from '../../../prisma/seed.ts';
import { setUpDatabase } from '../../../prisma/setup.ts';
import { FORGET_TENANTS } from '../../support/forget-tenants.ts';
import { SEED_TIME } from '../../support/seed-time.ts';
import { openTestDatabase, send, type TestDatabase } from './database.ts';

let one: TestDatabase;
let two: TestDatabase;
type Dump = Record<string, string>;
/** The contents after each step: the two databases are slow to start, so each is seeded once for all tests. */
let migrated: Dump;
let seeded: { result: unknown; one: Dump; two: Dump };
beforeAll(async () => {
  [one, two] = await Promise.all([openTestDatabase(), openTestDatabase()]);
  await setUpDatabase({ connectionString: one.connectionString, seed: false });
  migrated = await dump(one.connectionString);
  const result = await setUpDatabase({ connectionString: one.connectionString, seed: true, now: SEED_TIME });
  await setUpDatabase({ connectionString: two.connectionString, seed: true, now: SEED_TIME });
  seeded = { result, one: await dump(one.connectionString), two: await dump(two.connectionString) };
});
afterAll(() => Promise.all([one.close(), two.close()]));

/** A hash of every row of every table, without the ids of transactions and the positions, which a server gives out. */
async function dump(connectionString: string): Promise<Dump> {
  const tables = await send<{ name: string }>(
    connectionString,
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_name NOT LIKE '\\_prisma%' ORDER BY 1`,
  );
  const hashes: [string, string][] = [];
  for (const { name } of tables) {
    const [row] = await send<{ hash: string }>(
      connectionString,
      `SELECT count(*) || ' ' || coalesce(md5(string_agg(row, E'\\n' ORDER BY row)), '') AS hash
       FROM (SELECT (to_jsonb(t) - 'xid' - 'position')::text AS row FROM ${name} t) AS rows`,
    );
    hashes.push([name, row?.hash ?? '']);
  }
  return Object.fromEntries(hashes);
}

it('migrates without seeding', () => {
  // The migrations themselves write the versions of the triggers of numbers.
  const { number_sources: versions, ...tables } = migrated;
  expect(versions).toMatch(/^6 /);
  const counts = Object.values(tables);
  expect(counts.length).toBe(67);
  expect(new Set(counts)).toEqual(new Set(['0 ']));
});

it('seeds equal rows in every database at the same time', () => {
  const factor = { secret: demoFactor.secret, emails: expect.arrayContaining(['admin@acme.example']) };
  expect(seeded.result).toEqual({ key: demoKeys.acme, user: demoUser, factor });
  // Seals are random.
  const [one, two] = [seeded.one, seeded.two].map(({ totp_devices, ...others }) => [
    others,
    totp_devices?.split(' ')[0],
  ]);
  expect(one).toEqual(two);
  expect(seeded.one['deals']).toMatch(/^812 /);
  expect(seeded.one['contacts']).toMatch(/^509 /);
});

it('does not change a seeded database', async () => {
  const before = await dump(one.connectionString);
  await send(one.connectionString, "UPDATE companies SET name = 'Mine' WHERE tenant_id = 'globex'");
  await setUpDatabase({ connectionString: one.connectionString, seed: true });
  const after = await dump(one.connectionString);
  expect(after['companies']).not.toBe(before['companies']);
  // The search follows the rows.
  const followed = { companies: '', search_entries: '', search_words: '' };
  expect({ ...after, ...followed }).toEqual({ ...before, ...followed });
});

it('adds neither the demo nor its public keys to a database with other tenants', async () => {
  await send(
    two.connectionString,
    `${FORGET_TENANTS} INSERT INTO tenants VALUES ('real', 'Real', 'EUR', now(), now())`,
  );
  await expect(seedDatabase(two.connectionString)).rejects.toThrow('tenants of its own');
});
