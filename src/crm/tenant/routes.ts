/** `/tenant`: the settings of the caller's tenant. */
import { createRouter } from '../../platform/http/index.ts';
import { command, view } from '../../platform/rest/index.ts';
import { tenantTags } from '../tags.ts';
import { tenantColumns, tenantSettings } from './queries.ts';
import { tenantChangesSchema, tenantSchema } from './schema.ts';

export const tenantRoutes = createRouter();

const all = { path: '/tenant', tag: 'Tenant' } as const;

view(tenantRoutes, {
  ...all,
  id: 'tenant.get',
  summary: 'Get the settings of your tenant',
  access: 'crm:read',
  answer: tenantSchema,
  query: tenantSettings,
  args: () => ({}),
});

command(tenantRoutes, {
  ...all,
  id: 'tenant.update',
  method: 'patch',
  summary: 'Update the settings of your tenant',
  access: 'users:manage',
  body: tenantChangesSchema,
  answer: tenantSchema,
  effect: 'The new settings',
  run: ({ body: { timeZone = null } }, { tenant }) =>
    tenant.commit(async (tx) => {
      const where = { id: tx.tenant };
      const row = await tx.db.tenant.update({ where, data: { timeZone }, select: tenantColumns });
      await tx.audit({ action: 'tenant.updated', entity: { type: 'tenant', id: tx.tenant }, data: { timeZone } });
      tx.invalidate(tenantTags.settings);
      return row;
    }),
});
