/** The writes to companies. Each write invalidates the cached values of the rows it changes. */
import { lockRow } from '../../platform/db/index.ts';
import { notFound, type Scope, type TenantScope } from '../../platform/http/index.ts';
import { record } from '../activities/record.ts';
import { lockContactsOfCompany, lockProjectsOfCompany } from '../references.ts';
import { companyTags, contactTags, projectTags } from '../tags.ts';
import { toCompany } from './company.ts';
import type { Company, CompanyChanges, NewCompany } from './schema.ts';

/** Adds a company. */
export function createCompany(tenant: TenantScope, scope: Scope, company: NewCompany): Promise<Company> {
  return tenant.commit(async (tx) => {
    const key = { id: scope.system.rowId('company'), tenantId: tenant.tenant };
    const row = await tx.db.company.create({ data: { ...company, ...key, createdAt: new Date(scope.system.now()) } });
    const about = { entityType: 'company', entityId: row.id, data: { name: row.name } } as const;
    const tags = [...companyTags.of(row), companyTags.set];
    await record(tx, tenant, scope, { ...about, verb: 'created', tags });
    return toCompany(row);
  });
}

/**
 * Changes a company.
 * @throws {ProblemError} 404 if the company does not exist.
 */
export function updateCompany(
  tenant: TenantScope,
  scope: Scope,
  id: string,
  changes: CompanyChanges,
): Promise<Company> {
  return tenant.commit(async (tx) => {
    if (!(await lockRow(tx.db, 'companies', tenant.tenant, id))) throw notFound('company');
    const where = { tenantId_id: { tenantId: tenant.tenant, id } };
    const before = await tx.db.company.findUniqueOrThrow({ where });
    const row = await tx.db.company.update({ where, data: changes });
    if (row.name !== before.name) tx.invalidate(companyTags.names);
    await record(tx, tenant, scope, {
      verb: 'updated',
      entityType: 'company',
      entityId: id,
      data: { name: row.name, fields: Object.keys(changes) },
      tags: [...companyTags.of(before), ...companyTags.of(row)],
    });
    return toCompany(row);
  });
}

/**
 * Deletes a company. Its contacts and projects stay, without a company. A company that has deals cannot be deleted.
 * @throws {ProblemError} 404 if the company does not exist.
 * @throws {DatabaseError} `DB_FOREIGN_KEY` if it has deals.
 */
export function deleteCompany(tenant: TenantScope, scope: Scope, id: string): Promise<void> {
  const { tenant: tenantId } = tenant;
  return tenant.commit(async (tx) => {
    if (!(await lockRow(tx.db, 'companies', tenantId, id))) throw notFound('company');
    const contacts = await lockContactsOfCompany(tx.db, tenantId, id);
    const projects = await lockProjectsOfCompany(tx.db, tenantId, id);
    const row = await tx.db.company.delete({ where: { tenantId_id: { tenantId, id } } });
    for (const contact of contacts) tx.invalidate(...contactTags.of(contact));
    for (const project of projects) tx.invalidate(...projectTags.of(project, project.members));
    const about = { entityType: 'company', entityId: id, data: { name: row.name } } as const;
    await record(tx, tenant, scope, { ...about, verb: 'deleted', tags: [...companyTags.of(row), companyTags.set] });
  });
}
