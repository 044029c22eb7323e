/**
 * Jobs: how many a second, what each costs Redis, and how soon they start, through the QStash emulator and the app over
 * HTTP; and BullMQ on the same Redis, as it is used by servers that run, and with an HTTP request for each job, which is
 * what Holdfast's way includes.
 */
import type { Bench, Row } from '../bench.ts';
import { type JobTimes, measureBullmq } from '../jobs/bullmq.ts';
import { type HoldfastResult, measureHoldfast } from '../jobs/holdfast.ts';
import { median, percentile } from '../measure/summary.ts';
import { startChild } from '../servers/child.ts';
import { startCloud } from '../servers/cloud.ts';
import { startBenchPostgres } from '../servers/postgres.ts';

/** What the measurement needs. */
export interface JobsOptions {
  redisUrl: string;
  quick: boolean;
}

/** How many jobs each part runs. */
export interface JobCounts {
  /** Enqueued in hundreds, and waited for. */
  many: number;
  /** Enqueued one after the other, each when the one before has started. */
  single: number;
}

/** Measures them in a process of their own. */
export async function jobsApart({ redisUrl, quick, progress }: Bench): Promise<Row[]> {
  progress('jobs');
  const child = await startChild<Row[]>(new URL('./jobs-process.ts', import.meta.url), { redisUrl, quick });
  await child.close();
  return child.ready;
}

/** Measures them. */
export async function jobs({ redisUrl, quick }: JobsOptions): Promise<Row[]> {
  const counts: JobCounts = quick ? { many: 300, single: 50 } : { many: 5_000, single: 500 };
  const postgres = await startBenchPostgres();
  try {
    const cloud = await startCloud(redisUrl, postgres.url);
    try {
      const own = await measureHoldfast(cloud, redisUrl, counts);
      const plain = await measureBullmq(redisUrl, counts, { hop: false });
      const hop = await measureBullmq(redisUrl, counts, { hop: true });
      return rowsOf(own, plain, hop);
    } finally {
      await cloud.close();
    }
  } finally {
    postgres.close();
  }
}

function rowsOf(own: HoldfastResult, plain: JobTimes, hop: JobTimes): Row[] {
  const row = (id: string, title: string, of: (result: JobTimes) => string): Row => ({
    id,
    title,
    cells: { holdfast: { text: of(own) }, bullmq: { text: of(plain) }, 'bullmq-hop': { text: of(hop) } },
  });
  const times = (values: readonly number[]) =>
    [median(values), percentile(values, 0.95), percentile(values, 0.99)].map((ms) => ms.toFixed(1)).join(' / ');
  return [
    row('jobs-rate', 'jobs/s, enqueued in hundreds and run', ({ perSecond }) => whole(perSecond)),
    row('jobs-enqueue', 'enqueue one: p50 / p95 / p99, ms', ({ enqueueMs }) => times(enqueueMs)),
    row('jobs-enqueue-many', 'enqueue in hundreds, jobs/s', ({ enqueuedPerSecond }) => whole(enqueuedPerSecond)),
    row('jobs-latency', 'from enqueue to start: p50 / p95 / p99, ms', ({ startMs }) => times(startMs)),
    row('jobs-commands', 'commands of Redis per job, those inside of scripts included', ({ commands }) =>
      commands.toFixed(1),
    ),
    {
      id: 'jobs-requests',
      title: 'requests to Redis per job: to enqueue + to run',
      cells: {
        holdfast: { text: `${own.requests.enqueue} + ${own.requests.run}` },
        bullmq: { text: 'sockets that stay open' },
        'bullmq-hop': { text: 'sockets that stay open' },
      },
    },
    {
      id: 'jobs-recovery',
      title: 'run again after its process was killed (by their settings)',
      cells: {
        holdfast: { text: 'at most timeout + 15 s: 75 s by default' },
        bullmq: { text: 'at most lockDuration + stalledInterval: 60 s by default' },
        'bullmq-hop': { text: 'the same' },
      },
    },
  ];
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
