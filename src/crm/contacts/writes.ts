/** The writes to contacts. */
import type { TenantScope } from '../../platform/http/index.ts';
import { entity } from '../../platform/rest/index.ts';
import { recordActivity } from '../activities/record.ts';
import { changedNames, checkValues, shownRow, shownWith, type WithFields } from '../fields/custom.ts';
import { lockDealsOfContact } from '../references.ts';
import { contactTags, dealTags } from '../tags.ts';
import { type ContactRow, toContact } from './contact.ts';
import type { Contact, ContactChanges, NewContact } from './schema.ts';

const contacts = entity<'contact', ContactRow & WithFields>({
  kind: 'contact',
  table: 'contacts',
  load: async (db, where) =>
    shownRow(db, where.tenantId_id.tenantId, 'contact', await db.contact.findUniqueOrThrow({ where })),
  show: toContact,
  tags: (_tx, states) => states.flatMap(contactTags.of),
  setTags: [contactTags.set],
  label: ({ name }) => ({ name }),
  record: recordActivity,
});

/** Adds a contact. */
export function createContact(tenant: TenantScope, { custom, ...contact }: NewContact): Promise<Contact> {
  return tenant.commit(async (tx) => {
    const { data, fields } = await checkValues(tx, 'contact', custom);
    const row = await contacts.add(tx, async (columns) =>
      shownWith(fields, await tx.db.contact.create({ data: { ...contact, ...columns, ...data } })),
    );
    return toContact(row);
  });
}

/**
 * Changes a contact.
 * @throws {ProblemError} 404 if the contact does not exist.
 */
export function updateContact(
  tenant: TenantScope,
  id: string,
  { custom, ...changes }: ContactChanges,
): Promise<Contact> {
  return tenant.commit(async (tx) => {
    const { row } = await contacts.change(tx, id, { fields: changedNames(changes, custom) }, async (before, where) => {
      const { data, fields } = await checkValues(tx, 'contact', custom, before);
      return shownWith(fields, await tx.db.contact.update({ where, data: { ...changes, ...data } }));
    });
    return toContact(row);
  });
}

/**
 * Deletes a contact. Its deals stay, without a contact.
 * @throws {ProblemError} 404 if the contact does not exist.
 */
export function deleteContact(tenant: TenantScope, id: string): Promise<void> {
  return tenant.commit((tx) =>
    contacts.remove(tx, id, async (where) => {
      const deals = await lockDealsOfContact(tx.db, tx.tenant, id);
      for (const deal of deals) tx.invalidate(...dealTags.of(deal));
      return shownWith(null, await tx.db.contact.delete({ where }));
    }),
  );
}
