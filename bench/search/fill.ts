/** Fills the tables of the CRM, as a search meets them, and makes the entries as the migration does. */
import type pg from 'pg';
import { searchKinds } from '../../src/crm/search/kinds.ts';
import { backfillSql } from '../../src/platform/search/index.ts';
import type { SearchedRow } from './rows.ts';

/** The tables of the kinds, with the columns for the texts of a row. */
const INSERTS: Record<SearchedRow['kind'], string> = {
  contact: 'INSERT INTO contacts (tenant_id, id, name, email, phone, job_title, updated_at)',
  company: 'INSERT INTO companies (tenant_id, id, name, city, industry, domain, updated_at)',
  deal: 'INSERT INTO deals (tenant_id, id, title, value, value_places, stage, updated_at)',
  project: 'INSERT INTO projects (tenant_id, id, name, description, updated_at)',
  task: 'INSERT INTO tasks (tenant_id, id, title, description, updated_at)',
};
const COLUMNS: Record<SearchedRow['kind'], string> = {
  contact: 'title, email, phone, detail, now()',
  company: 'title, NULL, detail, NULL, now()',
  deal: `title, 100, 2, 'lead'::deal_stage, now()`,
  project: 'title, detail, now()',
  task: 'title, detail, now()',
};
const CHUNK = 10_000;

/** Creates a tenant and adds rows to it. `first` is the number of the first row, for its id. */
export async function addRows(
  client: pg.Client,
  tenant: string,
  rows: readonly SearchedRow[],
  first = 0,
): Promise<void> {
  await client.query(
    `INSERT INTO tenants (id, name, currency, updated_at) VALUES ($1, $1, 'EUR', now()) ON CONFLICT DO NOTHING`,
    [tenant],
  );
  for (const kind of Object.keys(INSERTS) as SearchedRow['kind'][]) {
    const own = rows.flatMap((row, at) =>
      row.kind === kind ? [{ row, id: `${kind}_${String(first + at).padStart(9, '0')}` }] : [],
    );
    for (let from = 0; from < own.length; from += CHUNK) {
      const part = own.slice(from, from + CHUNK);
      const column = (name: 'title' | 'email' | 'phone' | 'detail') => part.map(({ row }) => row[name] ?? null);
      await client.query(
        `${INSERTS[kind]} SELECT $1, id, ${COLUMNS[kind]}
         FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) AS row (id, title, email, phone, detail)`,
        [tenant, part.map(({ id }) => id), column('title'), column('email'), column('phone'), column('detail')],
      );
    }
  }
}

/** Adds rows without triggers, then makes all entries and the indexes. Returns the seconds that the entries took. */
export async function fillAtOnce(client: pg.Client, add: () => Promise<void>): Promise<number> {
  await client.query('SET session_replication_role = replica');
  await client.query('DROP INDEX search_entries_terms_idx, search_words_near_idx');
  await add();
  await client.query('RESET session_replication_role');
  const started = performance.now();
  for (const kind of searchKinds) await client.query(backfillSql(kind));
  await client.query('CREATE INDEX search_entries_terms_idx ON search_entries USING GIN (terms)');
  await client.query('CREATE INDEX search_words_near_idx ON search_words USING GIN (near)');
  const seconds = (performance.now() - started) / 1000;
  await client.query('VACUUM ANALYZE');
  return seconds;
}
