/**
 * Jobs of BullMQ whose worker's process is killed. Each job has a queue of its own, so that the check for stalled
 * jobs finds each at another time; a queue has two workers that started at random times, the second in the surviving
 * process.
 */
import { Queue } from 'bullmq';
import { seededRandom } from '../measure/random.ts';
import { startChild } from '../servers/child.ts';
import { JOBS, killAndWait, LONGEST_AGE_MS } from './killing.ts';
import type { Role } from './witness.ts';

/** BullMQ's default, and the time between two of its checks. */
const STALLED_INTERVAL_MS = 30_000;
/** Workers start at most this long before the kill. */
export const BULLMQ_STAGING_MS = STALLED_INTERVAL_MS + LONGEST_AGE_MS;

/** BullMQ's connection options for Redis. */
export function connectionTo(redisUrl: string): { host: string; port: number } {
  const { hostname, port } = new URL(redisUrl);
  return { host: hostname, port: Number(port) };
}

/**
 * Measures them.
 * @param killAt in ms since the epoch, more than {@link BULLMQ_STAGING_MS} from now.
 * @returns how long the jobs waited for their second run, in ms.
 */
export async function killBullmq(redisUrl: string, killAt: number): Promise<number[]> {
  const connection = connectionTo(redisUrl);
  const run = Date.now().toString(36);
  const queues = Array.from({ length: JOBS }, (_, n) => new Queue(`bench-${run}-killed-${n}`, { connection }));
  const random = seededRandom(JOBS);
  const start = (role: Role) => {
    const starts = queues.map(({ name }) => [name, killAt - BULLMQ_STAGING_MS + random() * STALLED_INTERVAL_MS]);
    return startChild(new URL('./bullmq-process.ts', import.meta.url), { redisUrl, role, starts });
  };
  const [killed, survivor] = await Promise.all([start('killed'), start('survivor')]);
  // Two jobs for two workers that run one at a time: the survivor runs the second job until it takes over.
  const enqueueBoth = async (n: number) =>
    queues[n]?.addBulk([
      { name: 'work', data: {} },
      { name: 'work', data: {} },
    ]);
  try {
    return [...(await killAndWait({ killed, survivor, enqueue: enqueueBoth, running: JOBS }, killAt)).values()];
  } finally {
    await survivor.close();
    for (const queue of queues) {
      await queue.obliterate({ force: true });
      await queue.close();
    }
  }
}
