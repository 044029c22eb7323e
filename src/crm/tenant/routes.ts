/** `/tenant`: the settings of the caller's tenant. */
import { createRouter } from '../../platform/http/index.ts';
import { command, isRequired, view } from '../../platform/rest/index.ts';
import { announceZone } from '../analytics/usage.ts';
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
  cost: { requests: 4, commands: 6, statements: 4 },
  access: 'users:manage',
  body: tenantChangesSchema,
  answer: tenantSchema,
  effect: 'The new settings',
  tagged: true,
  changes: (_params, { tenant }) => rowOf(tenant),
  run: async ({ body: { timeZone = null } }, { tenant, scope }) => {
    const changed = await tenant.commit(async (tx) => {
      const where = { id: tx.tenant };
      if (isRequired(tx.precondition, rowOf(tx))) {
        await tx.db.$executeRaw`SELECT 1 FROM tenants WHERE id = ${tx.tenant} FOR NO KEY UPDATE`;
        tx.precondition.check(await tx.db.tenant.findUniqueOrThrow({ where, select: tenantColumns }));
      }
      const row = await tx.db.tenant.update({ where, data: { timeZone }, select: tenantColumns });
      await tx.audit({ action: 'tenant.updated', entity: { type: 'tenant', id: tx.tenant }, data: { timeZone } });
      tx.invalidate(tenantTags.settings);
      return row;
    });
    scope.after(() => announceZone(scope, tenant.tenant, timeZone));
    return changed;
  },
});

/** Names the settings in conditions of callers. */
function rowOf({ tenant }: { tenant: string }) {
  return { kind: 'tenant', id: tenant };
}
