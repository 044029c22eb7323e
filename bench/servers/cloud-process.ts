/** The process of the local cloud, for the measurements of the API. */
import { applicationDatabase } from '../../dev/cloud/database-setup.ts';
import { startLocalCloud } from '../../dev/cloud/local-cloud.ts';
import { serveParent } from './child.ts';
import type { CloudAddresses } from './cloud.ts';

await serveParent(async ({ redisUrl, databaseUrl }: { redisUrl: string; databaseUrl: string | null }) => {
  const cloud = await startLocalCloud({
    application: applicationDatabase,
    redisUrl,
    ...(databaseUrl ? { databaseUrl } : {}),
  });
  const { redisRest, postgres, qstash, mail } = cloud;
  return { ready: { redisRest, postgres, qstash, mail } satisfies CloudAddresses, close: () => cloud.close() };
});
