/**
 * Measures live updates beside `@upstash/realtime`, on the same REST server and database: the time from the commit of a
 * change to each of the open readers, and the costs in Redis. The contestants take turns, change by change.
 */

import { readWorld } from '../api/world.ts';
import type { Bench, Cell, Row } from '../bench.ts';
import { costsOfHoldfast, type LiveServers, openHoldfast } from '../live/holdfast.ts';
import { type LiveCosts, READERS, type RedisCost } from '../live/measurement.ts';
import { costsOfRealtime, openRealtime } from '../live/realtime.ts';
import { median, percentile } from '../measure/summary.ts';
import { startChild } from '../servers/child.ts';
import type { CloudAddresses } from '../servers/cloud.ts';
import { startRest } from '../servers/rest.ts';

/** The input of the measurement. */
export interface LiveOptions {
  redisUrl: string;
  cloud: CloudAddresses;
  quick: boolean;
}

/** A ratio is shown if it differs by less than this share between the rounds. */
const STABLE = 0.25;

const CONTESTANTS = ['holdfast', 'realtime'] as const;
type Name = (typeof CONTESTANTS)[number];
/** The times of the arrivals after the commit, in ms, by round. */
type Rounds = Record<Name, number[]>[];

/** Measures live updates in a child process. */
export async function liveApart({ redisUrl, house, quick, progress }: Bench): Promise<Row[]> {
  const { cloud } = await house();
  progress('live updates');
  const child = await startChild<Row[]>(new URL('./live-process.ts', import.meta.url), { redisUrl, cloud, quick });
  await child.close();
  return child.ready;
}

/** Measures live updates in this process. */
export async function live({ redisUrl, cloud, quick }: LiveOptions): Promise<Row[]> {
  const rest = await startRest(redisUrl);
  try {
    const { users, deals } = await readWorld(cloud.postgres.url);
    const servers: LiveServers = { cloud, rest, userId: users[0] ?? '' };
    const costs = { holdfast: await costsOfHoldfast(servers), realtime: await costsOfRealtime(servers) };
    const ids = deals.map(({ id }) => id);
    const rounds = await measureTimes(servers, ids, quick ? { rounds: 1, changes: 20 } : { rounds: 3, changes: 200 });
    return rowsOf(rounds, costs);
  } finally {
    await rest.close();
  }
}

async function measureTimes(
  servers: LiveServers,
  deals: readonly string[],
  counts: { rounds: number; changes: number },
): Promise<Rounds> {
  const apps = { holdfast: await openHoldfast(servers), realtime: await openRealtime(servers) };
  const change = async (name: Name, at: number): Promise<number[]> => {
    const { committed, arrived } = await apps[name].change(deals[at % deals.length] ?? '');
    return arrived.map((time) => time - committed);
  };
  for (const name of CONTESTANTS) for (let at = 0; at < 10; at += 1) await change(name, at);
  const rounds: Rounds = [];
  for (let round = 0; round < counts.rounds; round += 1) {
    const times: Record<Name, number[]> = { holdfast: [], realtime: [] };
    for (let at = 0; at < counts.changes; at += 1) {
      for (const name of CONTESTANTS) times[name].push(...(await change(name, at)));
    }
    rounds.push(times);
  }
  for (const name of CONTESTANTS) await apps[name].close();
  return rounds;
}

/** Returns the rows of the table. */
export function rowsOf(rounds: Rounds, costs: Record<Name, LiveCosts>): Row[] {
  const row = (id: string, title: string, cell: (name: Name) => Cell): Row => ({
    id,
    title,
    cells: Object.fromEntries(CONTESTANTS.map((name) => [name, cell(name)])),
    better: 'less',
    tolerance: 0.1,
  });
  const p50 = (times: readonly number[]) => median(times);
  const p95 = (times: readonly number[]) => percentile(times, 0.95);
  const ratio = (of: typeof p50): string => {
    const ratios = rounds.map(({ holdfast, realtime }) => of(holdfast) / of(realtime));
    const middle = median(ratios);
    return Math.max(...ratios) - Math.min(...ratios) < STABLE * middle ? middle.toFixed(2) : 'not stable';
  };
  const all = (name: Name) => rounds.flatMap((times) => times[name]);
  return [
    row('live-times', 'from commit to a reader: p50 / p95, ms', (name) => ({
      text: [p50, p95].map((of) => of(all(name)).toFixed(1)).join(' / '),
      value: p50(all(name)),
    })),
    row('live-ratio', 'the same as a ratio: p50 / p95', (name) => ({
      text: name === 'holdfast' ? `${ratio(p50)} / ${ratio(p95)}` : '1 / 1',
    })),
    row('live-publish', 'an event: requests / commands', (name) => costCell(costs[name].publish)),
    row('live-connection', 'a connection, with its end: requests / commands', (name) =>
      costCell(costs[name].connection),
    ),
    row('live-idle', 'an idle connection: commands per minute', (name) => ({
      text: costs[name].commandsPerMinute.toFixed(1),
      value: costs[name].commandsPerMinute,
    })),
    row('live-messages', `an idle connection of ${READERS}: messages through Redis per minute`, (name) => ({
      text: String(costs[name].messagesPerMinute),
      value: costs[name].messagesPerMinute,
    })),
  ];
}

function costCell({ requests, commands }: RedisCost): Cell {
  return { text: `${requests} / ${commands}`, value: commands };
}
