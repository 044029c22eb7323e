/** The cached settings of a tenant, as the API returns them. */
import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { noArgs } from '../arguments.ts';
import { tenantTags } from '../tags.ts';

/** The columns of a tenant that the API returns. */
export const tenantColumns = { id: true, name: true, currency: true, timeZone: true } as const;

export const tenantSettings = query('tenant', {
  args: noArgs,
  ttl: '1h',
  tags: () => [tenantTags.settings],
  load: async (_args: Record<string, never>, { tenant, db }: DataContext) =>
    (await db()).tenant.findUniqueOrThrow({ where: { id: tenant }, select: tenantColumns }),
});
