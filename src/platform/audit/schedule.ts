/** The schedules that seal the audit trails of all tenants each minute, and keep the new seals outside. */
import { forEachTenant, schedule } from '../jobs/index.ts';
import { openAnchors } from './anchors.ts';
import { markAnchored, readHead, tenantsToAnchor, tenantsToSeal } from './entries-table.ts';
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

/**
 * Keeps the newest seal of each tenant in the bucket of `AUDIT_ANCHOR_URL`. A seal contains the hash of the one before,
 * so the newest one stands for all. After a failure the next run tries again.
 */
export const anchorSchedule = schedule('audit.anchor', {
  cron: '* * * * *',
  timeout: '10m',
  async run({ scope, signal, log }) {
    const { store, environment } = scope;
    const anchors = openAnchors(environment, scope);
    if (!anchors) return undefined;
    const tenantsAfter = (after: string, limit: number) => tenantsToAnchor(store, after, limit);
    const kept = await forEachTenant(
      { scope: { tenantsAfter, tenant: (id) => scope.tenant(id) }, signal, log },
      async ({ tenant }) => {
        const head = await readHead(store, tenant);
        if (!head) return;
        await anchors.keep(head);
        await markAnchored(store, tenant, head.seal);
      },
    );
    return kept > 0 ? { kept } : undefined;
  },
});
