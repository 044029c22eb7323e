/** Tells open connections that sessions have ended. */
import type { RedisClient } from '../redis/index.ts';
import type { Revocation } from '../sessions/index.ts';
import { endingsChannel } from './topic.ts';

/**
 * Tells the connections of a revoked session, user or tenant to check their session at once. The message contains no
 * session: each connection asks Redis. If the message is lost, a connection ends at its next check. 1 request, with 1
 * command for each bucket of the user.
 * @throws {RedisError}
 */
export async function tellConnections(redis: RedisClient, tenant: string, revocation: Revocation): Promise<void> {
  const buckets = revocation.what === 'tenant' ? [''] : revocation.buckets;
  await Promise.all(buckets.map((bucket) => redis.publish(endingsChannel(tenant, bucket), 'ended')));
}
