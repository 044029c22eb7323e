/**
 * Measures the database time of misses: each request of each route, in a small and in a large database in turns, without
 * the cache. The time is the one that `Server-Timing` shows: the sum over the statements of the request.
 */
import { demoPassword } from '../../prisma/demo.ts';
import { type AppInstance, openInstance } from '../api/instance.ts';
import { median } from '../measure/summary.ts';
import type { CloudAddresses } from '../servers/cloud.ts';
import { ownerOf, sizeOf } from './rows.ts';
import { checkSamples, type Sample, samplesOf } from './samples.ts';

/** A tenant in a database. */
export interface Place {
  url: string;
  tenant: string;
  /** The number of its deals. */
  deals: number;
}

/** The times of one request, by place. */
export interface MissTimes {
  sample: Sample;
  /** The median of the database time in ms, in the order of the places. */
  ms: number[];
  /** The number of statements of one request. */
  queries: number;
}

/** The input of the measurement. */
export interface MissesOptions {
  cloud: CloudAddresses;
  places: readonly Place[];
  /** The number of counted misses of each request. */
  times: number;
  /** The current day in UTC. */
  today: string;
}

/** Measures every request at every place. The request before the first is not counted. */
export async function timeMisses({ cloud, places, times, today }: MissesOptions): Promise<MissTimes[]> {
  const apps: { app: AppInstance; samples: Sample[] }[] = [];
  try {
    for (const { url, tenant, deals } of places) {
      const app = openInstance({ ...cloud, postgres: { url } }, { cached: false });
      apps.push({ app, samples: samplesOf(sizeOf(deals), today) });
      await app.signIn(ownerOf(tenant), demoPassword.text);
    }
    const [first] = apps;
    if (!first) return [];
    checkSamples(await first.app.routes('get'), first.samples);
    const results: MissTimes[] = [];
    for (const [index, sample] of first.samples.entries()) {
      const paths = apps.map(({ app, samples }) => ({ app, path: samples[index]?.path ?? sample.path }));
      results.push({ sample, ...(await timeSample(paths, times)) });
    }
    return results;
  } finally {
    for (const { app } of apps) await app.close();
  }
}

async function timeSample(paths: readonly { app: AppInstance; path: string }[], times: number) {
  const series = paths.map((): number[] => []);
  let queries = 0;
  for (let round = 0; round <= times; round++) {
    for (const [place, { app, path }] of paths.entries()) {
      const answer = await app.get(path);
      if (answer.status !== 200) throw new Error(`The benchmark got ${answer.status} for ${path}`);
      queries = answer.queries;
      if (round > 0) series[place]?.push(answer.databaseMs);
    }
  }
  return { ms: series.map(median), queries };
}
