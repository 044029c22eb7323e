/** Redis's own count of commands for a job, including those in scripts. */
import { createClient } from '@redis/client';

/** Counts the commands that Redis runs from now on. */
export async function countCommands(redisUrl: string): Promise<() => Promise<number>> {
  const admin = createClient({ url: redisUrl });
  await admin.connect();
  const now = async () =>
    [...(await admin.info('commandstats')).matchAll(/calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
  const before = await now();
  return async () => {
    const counted = (await now()) - before;
    admin.destroy();
    return counted;
  };
}
