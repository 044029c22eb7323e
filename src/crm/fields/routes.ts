/** `/custom-fields`: the definitions of the tenant's custom fields. */
import { createRouter } from '../../platform/http/index.ts';
import { command, oneSchema, view } from '../../platform/rest/index.ts';
import { customFields, fieldArgs } from './queries.ts';
import { fieldChangesSchema, fieldListSchema, fieldSchema, MOST_FIELDS, newFieldSchema } from './schema.ts';
import { createField, deleteField, FIELD, updateField } from './writes.ts';

export const fieldRoutes = createRouter();

const all = { path: '/custom-fields', tag: 'Custom fields' } as const;
const one = { ...all, path: '/custom-fields/{id}', params: oneSchema } as const;
const row = ({ id }: { id: string }) => ({ kind: FIELD, id });

view(fieldRoutes, {
  ...all,
  id: 'customFields.list',
  summary: 'List the custom fields, oldest first',
  access: 'crm:read',
  search: fieldArgs,
  answer: fieldListSchema,
  query: customFields,
  args: ({ kind }) => ({ kind }),
});

view(fieldRoutes, {
  ...one,
  id: 'customFields.get',
  summary: 'Get a custom field',
  cost: { hit: { requests: 2, commands: 4 }, miss: { requests: 4, commands: 6 } },
  access: 'crm:read',
  answer: fieldSchema,
  tagged: true,
  missing: FIELD,
  async load({ id }, { tenant }) {
    const { items } = await tenant.cache.read(customFields, {});
    return items.find((item) => item.id === id) ?? null;
  },
});

command(fieldRoutes, {
  ...all,
  id: 'customFields.create',
  summary: 'Create a custom field',
  cost: { requests: 3, commands: 5, statements: 6 },
  description: `At most ${MOST_FIELDS} for contacts, companies and deals each.`,
  access: 'users:manage',
  body: newFieldSchema,
  answer: fieldSchema,
  tagged: true,
  location: ({ id }) => `/custom-fields/${id}`,
  effect: 'The new custom field',
  run: ({ body }, { tenant }) => createField(tenant, body),
});

command(fieldRoutes, {
  ...one,
  id: 'customFields.update',
  method: 'patch',
  summary: 'Update a custom field',
  cost: { requests: 3, commands: 5, statements: 6 },
  description:
    'A new key or name changes no value. Kind and type cannot change. Values of options that are left out stay in rows, ' +
    'and are refused in writes.',
  access: 'users:manage',
  body: fieldChangesSchema,
  answer: fieldSchema,
  tagged: true,
  changes: row,
  effect: 'The updated custom field',
  problems: [404],
  run: ({ params, body }, { tenant }) => updateField(tenant, params.id, body),
});

command(fieldRoutes, {
  ...one,
  id: 'customFields.delete',
  method: 'delete',
  summary: 'Delete a custom field',
  cost: { requests: 4, commands: 6, statements: 6, messages: 1 },
  description: 'Its values are not shown any more, and a later field with the same key does not have them.',
  access: 'users:manage',
  changes: row,
  effect: 'Deleted',
  problems: [404],
  run: ({ params }, { tenant }) => deleteField(tenant, params.id),
});
