/** The record of an API key for the gate. */
import { query } from '../platform/cache/index.ts';
import type { ApiKeyRecord, DataContext } from '../platform/http/index.ts';
import { tag } from '../platform/redis/index.ts';

/** Returns the tag to invalidate when a key is changed or revoked. */
export function apiKeyTag(keyId: string) {
  return tag('api-key', keyId);
}

/** The record of a key; `null` if the key does not exist. Both results are cached. */
export const apiKeyRecord = query('api-key', {
  ttl: '5m',
  tags: ({ keyId }: { keyId: string }) => [apiKeyTag(keyId)],
  load: async ({ keyId }, { tenant, db }: DataContext): Promise<ApiKeyRecord | null> => {
    const row = await (await db()).apiKey.findUnique({ where: { tenantId_id: { tenantId: tenant, id: keyId } } });
    if (!row) return null;
    return {
      secretHash: row.secretHash,
      rights: row.rights,
      expiresAt: row.expiresAt?.getTime() ?? null,
      revokedAt: row.revokedAt?.getTime() ?? null,
    };
  },
});
