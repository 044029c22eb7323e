/**
 * Records the stored data of this commit as a fixture for every later commit: `npm run formats:record -- 2026-11-28`.
 * Run this when a release has changed or added a stored format; fixtures of earlier days stay unchanged.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Given } from './part.ts';
import { parts } from './parts/index.ts';
import { readKeys, readRows } from './snapshot.ts';
import { API_KEY, openStoredWorld, TENANT } from './world.ts';

const [day = ''] = process.argv.slice(2);
if (!/^\d{4}-\d\d-\d\d$/.test(day)) throw new Error('Name the day of the snapshot: 2026-11-28');
const at = Date.parse(`${day}T12:00:00Z`);
const jobs = parts.flatMap((part) => part.jobs ?? []);
const schedules = parts.flatMap((part) => part.schedules ?? []);
const world = await openStoredWorld(at, 'record', jobs, schedules);
await addTenant();

const given: Record<string, Given> = {};
for (const part of parts) given[part.name] = await part.record(world);

const directory = join(import.meta.dirname, '../../fixtures/stored', day);
mkdirSync(directory, { recursive: true });
const write = (name: string, value: unknown) =>
  writeFileSync(join(directory, `${name}.json`), `${JSON.stringify(value, null, 2)}\n`);
write('redis', await readKeys(world.redis));
write('rows', await readRows(world.database));
write('given', given);
// Runs that are under way in the snapshot never end.
process.exit(0);

/** The tenant and its API key. */
async function addTenant(): Promise<void> {
  const { createHash } = await import('node:crypto');
  const [, , id, secret = ''] = API_KEY.split('_');
  const hash = createHash('sha256').update(secret).digest('hex');
  const moment = `'${new Date(at).toISOString()}'`;
  await world.sql(`INSERT INTO tenants VALUES ('${TENANT}', 'Kelp', 'EUR', ${moment}, ${moment})`);
  await world.sql(`INSERT INTO api_keys (tenant_id, id, name, secret_hash, rights, updated_at)
    VALUES ('${TENANT}', '${id}', 'stored', '${hash}', '{*}', ${moment})`);
}
