/** The process of the local cloud, which the API is measured in front of. */
import { startLocalCloud } from '../../dev/local-cloud.ts';
import { serveParent } from './child.ts';
import type { CloudAddresses } from './cloud.ts';

await serveParent(async ({ redisUrl, databaseUrl }: { redisUrl: string; databaseUrl: string | null }) => {
  const cloud = await startLocalCloud({ redisUrl, ...(databaseUrl ? { databaseUrl } : {}) });
  const { redisRest, postgres, qstash, mail } = cloud;
  return { ready: { redisRest, postgres, qstash, mail } satisfies CloudAddresses, close: () => cloud.close() };
});
