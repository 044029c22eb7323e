/** The process that measures the jobs of one tree, with the code of that tree. */
import type { measureHoldfast } from '../jobs/holdfast.ts';
import type { JobCounts } from '../jobs/measurement.ts';
import { serveParent } from '../servers/child.ts';
import type { CloudAddresses } from '../servers/cloud.ts';

interface Options {
  /** The address of the tree's folder `bench`. */
  bench: string;
  cloud: CloudAddresses;
  redisUrl: string;
  counts: JobCounts;
}

await serveParent(async ({ bench, cloud, redisUrl, counts }: Options) => {
  const tree = (await import(new URL('jobs/holdfast.ts', bench).href)) as { measureHoldfast: typeof measureHoldfast };
  return { ready: await tree.measureHoldfast(cloud, redisUrl, counts), close: async () => {} };
});
