/**
 * Measures jobs of this tree and of an earlier commit. Each has its own Redis, database, local cloud and process; the
 * two take turns, so that both have the same noise.
 */
import { pathToFileURL } from 'node:url';
import type { Bench, Cell, Row } from '../bench.ts';
import type { HoldfastResult } from '../jobs/holdfast.ts';
import type { JobCounts } from '../jobs/measurement.ts';
import { median } from '../measure/summary.ts';
import { startChild } from '../servers/child.ts';
import { startCloud } from '../servers/cloud.ts';
import { startBenchPostgres } from '../servers/postgres.ts';
import { startBenchRedis } from '../servers/redis.ts';
import { extractCommit, REFERENCE } from '../start-up/commit.ts';

const ROUNDS = 3;
const COUNTS: JobCounts = { many: 3_000, single: 300 };

/** Measures both. A quick run has no time for it. */
export async function jobsBefore({ quick, progress }: Bench): Promise<Row[]> {
  if (quick) return [];
  const reference = extractCommit(REFERENCE);
  if (!reference) return [];
  const folders = { holdfast: new URL('..', import.meta.url), reference: pathToFileURL(`${reference}/bench/`) };
  const results: Record<keyof typeof folders, HoldfastResult[]> = { holdfast: [], reference: [] };
  for (let round = 0; round < ROUNDS; round++) {
    const ids = ['holdfast', 'reference'] as const;
    for (const id of round % 2 === 0 ? ids : ids.toReversed()) {
      progress(`jobs, beside an earlier commit: ${id}`);
      results[id].push(await measure(folders[id]));
    }
  }
  return [
    row('jobs-rate-before', 'jobs/s, enqueued in batches of 100 and run', results, ({ perSecond }) => perSecond, 0),
    row('jobs-latency-before', 'from enqueue to start: p50, ms', results, ({ startMs }) => median(startMs), 1),
  ];
}

/** Measures the jobs of a tree, whose folder `bench` is given. */
async function measure(bench: URL): Promise<HoldfastResult> {
  const [redis, postgres] = [await startBenchRedis(), await startBenchPostgres()];
  try {
    const { close, ...cloud } = await startCloud(redis.url, postgres.url, bench);
    const argument = { bench: bench.href, cloud, redisUrl: redis.url, counts: COUNTS };
    const child = await startChild<HoldfastResult>(new URL('./jobs-before-process.ts', import.meta.url), argument);
    await child.close();
    await close();
    return child.ready;
  } finally {
    postgres.close();
    await redis.close();
  }
}

function row(
  id: string,
  title: string,
  results: Readonly<Record<'holdfast' | 'reference', readonly HoldfastResult[]>>,
  of: (result: HoldfastResult) => number,
  digits: number,
): Row {
  const value = (from: readonly HoldfastResult[]) => median(from.map(of));
  const own = value(results.holdfast);
  const before = value(results.reference);
  const text = (number: number) => number.toFixed(digits);
  const cells: Record<string, Cell> = {
    holdfast: { text: `${text(own)} (${(own / before).toFixed(2)})`, value: own },
    reference: { text: text(before), value: before },
  };
  return { id, title, cells };
}
