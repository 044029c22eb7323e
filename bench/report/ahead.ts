/**
 * Lists the rows in which a peer is ahead, by the numbers of the run, with the known reasons. Caches with memory are
 * compared with Holdfast's own memory, and queues with Holdfast's jobs. A row without a known reason says so.
 */
import type { Column, Row, Section } from '../bench.ts';
import type { Contestant } from '../contestant.ts';

const LEASE =
  'Holdfast requests a lease between lookup and load. That request keeps ten instances from loading the same value ten times, and rejects a value that raced with a write.';
const MEMORY =
  'In both caches, most of such a hit is JSON decoding. Holdfast also builds keys and counts the hit: microseconds in either case.';

const FUNCTIONS =
  'BullMQ adds a job to Redis, and a permanently running worker receives it over a socket. Holdfast commits the job to the database together with its write; the job then reaches a function, which keeps no socket open, through QStash over HTTP: one commit and two requests more.';

const LIVE =
  'A connection of Holdfast begins with the checks of any request (session, rights, limits), takes its place in the room and gives it back. Each minute it checks that the session still exists and that no event is missing. @upstash/realtime checks no session and finds no gap; its command each minute is a ping, which Redis sends to every connection of the channel.';

const UNKNOWN = 'Measured; no count above explains it.';

/** The reason for each row in which a peer may be ahead, by row id. */
const reasons: Record<string, string> = {
  miss: LEASE,
  'miss-3': LEASE,
  stale: LEASE,
  'batch-misses': LEASE,
  'stampede-ms':
    'The other caches load at once, in each instance, at the cost of the database. In Holdfast, callers without the lease poll with growing pauses.',
  sustained:
    'A deleted key costs the next reader of Holdfast three commands, two of them scripts; a plain SET costs less.',
  'jobs-rate': FUNCTIONS,
  'jobs-enqueue': FUNCTIONS,
  'jobs-enqueue-many': FUNCTIONS,
  'jobs-latency': FUNCTIONS,
  'jobs-commands':
    'Each job of Holdfast has a record of its own, with indexes by state and a watch list. With these, jobs can be listed, and the sweep publishes a job again if QStash loses it.',
  'live-connection': LIVE,
  'live-idle': LIVE,
  'recovery-default':
    "A lease of Holdfast lasts 15 s longer than the job's timeout, because only a job that calls `heartbeat` renews it; BullMQ's worker renews locks of 30 s. Shorter timeouts give shorter leases.",
};

/** A column of Holdfast, and the peers to compare with it. */
interface Match {
  own: Column;
  peers: readonly Column[];
  /** The reason for rows that have no entry in `reasons`. */
  otherwise: string;
}

/** Returns a text for each reason, with the rows that it explains. */
export function whereOthersAreAhead(sections: readonly Section[], contestants: readonly Contestant[]): string[] {
  const caches = [matchOf(contestants, false), matchOf(contestants, true)];
  const byReason = new Map<string, string[]>();
  for (const { rows, columns } of sections) {
    for (const row of rows) {
      for (const { own, peers, otherwise } of columns ? [matchOfColumns(columns)] : caches) {
        const ahead = peers.filter(({ id }) => isAhead(row, id, own.id));
        if (ahead.length === 0) continue;
        const reason = reasons[row.id] ?? otherwise;
        byReason.set(reason, [...(byReason.get(reason) ?? []), describe(row, ahead, own)]);
      }
    }
  }
  return [...byReason].map(([reason, rows]) => `${reason}\n${rows.map((row) => `  - ${row}`).join('\n')}`);
}

function matchOf(contestants: readonly Contestant[], inMemory: boolean): Match {
  const alike = contestants.filter(({ id, memory = false }) => id !== 'none' && memory === inMemory);
  return { ...matchOfColumns(alike), otherwise: inMemory ? MEMORY : UNKNOWN };
}

function matchOfColumns(columns: readonly Column[]): Match {
  const own = columns.find(({ id }) => id.startsWith('holdfast'));
  if (!own) throw new Error('No column of Holdfast to compare with');
  return { own, peers: columns.filter((column) => column !== own), otherwise: UNKNOWN };
}

function describe({ title, cells }: Row, ahead: readonly Column[], own: Column): string {
  const names = ahead.map(({ id, label }) => `${label} ${cells[id]?.text ?? ''}`).join(', ');
  return `*${title}*: ${names}; ${own.label} ${cells[own.id]?.text ?? ''}`;
}

function isAhead({ cells, better, tolerance = 0 }: Row, peer: string, own: string): boolean {
  const [theirs, ours] = [cells[peer], cells[own]];
  if (theirs?.value === undefined || ours?.value === undefined || better === undefined) return false;
  const lead = better === 'less' ? ours.value - theirs.value : theirs.value - ours.value;
  // The median of twenty rounds varies less than half as much as the rounds.
  return lead > Math.max(tolerance * ours.value, ((theirs.spread ?? 0) + (ours.spread ?? 0)) / 2);
}
