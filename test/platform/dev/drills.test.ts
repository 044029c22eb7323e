/** Every drill ends as it promises, on one database; docs/recovery.md has the table of the promises. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DrillDatabase, openDrillDatabase } from '../../../dev/drills/database.ts';
import { facts } from '../../../dev/drills/facts.ts';
import { drills } from '../../../dev/drills/index.ts';
import { differencesOf, HEALTHY, runDrill } from '../../../dev/drills/run.ts';
import { withTable } from '../../../dev/drills/table.ts';
import { runProgram } from '../../support/npm-run.ts';

let database: DrillDatabase;
beforeAll(async () => {
  database = await openDrillDatabase();
});
afterAll(() => database.close());

describe('a drill', () => {
  test.each(drills.map((drill) => [drill.name, drill] as const))('%s ends as promised', async (_name, drill) => {
    const { found, expected } = await runDrill(drill, database);
    expect(found).toEqual(expected);
  });

  test('in which nothing breaks finds every fact healthy', async () => {
    const healthy = { name: 'none', says: '', expected: {}, async breaks() {} };
    expect((await runDrill(healthy, database)).found).toEqual(HEALTHY);
  });

  test('that promises too much or too little, or does not look at a fact, reports these facts', () => {
    const found = { draft: 'lost', preferences: 'kept', session: 'valid', 'a read': '200' };
    const expected = { draft: 'kept', preferences: 'lost', session: 'valid', fence: 'grows' };
    expect(differencesOf(found, expected)).toEqual(['draft', 'preferences', 'a read', 'fence']);
  });
});

test('docs/recovery.md has the present table of the drills', () => {
  const document = readFileSync(join(import.meta.dirname, '../../../docs/recovery.md'), 'utf8');
  expect(document).toBe(withTable(document));
  expect(drills.length).toBeGreaterThanOrEqual(12);
  expect(Object.keys(facts).length).toBeGreaterThan(10);
});

test('npm run drill refuses an unknown drill', async () => {
  const unknown = await runProgram('drill', { args: ['redis-found'] });
  expect(unknown).toMatchObject({ status: 1, stderr: expect.stringContaining('There is no drill redis-found') });
});
