/** The process of the local cloud, which the API is measured in front of. */
import { startLocalCloud } from '../../dev/local-cloud.ts';
import { serveParent } from './child.ts';

await serveParent(async ({ redisUrl, databaseUrl }: { redisUrl: string; databaseUrl: string | null }) => {
  const cloud = await startLocalCloud({ redisUrl, ...(databaseUrl ? { databaseUrl } : {}) });
  return { ready: { redisRest: cloud.redisRest, postgres: cloud.postgres }, close: () => cloud.close() };
});
