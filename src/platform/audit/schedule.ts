/**
 * The schedules of the audit trails of all tenants: each minute they take in the audited reads and seal the entries, and
 * they keep the new seals outside.
 */
import { forEachTenant, schedule } from '../jobs/index.ts';
import { loggedTenants } from '../read-log/index.ts';
import { openAnchors } from './anchors.ts';
import { drainReads, LARGEST_DRAIN } from './drain-reads.ts';
import { markAnchored, readHead, tenantsToAnchor, tenantsToSeal } from './entries-table.ts';
import { LARGEST_SEAL, sealBatch } from './seal.ts';
import { createAuditKeys } from './signing.ts';

/**
 * Moves the logs of audited reads into the audit trail. Each trigger runs it, also beside another run: a run that died
 * must not hold up the next one.
 */
export const drainReadsSchedule = schedule('audit.reads', {
  cron: '* * * * *',
  timeout: '10m',
  exclusive: false,
  async run({ scope, signal, log }) {
    const { redis, store, system, sealer } = scope;
    const logged = await loggedTenants(redis);
    const tenantsAfter = async (after: string, limit: number) => logged.filter((id) => id > after).slice(0, limit);
    let reads = 0;
    const tenants = await forEachTenant(
      { scope: { tenantsAfter, tenant: (id) => scope.tenant(id) }, signal, log },
      async ({ tenant }) => {
        for (let count = LARGEST_DRAIN; count === LARGEST_DRAIN; ) {
          signal.throwIfAborted();
          count = await drainReads({ redis, store, system, sealer }, tenant);
          reads += count;
        }
      },
    );
    return reads > 0 ? { tenants, reads } : undefined;
  },
});

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
