/** `/contacts` */
import { oneSchema, resource, view } from '../../platform/rest/index.ts';
import { contactFull, contactFullSchema } from './full.ts';
import { contactById, contactPage } from './queries.ts';
import {
  contactChangesSchema,
  contactPageQuerySchema,
  contactPageSchema,
  contactSchema,
  newContactSchema,
} from './schema.ts';
import { createContact, deleteContact, updateContact } from './writes.ts';

export const contactRoutes = resource({
  singular: 'contact',
  plural: 'contacts',
  access: { read: 'crm:read', write: 'crm:write' },
  schemas: {
    item: contactSchema,
    page: contactPageSchema,
    pageQuery: contactPageQuerySchema,
    create: newContactSchema,
    changes: contactChangesSchema,
  },
  costs: {
    create: { requests: 4, commands: 6, statements: 5 },
    update: { requests: 4, commands: 6, statements: 7 },
    delete: { requests: 4, commands: 6, statements: 8 },
  },
  queries: { one: contactById, page: contactPage },
  writes: { create: createContact, update: updateContact, remove: deleteContact },
});

view(contactRoutes, {
  id: 'contacts.getFull',
  path: '/contacts/{id}/full',
  tag: 'Contacts',
  access: 'crm:read',
  summary: 'Get a contact with their company, deals and latest activity',
  cost: { miss: { statements: 5 } },
  answer: contactFullSchema,
  params: oneSchema,
  query: contactFull,
  args: ({ id }) => ({ id }),
  missing: 'contact',
});
