/** Converts a row to the API's contact. */
import type { Contact } from './schema.ts';

/** The columns of a contact that the API returns. */
export interface ContactRow extends Omit<Contact, 'createdAt' | 'updatedAt'> {
  createdAt: Date;
  updatedAt: Date;
}

/** Converts a row to the form that is returned and cached. */
export function toContact(row: ContactRow): Contact {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    phone: row.phone,
    jobTitle: row.jobTitle,
    companyId: row.companyId,
    ownerId: row.ownerId,
    custom: row.custom,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
