/** Measures jobs of BullMQ, whose worker uses persistent sockets, without or with an HTTP request for each job. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Queue, Worker } from 'bullmq';
import { countCommands } from './commands.ts';
import type { JobCounts, JobTimes } from './measurement.ts';
import { createStarts } from './starts.ts';

/** The number of jobs at a time, as many as the emulator delivers. */
const CONCURRENCY = 100;

/** Measures BullMQ. With `hop`, the worker sends an HTTP request for each job, like a push queue. */
export async function measureBullmq(
  redisUrl: string,
  { many, single }: JobCounts,
  { hop }: { hop: boolean },
): Promise<JobTimes> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end('{}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { hostname, port } = new URL(redisUrl);
  const connection = { host: hostname, port: Number(port) };
  const name = `bench-${Date.now().toString(36)}-${hop}`;
  const queue = new Queue(name, { connection });
  const starts = createStarts();
  const worker = new Worker(
    name,
    async (job) => {
      starts.note();
      if (hop) await (await fetch(url, { method: 'POST', body: JSON.stringify(job.data) })).text();
    },
    { connection, concurrency: CONCURRENCY },
  );
  await worker.waitUntilReady();

  const warm = starts.next(20);
  await queue.addBulk(numbers(20));
  await warm;

  const enqueueMs: number[] = [];
  const startMs: number[] = [];
  for (let n = 0; n < single; n += 1) {
    const begins = performance.now();
    const start = starts.next(1).then(() => startMs.push(performance.now() - begins));
    await queue.add('work', { n });
    enqueueMs.push(performance.now() - begins);
    await start;
  }

  const counted = await countCommands(redisUrl);
  const began = performance.now();
  const all = starts.next(many);
  for (let from = 0; from < many; from += 100) await queue.addBulk(numbers(Math.min(100, many - from)));
  const published = performance.now();
  await all;
  const ended = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const commands = (await counted()) / many;
  await worker.close();
  await queue.obliterate({ force: true });
  await queue.close();
  server.closeAllConnections();
  server.close();
  return {
    perSecond: (many * 1000) / (ended - began),
    enqueuedPerSecond: (many * 1000) / (published - began),
    enqueueMs,
    startMs,
    commands,
  };
}

function numbers(count: number): { name: string; data: { n: number } }[] {
  return Array.from({ length: count }, (_, n) => ({ name: 'work', data: { n } }));
}
