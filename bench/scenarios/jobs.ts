/**
 * Measures jobs: jobs per second, Redis cost per job, and time to start. Holdfast uses the QStash emulator and the
 * app over HTTP. BullMQ uses the same Redis, as on permanently running servers, without or with an HTTP request for
 * each job, which Holdfast has too.
 */
import type { Bench, Cell, Row } from '../bench.ts';
import { measureBullmq } from '../jobs/bullmq.ts';
import { type HoldfastResult, measureHoldfast } from '../jobs/holdfast.ts';
import type { JobCounts, JobTimes } from '../jobs/measurement.ts';
import { median, percentile } from '../measure/summary.ts';
import { startChild } from '../servers/child.ts';
import type { CloudAddresses } from '../servers/cloud.ts';

/** The input of the measurement. */
export interface JobsOptions {
  redisUrl: string;
  cloud: CloudAddresses;
  quick: boolean;
}

/** Measures the jobs in a child process. */
export async function jobsApart({ redisUrl, house, quick, progress }: Bench): Promise<Row[]> {
  const { cloud } = await house();
  progress('jobs');
  const child = await startChild<Row[]>(new URL('./jobs-process.ts', import.meta.url), { redisUrl, cloud, quick });
  await child.close();
  return child.ready;
}

/** Measures the jobs in this process. */
export async function jobs({ redisUrl, cloud, quick }: JobsOptions): Promise<Row[]> {
  const counts: JobCounts = quick ? { many: 300, single: 50 } : { many: 5_000, single: 500 };
  const own = await measureHoldfast(cloud, redisUrl, counts);
  const plain = await measureBullmq(redisUrl, counts, { hop: false });
  const hop = await measureBullmq(redisUrl, counts, { hop: true });
  return rowsOf(own, plain, hop);
}

function rowsOf(own: HoldfastResult, plain: JobTimes, hop: JobTimes): Row[] {
  const row = (id: string, title: string, better: 'less' | 'more', of: (result: JobTimes) => Cell): Row => ({
    id,
    title,
    cells: { holdfast: of(own), bullmq: of(plain), 'bullmq-hop': of(hop) },
    better,
    tolerance: 0.1,
  });
  return [
    row('jobs-rate', 'jobs/s, enqueued in batches of 100 and run', 'more', ({ perSecond }) => whole(perSecond)),
    row('jobs-enqueue', 'enqueue one: p50 / p95 / p99, ms', 'less', ({ enqueueMs }) => times(enqueueMs)),
    row('jobs-enqueue-many', 'enqueue in batches of 100, jobs/s', 'more', ({ enqueuedPerSecond }) =>
      whole(enqueuedPerSecond),
    ),
    row('jobs-latency', 'from enqueue to start: p50 / p95 / p99, ms', 'less', ({ startMs }) => times(startMs)),
    row('jobs-commands', 'Redis commands per job, including those in scripts', 'less', ({ commands }) => ({
      text: commands.toFixed(1),
      value: commands,
    })),
    {
      id: 'jobs-requests',
      title: 'Redis requests per job: enqueue + run',
      cells: {
        holdfast: { text: `${own.requests.enqueue} + ${own.requests.run}` },
        bullmq: { text: 'persistent sockets' },
        'bullmq-hop': { text: 'persistent sockets' },
      },
    },
  ];
}

function times(values: readonly number[]): Cell {
  const [p50, p95, p99] = [median(values), percentile(values, 0.95), percentile(values, 0.99)];
  return { text: [p50, p95, p99].map((ms) => ms.toFixed(1)).join(' / '), value: p50 };
}

function whole(value: number): Cell {
  return { text: Math.round(value).toLocaleString('en'), value };
}
