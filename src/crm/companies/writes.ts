/** The writes to companies. */
import type { TenantScope } from '../../platform/http/index.ts';
import { entity } from '../../platform/rest/index.ts';
import { recordActivity } from '../activities/record.ts';
import { changedNames, checkValues, shownRow, shownWith, type WithFields } from '../fields/custom.ts';
import { lockContactsOfCompany, lockProjectsOfCompany } from '../references.ts';
import { companyTags, contactTags, projectTags } from '../tags.ts';
import { type CompanyRow, toCompany } from './company.ts';
import type { Company, CompanyChanges, NewCompany } from './schema.ts';

const companies = entity<'company', CompanyRow & WithFields>({
  kind: 'company',
  table: 'companies',
  load: async (db, where) =>
    shownRow(db, where.tenantId_id.tenantId, 'company', await db.company.findUniqueOrThrow({ where })),
  show: toCompany,
  tags: (_tx, states) => states.flatMap(companyTags.of),
  setTags: [companyTags.set],
  label: ({ name }) => ({ name }),
  record: recordActivity,
});

/** Adds a company. */
export function createCompany(tenant: TenantScope, { custom, ...company }: NewCompany): Promise<Company> {
  return tenant.commit(async (tx) => {
    const { data, fields } = await checkValues(tx, 'company', custom);
    const row = await companies.add(tx, async (columns) =>
      shownWith(fields, await tx.db.company.create({ data: { ...company, ...columns, ...data } })),
    );
    return toCompany(row);
  });
}

/**
 * Changes a company.
 * @throws {ProblemError} 404 if the company does not exist.
 */
export function updateCompany(
  tenant: TenantScope,
  id: string,
  { custom, ...changes }: CompanyChanges,
): Promise<Company> {
  return tenant.commit(async (tx) => {
    const { before, row } = await companies.change(
      tx,
      id,
      { fields: changedNames(changes, custom) },
      async (before, where) => {
        const { data, fields } = await checkValues(tx, 'company', custom, before);
        return shownWith(fields, await tx.db.company.update({ where, data: { ...changes, ...data } }));
      },
    );
    if (row.name !== before.name) tx.invalidate(companyTags.names);
    return toCompany(row);
  });
}

/**
 * Deletes a company. Its contacts and projects stay, without a company. A company that has deals cannot be deleted.
 * @throws {ProblemError} 404 if the company does not exist.
 * @throws {DatabaseError} `DB_FOREIGN_KEY` if the company has deals.
 */
export function deleteCompany(tenant: TenantScope, id: string): Promise<void> {
  return tenant.commit((tx) =>
    companies.remove(tx, id, async (where) => {
      const contacts = await lockContactsOfCompany(tx.db, tx.tenant, id);
      const projects = await lockProjectsOfCompany(tx.db, tx.tenant, id);
      for (const contact of contacts) tx.invalidate(...contactTags.of(contact));
      for (const project of projects) tx.invalidate(...projectTags.of(project, project.members));
      return shownWith(null, await tx.db.company.delete({ where }));
    }),
  );
}
