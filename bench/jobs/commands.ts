/** Reads Redis's own count of commands, including commands in scripts. */
import { createClient } from '@redis/client';

/** Starts to count the commands that Redis runs. The returned function ends the count and returns the number. */
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
