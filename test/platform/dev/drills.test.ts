/**
 * Every drill ends as it promises, on one database; docs/recovery.md has the table of the promises. With `REDIS_URL` each
 * drill has a redis-server of its own, with `DATABASE_URL` the drills have a database of their own on that server.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DrillDatabase, openDrillDatabase } from '../../../dev/drills/database.ts';
import type { Drill } from '../../../dev/drills/drill.ts';
import { facts } from '../../../dev/drills/facts.ts';
import { figuresOf, withFigures } from '../../../dev/drills/figures.ts';
import { drills } from '../../../dev/drills/index.ts';
import { differencesOf, HEALTHY, runDrill } from '../../../dev/drills/run.ts';
import { withTable } from '../../../dev/drills/table.ts';
import type { Engines } from '../../../dev/drills/world.ts';
import { runProgram } from '../../support/npm-run.ts';

let database: DrillDatabase;
let engines: Engines;
beforeAll(async () => {
  database = await openDrillDatabase(process.env['DATABASE_URL']);
  engines = { database, realRedis: process.env['REDIS_URL'] !== undefined };
});
afterAll(() => database.close());

describe('a drill', () => {
  test.each(drills.map((drill) => [drill.name, drill] as const))('%s ends as promised', async (_name, drill) => {
    const { found, expected } = await runDrill(drill, engines);
    expect(found).toEqual(expected);
  });

  test('in which nothing breaks finds every fact healthy, and its app has the rights of the app only', async () => {
    let refusal: unknown;
    const healthy: Drill = {
      name: 'none',
      says: '',
      expected: {},
      async breaks({ variables }) {
        const headers = { authorization: `Bearer ${variables['UPSTASH_REDIS_REST_TOKEN']}` };
        const url = variables['UPSTASH_REDIS_REST_URL'] ?? '';
        refusal = await (await fetch(url, { method: 'POST', headers, body: '["FLUSHALL"]' })).json();
      },
    };
    expect((await runDrill(healthy, engines)).found).toEqual(HEALTHY);
    expect(refusal).toEqual({ error: expect.stringContaining('NOPERM') });
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

describe('the figures in docs/recovery.md', () => {
  const document = readFileSync(join(import.meta.dirname, '../../../docs/recovery.md'), 'utf8');

  test('have every drill, measured on embedded and on real servers', () => {
    const figures = figuresOf(document);
    expect([...figures.keys()]).toEqual(drills.map(({ name }) => name));
    for (const of of figures.values()) {
      expect(of).toEqual({
        minutes: expect.stringMatching(/^\d+$/),
        embedded: expect.stringMatching(/^\d+\.\d$/),
        real: expect.stringMatching(/^\d+\.\d$/),
      });
    }
  });

  test('keep the column of the other servers when one is measured', () => {
    const rto = { clockMs: 180_000, wallMs: 1_234 };
    const report = { name: 'redis-lost', found: {}, expected: {}, differences: [], rto };
    const before = figuresOf(document).get('redis-lost');
    const after = figuresOf(withFigures(document, [report], 'real'));
    expect(after.get('redis-lost')).toEqual({ ...before, minutes: '3', real: '1.2' });
    expect(after.get('redis-full')).toEqual(figuresOf(document).get('redis-full'));
  });
});

test('npm run drill refuses an unknown drill', async () => {
  const unknown = await runProgram('drill', { args: ['redis-found'] });
  expect(unknown).toMatchObject({ status: 2, stderr: expect.stringContaining('There is no drill redis-found') });
});
