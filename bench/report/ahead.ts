/**
 * Where a peer is ahead, found by comparing the numbers of the run, and why, known beforehand. Who answers from memory is
 * compared with Holdfast's own memory, and queues with Holdfast's jobs. A row without a reason says so.
 */
import type { Column, Row, Section } from '../bench.ts';
import type { Contestant } from '../contestant.ts';

const LEASE =
  'Holdfast asks for a lease between looking and loading. That request is what keeps ten instances from loading the same thing ten times, and what refuses a value that raced a write.';
const MEMORY =
  'Most of such a hit is decoding its JSON, in both. Holdfast also builds keys, and counts the hit: microseconds either way.';

const FUNCTIONS =
  'BullMQ adds a job to Redis, and a worker that always runs takes it from a socket. Holdfast commits it to the database with the write that asks for it, and it reaches a function, which keeps no socket open, through QStash over HTTP: a commit and two requests more.';

const UNKNOWN = 'Measured, and explained by no count above.';

/** Why who keeps values in Redis is ahead. */
const reasons: Record<string, string> = {
  miss: LEASE,
  'miss-3': LEASE,
  stale: LEASE,
  'batch-misses': LEASE,
  'stampede-ms':
    'Everybody else loads at once, in each instance, at the cost of the database. Callers without the lease look again after growing pauses.',
  sustained:
    'A deleted key costs the next reader of Holdfast three commands, two of them scripts; a plain SET is less.',
  'jobs-rate': FUNCTIONS,
  'jobs-enqueue': FUNCTIONS,
  'jobs-enqueue-many': FUNCTIONS,
  'jobs-latency': FUNCTIONS,
  'jobs-commands':
    'Each job of Holdfast has a record of its own, with indexes by state and a watch list. That is what makes it findable, and what hands it over anew if QStash loses it.',
  'recovery-default':
    "A lease of Holdfast is as long as the job's timeout, and 15 s longer, because nobody renews it unless the job calls `heartbeat`; BullMQ's worker renews locks of 30 s. Shorter timeouts make shorter leases.",
};

/** Those who are compared with one of Holdfast's columns. */
interface Match {
  own: Column;
  peers: readonly Column[];
  /** Why they are ahead where the row itself has no reason. */
  otherwise: string;
}

/** A sentence per reason, with the rows it explains. */
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
  if (!own) throw new Error('Nobody is compared with Holdfast');
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
  // A median of twenty strays by less than half of what its rounds do.
  return lead > Math.max(tolerance * ours.value, ((theirs.spread ?? 0) + (ours.spread ?? 0)) / 2);
}
