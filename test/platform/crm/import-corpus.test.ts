/** Companies and deals in the shapes of the exports of other systems become records, once. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { crm } from '../../../src/crm/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { ask, look, rest, startOver } from './transfers.ts';

const RECORDS = join(import.meta.dirname, '../../fixtures/imports/records');

interface RecordsFile {
  file: string;
  kind: 'companies' | 'deals';
  charset?: string;
  records: { name?: string; title?: string; currency?: string; value?: string; city?: string }[];
}

const files = JSON.parse(readFileSync(join(RECORDS, 'index.json'), 'utf8')) as RecordsFile[];

let world: JobWorld;
beforeAll(async () => {
  world = await openJobWorld(crm.jobs);
});
beforeEach(() => startOver(world));
afterAll(() => world.close());

test.each(files)('$file has its records after an import, and a second import changes none', async (made) => {
  const { file, kind, charset = 'utf-8', records } = made;
  const currency = records[0]?.currency ?? 'USD';
  await world.query('UPDATE tenants SET currency = $2 WHERE id = $1', [world.tenant.id, currency]);
  const run = async () => {
    const headers = { 'content-type': charset === 'utf-8' ? 'text/csv' : `text/csv; charset=${charset}` };
    const body = readFileSync(join(RECORDS, file));
    const response = await ask(world, `/imports/${kind}`, { method: 'POST', headers, body });
    expect(response.status).toBe(202);
    const { id } = (await response.json()) as { id: string };
    await rest(world, async () => (await look(world, id)).status === 'done');
    return look(world, id);
  };
  const columns = kind === 'deals' ? 'title, value::float AS value' : 'name, city';
  const stored = () => world.query(`SELECT ${columns} FROM ${kind} WHERE tenant_id = $1`, [world.tenant.id]);

  expect(await run()).toMatchObject({ rows: records.length, imported: records.length, updated: 0, rejected: 0 });
  const expected = records.map(({ name, title, value, city }) =>
    // An amount in a currency with fewer places than the file writes is left out.
    kind === 'deals' ? { title, value: value === '0.125' ? 0 : Number(value ?? 0) } : { name, city: city ?? null },
  );
  const after = await stored();
  expect(after).toHaveLength(records.length);
  expect(after).toEqual(expect.arrayContaining(expected));
  expect(await run()).toMatchObject({ imported: 0, updated: 0, unchanged: records.length, companiesCreated: 0 });
  expect(await stored()).toEqual(expect.arrayContaining(after));
});
