/**
 * Measures the writes of deals per second, at 16 callers of one tenant, of this tree and of an earlier commit. The two
 * take turns, each with a process, a database and a Redis of its own. Trees whose schemas differ share no database.
 */
import { appVariables } from '../../dev/cloud/app-environment.ts';
import type { Bench, Cell, Row } from '../bench.ts';
import { demandServer, withDatabases } from '../growth/databases.ts';
import type { DealWritesOptions } from '../growth/deal-writes.ts';
import { median } from '../measure/summary.ts';
import { type Child, startChild } from '../servers/child.ts';
import { startRest } from '../servers/rest.ts';
import { extractCommit, REFERENCE, ROOT } from '../start-up/commit.ts';

const ROUNDS = 10;
const TURN_MS = 4_000;
const PROCESS = new URL('../growth/deal-writes-process.ts', import.meta.url);
/** The databases in Redis, apart from those of other measurements. */
const REDIS_DATABASES = { here: 2, reference: 3 } as const;

/** Measures both trees. A quick run has no time for the earlier one. */
export async function dealWrites(bench: Bench): Promise<Row[]> {
  if (bench.quick) return [];
  const { cloud, database } = await bench.house();
  demandServer(database);
  const earlier = extractCommit(REFERENCE);
  if (earlier === null) {
    bench.note(`Deal writes are not measured: commit ${REFERENCE.slice(0, 7)} is not in this clone.`);
    return [];
  }
  const trees = { here: ROOT, reference: earlier };
  return withDatabases(cloud.postgres.url, ['here', 'reference'], async (urls) => {
    const ends: (() => Promise<void>)[] = [];
    const open = async (id: 'here' | 'reference'): Promise<Child<object>> => {
      const redis = new URL(bench.redisUrl);
      redis.pathname = `/${REDIS_DATABASES[id]}`;
      const rest = await startRest(redis.href);
      ends.push(rest.close);
      const variables = {
        ...appVariables({ ...cloud, redisRest: rest }, 'http://app.test'),
        API_RATE_PER_CALLER: '100000000',
        API_RATE_PER_ADDRESS: '100000000',
        LOG_LEVEL: 'error',
      };
      const options: DealWritesOptions = { tree: trees[id], variables, databaseUrl: urls[id] };
      const child = await startChild<object>(PROCESS, options);
      ends.unshift(child.close);
      return child;
    };
    try {
      bench.progress('deal writes: preparing two trees');
      const [here, reference] = [await open('here'), await open('reference')];
      bench.progress('deal writes');
      return rowsOf(await inTurns(here, reference));
    } finally {
      for (const end of ends) await end();
    }
  });
}

interface Rates {
  here: number;
  reference: number;
}

/** Returns the rates of each round. The order of the trees alternates, and the first round only warms up. */
async function inTurns(here: Child<object>, reference: Child<object>): Promise<Rates[]> {
  const rounds: Rates[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const turn = (child: Child<object>) => child.ask<number>(String(TURN_MS));
    const rates =
      round % 2 === 0
        ? { here: await turn(here), reference: await turn(reference) }
        : { reference: await turn(reference), here: await turn(here) };
    if (round > 0) rounds.push(rates);
  }
  return rounds;
}

/** Returns the line about the rates: the median of each tree, and the median of the ratios within a round. */
export function rowsOf(rounds: readonly Rates[]): Row[] {
  const ratio = median(rounds.map(({ here, reference }) => here / reference));
  const cell = (rates: number[], after = ''): Cell => ({
    text: `${Math.round(median(rates))}${after}`,
    value: median(rates),
  });
  return [
    {
      id: 'deal-writes',
      title: 'deal writes/s at 16 callers',
      cells: {
        holdfast: cell(
          rounds.map(({ here }) => here),
          ` (${ratio.toFixed(2)})`,
        ),
        reference: cell(rounds.map(({ reference }) => reference)),
      },
    },
  ];
}
