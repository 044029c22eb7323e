/** The invalidations that an administrator makes, by the API or in the console, each with its entry in the audit trail. */

import type { Tag } from '../redis/index.ts';
import type { Services } from '../rest/index.ts';

/**
 * Invalidates tags of the caller's tenant, and adds an entry to the audit trail for each. 1 request to Redis and 1
 * transaction. A caller whose entries cannot be written gets an error, and may ask again.
 * @param soft serve the old values while they are refreshed.
 */
export async function invalidateTags(
  { tenant }: Pick<Services, 'tenant'>,
  tags: readonly Tag[],
  { soft = false }: { soft?: boolean } = {},
): Promise<void> {
  await (soft ? tenant.cache.invalidateSoftly(...tags) : tenant.cache.invalidate(...tags));
  await tenant.commit(async (tx) => {
    for (const id of tags) {
      await tx.audit({ action: 'tag.invalidated', entity: { type: 'tag', id }, ...(soft && { data: { soft } }) });
    }
  });
}

/**
 * Removes the entries of the caller's tenant whose keys match a pattern, and adds an entry to the audit trail. Returns
 * the number of removed entries. The number of requests to Redis grows with the number of keys; 1 transaction.
 */
export async function removeEntries({ tenant }: Pick<Services, 'tenant'>, pattern: string): Promise<number> {
  const entries = await tenant.cache.forgetMatching(pattern);
  const entity = { type: 'pattern', id: pattern };
  await tenant.commit((tx) => tx.audit({ action: 'entries.removed', entity, data: { entries } }));
  return entries;
}
