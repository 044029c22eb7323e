/** `/contacts` */
import { resource } from '../resource.ts';
import { oneSchema, view } from '../view.ts';
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
  schemas: {
    item: contactSchema,
    page: contactPageSchema,
    pageQuery: contactPageQuerySchema,
    create: newContactSchema,
    changes: contactChangesSchema,
  },
  queries: { one: contactById, page: contactPage },
  writes: { create: createContact, update: updateContact, remove: deleteContact },
});

view(contactRoutes, {
  path: '/contacts/{id}/full',
  tag: 'Contacts',
  summary: 'Get a contact with their company, deals and latest activity',
  schema: contactFullSchema,
  params: oneSchema,
  query: contactFull,
  args: ({ id }) => ({ id }),
  missing: 'contact',
});
