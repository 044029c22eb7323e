/** The process of the embedded Redis. */
import { startRedis } from '../../dev/redis/server.ts';
import { serveParent } from './child.ts';

await serveParent(async () => {
  const redis = await startRedis();
  return { ready: { url: redis.url }, close: () => redis.close() };
});
