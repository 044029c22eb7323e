/** Ends the sessions of all tenants, because sessions that were revoked since a backup would come back with it. */
import { EPOCH_TTL_MS, tenantEpochBeside } from '../../src/platform/sessions/index.ts';
import { scanNatures } from './scan.ts';
import type { BackupServices } from './services.ts';

/**
 * Gives every tenant that has or had sessions a new epoch: all its sessions, refresh tokens and access tokens end.
 * @param more keys of sessions that are not in Redis.
 * @returns the number of tenants.
 */
export async function endAllSessions({ ask, system }: BackupServices, more: readonly string[] = []): Promise<number> {
  const epochs = new Set(more.map(tenantEpochBeside));
  for await (const keys of scanNatures(ask, ['session'])) for (const key of keys) epochs.add(tenantEpochBeside(key));
  await Promise.all([...epochs].map((key) => ask('SET', key, system.token(), 'PX', String(EPOCH_TTL_MS))));
  return epochs.size;
}
