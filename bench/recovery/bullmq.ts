/**
 * Measures jobs of BullMQ after their worker's process is killed. Each job has its own queue, so that the check for
 * stalled jobs finds each job at another time. A queue has two workers that started at random times, the second
 * worker in the surviving process.
 */
import { Queue } from 'bullmq';
import { seededRandom } from '../../dev/random/seeded.ts';
import { startChild } from '../servers/child.ts';
import { JOBS, killAndWait, LONGEST_AGE_MS } from './killing.ts';
import type { Role } from './witness.ts';

/** BullMQ's default time between two checks for stalled jobs, in ms. */
const STALLED_INTERVAL_MS = 30_000;
/** The longest time from a worker's start to the kill, in ms. */
export const BULLMQ_STAGING_MS = STALLED_INTERVAL_MS + LONGEST_AGE_MS;

/** Returns BullMQ's connection options for a Redis. */
export function connectionTo(redisUrl: string): { host: string; port: number } {
  const { hostname, port } = new URL(redisUrl);
  return { host: hostname, port: Number(port) };
}

/**
 * Measures BullMQ's jobs.
 * @param killAt in ms since the epoch, more than {@link BULLMQ_STAGING_MS} from now.
 * @returns the waiting times of the jobs for their second run, in ms.
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
  // Each queue gets two jobs, because each of the two workers runs one job at a time. So the survivor is busy with one
  // of the jobs until it takes over.
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
