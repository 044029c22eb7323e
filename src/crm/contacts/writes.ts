/** The writes to contacts. Each write invalidates the cached values of the rows it changes. */
import { lockRow } from '../../platform/db/index.ts';
import { notFound, type Scope, type TenantScope } from '../../platform/http/index.ts';
import { record } from '../activities/record.ts';
import { lockDealsOfContact } from '../references.ts';
import { contactTags, dealTags } from '../tags.ts';
import { toContact } from './contact.ts';
import type { Contact, ContactChanges, NewContact } from './schema.ts';

/** Adds a contact. */
export function createContact(tenant: TenantScope, scope: Scope, contact: NewContact): Promise<Contact> {
  return tenant.commit(async (tx) => {
    const key = { id: scope.system.rowId('contact'), tenantId: tenant.tenant };
    const row = await tx.db.contact.create({ data: { ...contact, ...key, createdAt: new Date(scope.system.now()) } });
    const about = { entityType: 'contact', entityId: row.id, data: { name: row.name } } as const;
    const tags = [...contactTags.of(row), contactTags.set];
    await record(tx, tenant, scope, { ...about, verb: 'created', tags });
    return toContact(row);
  });
}

/**
 * Changes a contact.
 * @throws {ProblemError} 404 if the contact does not exist.
 */
export function updateContact(
  tenant: TenantScope,
  scope: Scope,
  id: string,
  changes: ContactChanges,
): Promise<Contact> {
  return tenant.commit(async (tx) => {
    const where = { tenantId_id: { tenantId: tenant.tenant, id } };
    if (!(await lockRow(tx.db, 'contacts', tenant.tenant, id))) throw notFound('contact');
    const before = await tx.db.contact.findUniqueOrThrow({ where });
    const row = await tx.db.contact.update({ where, data: changes });
    await record(tx, tenant, scope, {
      verb: 'updated',
      entityType: 'contact',
      entityId: id,
      data: { name: row.name, fields: Object.keys(changes) },
      tags: [...contactTags.of(before), ...contactTags.of(row)],
    });
    return toContact(row);
  });
}

/**
 * Deletes a contact. Its deals stay, without a contact.
 * @throws {ProblemError} 404 if the contact does not exist.
 */
export function deleteContact(tenant: TenantScope, scope: Scope, id: string): Promise<void> {
  const { tenant: tenantId } = tenant;
  return tenant.commit(async (tx) => {
    if (!(await lockRow(tx.db, 'contacts', tenantId, id))) throw notFound('contact');
    const deals = await lockDealsOfContact(tx.db, tenantId, id);
    const row = await tx.db.contact.delete({ where: { tenantId_id: { tenantId, id } } });
    for (const deal of deals) tx.invalidate(...dealTags.of(deal));
    const about = { entityType: 'contact', entityId: id, data: { name: row.name } } as const;
    await record(tx, tenant, scope, { ...about, verb: 'deleted', tags: [...contactTags.of(row), contactTags.set] });
  });
}
