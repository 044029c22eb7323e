/**
 * Where a peer is ahead, found by comparing the numbers of the run, and why, known beforehand. Who answers from memory is
 * compared with Holdfast's own memory. A row without a reason says so.
 */
import type { Row, Section } from '../bench.ts';
import type { Contestant } from '../contestant.ts';

const LEASE =
  'Holdfast asks for a lease between looking and loading. That request is what keeps ten instances from loading the same thing ten times, and what refuses a value that raced a write.';
const MEMORY =
  'Most of such a hit is decoding its JSON, in both. Holdfast also builds keys, and counts the hit: microseconds either way.';

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
};

/** A sentence per reason, with the rows it explains. */
export function whereOthersAreAhead(sections: readonly Section[], contestants: readonly Contestant[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const row of sections.flatMap(({ rows }) => rows)) {
    for (const memory of [false, true]) {
      const ahead = contestants.filter(
        (each) => isPeer(each) && (each.memory ?? false) === memory && isAhead(row, each),
      );
      if (ahead.length === 0) continue;
      const reason = reasons[row.id] ?? (memory ? MEMORY : UNKNOWN);
      byReason.set(reason, [...(byReason.get(reason) ?? []), describe(row, ahead, memory)]);
    }
  }
  return [...byReason].map(([reason, rows]) => `${reason}\n${rows.map((row) => `  - ${row}`).join('\n')}`);
}

function describe({ title, cells }: Row, ahead: readonly Contestant[], memory: boolean): string {
  const names = ahead.map(({ id, label }) => `${label} ${cells[id]?.text ?? ''}`).join(', ');
  return `*${title}*: ${names}; Holdfast${memory ? ' + memory' : ''} ${cells[ownId(memory)]?.text ?? ''}`;
}

function isPeer({ id }: Contestant): boolean {
  return id !== 'none' && !id.startsWith('holdfast');
}

function isAhead({ cells, better, tolerance = 0 }: Row, { id, memory }: Contestant): boolean {
  const [theirs, ours] = [cells[id], cells[ownId(memory ?? false)]];
  if (theirs?.value === undefined || ours?.value === undefined || better === undefined) return false;
  const lead = better === 'less' ? ours.value - theirs.value : theirs.value - ours.value;
  // A median of twenty strays by less than half of what its rounds do.
  return lead > Math.max(tolerance * ours.value, ((theirs.spread ?? 0) + (ours.spread ?? 0)) / 2);
}

function ownId(memory: boolean): string {
  return memory ? 'holdfast-memory' : 'holdfast';
}
