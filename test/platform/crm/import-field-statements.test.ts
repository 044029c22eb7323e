/** The cost of custom fields in the chunk of an import, in SQL statements. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { crm } from '../../../src/crm/index.ts';
import { type FaultyPostgres, startFaultyPostgres } from '../../support/faulty-postgres.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { added, importFile } from './transfers.ts';

let world: JobWorld;
let way: FaultyPostgres;
beforeAll(async () => {
  const environment: Record<string, string> = {};
  world = await openJobWorld(crm.jobs, undefined, [], environment);
  way = await startFaultyPostgres(world.connectionString);
  environment['DATABASE_URL'] = way.url;
  world.replace();
  for (const key of ['region', 'tier']) {
    await added(world, '/custom-fields', { kind: 'contact', key, name: `The ${key}`, type: 'text' });
  }
});
afterAll(async () => {
  await world.close();
  await way.close();
});

/** Imports a file of one chunk, and returns the statements of the chunk's transaction. */
async function chunkOf(header: string, cells: (n: number) => string, count: number): Promise<string[]> {
  way.statements.length = 0;
  const rows = Array.from({ length: count }, (_, n) => cells(n));
  expect(await importFile(world, `${header}\n${rows.join('\n')}\n`)).toMatchObject({ done: count, incomplete: 0 });
  const ends = way.statements.findIndex((sql) => /DELETE FROM .*import_chunks/s.test(sql));
  const begins = way.statements.slice(0, ends).findLastIndex((sql) => /^BEGIN/i.test(sql));
  return way.statements.slice(begins, ends);
}

test.each([1, 500])(
  'a chunk of %i rows with two custom fields costs one statement more than one without',
  async (count) => {
    const address = (n: number) => `Person ${n},person${n}@x${count}.example`;
    const plain = await chunkOf('Name,Email', address, count);
    const again = await chunkOf('Name,Email', address, count);
    const custom = await chunkOf('Name,Email,The region,The tier', (n) => `${address(n)},North,Gold`, count);
    const same = await chunkOf('Name,Email,The region,The tier', (n) => `${address(n)},North,Gold`, count);
    const ofFields = (statements: string[]) => statements.filter((sql) => sql.includes('custom_fields'));
    expect([plain, again, custom, same].map((statements) => ofFields(statements).length)).toEqual([0, 0, 1, 1]);
    expect(same.length).toBe(again.length + 1);
    // New rows are added, with an event for each; changed rows are updated, with an event for each.
    expect(custom.length).toBe(plain.length + 1);
  },
);
