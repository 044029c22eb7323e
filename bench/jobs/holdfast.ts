/** Measures jobs of Holdfast, committed to the database, published to the emulator, and delivered over HTTP. */
import { z } from 'zod';
import { freePort } from '../../dev/http/free-port.ts';
import { enqueue, enqueueMany, job } from '../../src/platform/jobs/index.ts';
import { createRedisFetch } from '../../src/platform/keep-alive-fetch.ts';
import type { CloudAddresses } from '../servers/cloud.ts';
import { openJobApp } from './app.ts';
import { countCommands } from './commands.ts';
import type { JobCounts, JobTimes } from './measurement.ts';
import { createStarts } from './starts.ts';

/** The measurements of Holdfast's jobs. */
export interface HoldfastResult extends JobTimes {
  /** The exact number of Redis requests of one job. */
  requests: { enqueue: number; run: number };
}

/** Measures Holdfast's jobs. */
export async function measureHoldfast(
  cloud: CloudAddresses,
  redisUrl: string,
  { many, single }: JobCounts,
): Promise<HoldfastResult> {
  const starts = createStarts();
  const work = job('bench.work', {
    input: z.object({ n: z.number() }),
    run: async () => starts.note(),
  });
  const nodeFetch = createRedisFetch();
  let requests = 0;
  const counting = ((input: string, init: Parameters<typeof nodeFetch>[1]) => {
    requests += 1;
    return nodeFetch(input, init);
  }) as typeof nodeFetch;
  const app = openJobApp(cloud, await freePort(), [work], counting);
  await app.listen();

  const warm = starts.next(20);
  await (await app.commit((tenant) => enqueueMany(tenant, work, numbers(20)))).ended;
  await warm;
  await untilDone();

  const enqueueMs: number[] = [];
  const startMs: number[] = [];
  const before = requests;
  for (let n = 0; n < single; n += 1) {
    const begins = performance.now();
    const start = starts.next(1).then(() => startMs.push(performance.now() - begins));
    const { committed, ended } = await app.commit((tenant) => enqueue(tenant, work, { n }));
    enqueueMs.push(committed - begins);
    await Promise.all([start, ended]);
  }
  await untilDone();
  const perJob = (requests - before) / single;

  const counted = await countCommands(redisUrl);
  const began = performance.now();
  const all = starts.next(many);
  const committing: Promise<void>[] = [];
  for (let from = 0; from < many; from += 100) {
    committing.push(
      (await app.commit((tenant) => enqueueMany(tenant, work, numbers(Math.min(100, many - from))))).ended,
    );
  }
  await Promise.all(committing);
  const published = performance.now();
  await all;
  const ended = performance.now();
  await untilDone();
  const commands = (await counted()) / many;
  await app.close();
  return {
    perSecond: (many * 1000) / (ended - began),
    enqueuedPerSecond: (many * 1000) / (published - began),
    enqueueMs,
    startMs,
    commands,
    requests: { enqueue: 1, run: perJob - 1 },
  };
}

/** Waits until the started jobs have reported their end. */
function untilDone(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 300));
}

function numbers(count: number): { n: number }[] {
  return Array.from({ length: count }, (_, n) => ({ n }));
}
