/** The schedule that seals the audit trails of all tenants each minute. */
import { forEachTenant, schedule } from '../jobs/index.ts';
import { tenantsToSeal } from './entries-table.ts';
import { LARGEST_SEAL, sealBatch } from './seal.ts';
import { createAuditKeys } from './signing.ts';

/** Seals new entries. Without the setting `AUDIT_SIGNING_KEYS` entries stay unsealed. */
export const sealSchedule = schedule('audit.seal', {
  cron: '* * * * *',
  timeout: '10m',
  async run({ scope, signal, log }) {
    const setting = scope.environment.AUDIT_SIGNING_KEYS;
    if (setting === undefined) return undefined;
    const { store, system } = scope;
    const sealing = { store, system, keys: createAuditKeys(setting) };
    const tenantsAfter = (after: string, limit: number) => tenantsToSeal(store, after, limit);
    let entries = 0;
    const tenants = await forEachTenant(
      { scope: { tenantsAfter, tenant: (id) => scope.tenant(id) }, signal, log },
      async ({ tenant }) => {
        for (let count = LARGEST_SEAL; count === LARGEST_SEAL; ) {
          signal.throwIfAborted();
          count = (await sealBatch(sealing, tenant))?.count ?? 0;
          entries += count;
        }
      },
    );
    return entries > 0 ? { tenants, entries } : undefined;
  },
});
