/** `key list`: lists the keys of a tenant, without their secrets. */
import { apiKeyColumns, toApiKey } from '../src/identity/index.ts';
import { type Command, required } from './command.ts';
import { holdTenant, TENANT_OPTION } from './tenant.ts';

export const keyList: Command = {
  name: 'key list',
  summary: 'Lists the API keys of a tenant, newest first',
  options: { ...TENANT_OPTION },
  example: 'key list --tenant acme',
  async run(input, { commit }) {
    const rows = await commit(required(input, 'tenant'), async (tx) => {
      await holdTenant(tx);
      return tx.db.apiKey.findMany({
        where: { tenantId: tx.tenant },
        orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
        select: apiKeyColumns,
      });
    });
    const items = rows.map(toApiKey);
    const lines = items.map(({ id, name, rights, expiresAt, revokedAt }) => {
      const end = revokedAt ? `revoked ${revokedAt}` : expiresAt ? `until ${expiresAt}` : 'no end';
      return `${id}  ${rights.join(',')}  ${end}  ${name}`;
    });
    return { lines: lines.length > 0 ? lines : ['There are no API keys'], json: { items } };
  },
};
