/** Jobs of Holdfast: committed to the database, published to the emulator, delivered to the app over HTTP. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { z } from 'zod';
import { appVariables } from '../../dev/app-environment.ts';
import { createApp } from '../../src/app.ts';
import { openDatabasePool } from '../../src/db/index.ts';
import { readEnvironment } from '../../src/env.ts';
import { createJobs, enqueue, enqueueMany, job } from '../../src/jobs/index.ts';
import { createNodeFetch } from '../../src/node-fetch.ts';
import { createPlatform } from '../../src/platform.ts';
import { demoTenant } from '../api/world.ts';
import type { JobCounts } from '../scenarios/jobs.ts';
import type { CloudAddresses } from '../servers/cloud.ts';
import type { JobTimes } from './bullmq.ts';
import { countCommands } from './commands.ts';

/** What was measured. */
export interface HoldfastResult extends JobTimes {
  /** Requests to Redis of one job, exactly. */
  requests: { enqueue: number; run: number };
}

/** Measures them. */
export async function measureHoldfast(
  cloud: CloudAddresses,
  redisUrl: string,
  { many, single }: JobCounts,
): Promise<HoldfastResult> {
  let started = (_n: number) => {};
  const work = job('bench.work', {
    input: z.object({ n: z.number() }),
    run: async ({ n }) => started(n),
  });
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const environment = readEnvironment({
    ...appVariables(cloud, `http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    // A busy machine is not a broken Redis.
    REDIS_TIMEOUT_MS: '5000',
    DATABASE_URL: cloud.postgres.url,
    LOG_LEVEL: 'error',
  });
  const pool = openDatabasePool({ connectionString: environment.DATABASE_URL });
  const nodeFetch = createNodeFetch();
  let requests = 0;
  const counting = ((input: string, init: Parameters<typeof nodeFetch>[1]) => {
    requests += 1;
    return nodeFetch(input, init);
  }) as typeof nodeFetch;
  const platform = createPlatform({ environment, pool, fetch: counting, write: () => {} });
  const app = createApp(() => ({ scope: platform.scope, clientIp: '127.0.0.1' }), createJobs([work]));
  const listener = getRequestListener(app.fetch);

  /** Enqueues as a request does: it is answered after COMMIT, and what is left is done then. */
  async function within(write: (where: ReturnType<ReturnType<typeof platform.scope>['tenant']>) => Promise<unknown>) {
    const scope = platform.scope();
    await write(scope.tenant(demoTenant));
    const committed = performance.now();
    return { committed, ended: scope.end() };
  }
  const running = (count: number) =>
    new Promise<void>((resolve) => {
      let left = count;
      started = () => {
        left -= 1;
        if (left === 0) resolve();
      };
    });

  const warm = running(20);
  await (await within((tenant) => enqueueMany(tenant, work, numbers(20)))).ended;
  await warm;
  await untilDone();

  const enqueueMs: number[] = [];
  const startMs: number[] = [];
  const before = requests;
  for (let n = 0; n < single; n += 1) {
    const begins = performance.now();
    const start = running(1).then(() => startMs.push(performance.now() - begins));
    const { committed, ended } = await within((tenant) => enqueue(tenant, work, { n }));
    enqueueMs.push(committed - begins);
    await Promise.all([start, ended]);
  }
  await untilDone();
  const perJob = (requests - before) / single;

  const counted = await countCommands(redisUrl);
  const began = performance.now();
  const all = running(many);
  const committing: Promise<void>[] = [];
  for (let from = 0; from < many; from += 100) {
    committing.push((await within((tenant) => enqueueMany(tenant, work, numbers(Math.min(100, many - from))))).ended);
  }
  await Promise.all(committing);
  const published = performance.now();
  await all;
  const ended = performance.now();
  await untilDone();
  const commands = (await counted()) / many;
  server.closeAllConnections();
  server.close();
  await pool.close();
  return {
    perSecond: (many * 1000) / (ended - began),
    enqueuedPerSecond: (many * 1000) / (published - began),
    enqueueMs,
    startMs,
    commands,
    requests: { enqueue: 1, run: perJob - 1 },
  };
}

/** Those that have started still have to say that they are done. */
function untilDone(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 300));
}

function numbers(count: number): { n: number }[] {
  return Array.from({ length: count }, (_, n) => ({ n }));
}
