/** The companies that rows name: the oldest with the name, or a new one. */
import { fold } from '../../platform/text/index.ts';
import { newCompany } from './kinds/companies.ts';
import type { RowCompany } from './kinds/kind.ts';
import type { Draft } from './kinds/records.ts';
import { distinct, type Source } from './kinds/table.ts';

/** The companies of the rows of a batch. */
export interface RowCompanies {
  /** Returns the company that a row names. */
  of(name: string | undefined): RowCompany;
  /** Returns the id of a company by its name, and adds it if it is not known; `null` if it may not be added. */
  findOrAdd(name: string): string | null;
  /** The added companies. */
  added: Draft<'companies'>[];
}

/** Loads the companies that rows name. 1 statement, none if no row names a company. */
export async function loadCompanies(
  source: Source,
  rows: readonly { company?: string }[],
  { createCompanies, rowId }: { createCompanies: boolean; rowId(prefix: 'company'): string },
): Promise<RowCompanies> {
  const known = await oldestByName(source, distinct(rows.map(({ company }) => company && fold(company))));
  const added: Draft<'companies'>[] = [];
  return {
    added,
    of(name) {
      const id = name === undefined ? null : (known.get(fold(name)) ?? null);
      return { id, name: name !== undefined && (id !== null || createCompanies) ? name : null };
    },
    findOrAdd(name) {
      const found = known.get(fold(name));
      if (found !== undefined || !createCompanies) return found ?? null;
      const id = rowId('company');
      known.set(fold(name), id);
      added.push({ before: null, record: newCompany(id, name), names: {} });
      return id;
    },
  };
}

/** Returns, for each folded name, the oldest company with this name. */
async function oldestByName({ db, tenant }: Source, names: readonly string[]): Promise<Map<string, string>> {
  if (names.length === 0) return new Map();
  const found = await db.$queryRaw<{ name: string; id: string }[]>`
    SELECT wanted.name, company.id FROM unnest(${names}::text[]) AS wanted (name)
    CROSS JOIN LATERAL (
      SELECT id FROM companies WHERE tenant_id = ${tenant} AND search_name = wanted.name
      ORDER BY id LIMIT 1
    ) AS company`;
  return new Map(found.map(({ name, id }) => [name, id]));
}
