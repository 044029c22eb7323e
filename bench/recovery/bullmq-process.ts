/** The process of BullMQ's workers: one worker for each queue, with the default settings. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'bullmq';
import { serveParent } from '../servers/child.ts';
import { connectionTo } from './bullmq.ts';
import { createWitness, type Role } from './witness.ts';

/** The start of each queue's worker, in ms since the epoch. */
type Starts = [queue: string, at: number][];

await serveParent(async ({ redisUrl, role, starts }: { redisUrl: string; role: Role; starts: Starts }) => {
  const witness = createWitness(role);
  const connection = connectionTo(redisUrl);
  for (const [queue, at] of starts) {
    void sleep(at - Date.now()).then(() => {
      const run = ({ id = '' }: { id?: string | undefined }) => witness.begin(`${queue} ${id}`);
      new Worker(queue, run, { connection, concurrency: 1 }).on('error', () => {});
    });
  }
  return { ready: true, answer: witness.answer, close: async () => {} };
});
