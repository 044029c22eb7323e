/** The reads of the cache by query. */
import { TRACED_ONE_OF } from '../../platform/cache/index.ts';
import type { CounterReading } from '../../platform/counters/index.ts';
import { Table } from '../../platform/pages/index.ts';
import type { ConsoleParts } from '../addresses.ts';
import { amount, bytes, percent, span } from '../parts/show.tsx';

/** The reads of a query, or of all queries, by outcome. */
export function readsOf(reading: CounterReading, labels: { query?: string } = {}) {
  const count = (outcome: 'hit' | 'miss' | 'stale' | 'bypass') => reading.sum('cache.reads', { ...labels, outcome });
  const [hits, misses, stale, bypasses] = [count('hit'), count('miss'), count('stale'), count('bypass')];
  const all = hits + misses + stale + bypasses;
  return { all, misses, stale, bypasses, hitRatio: all === 0 ? null : (hits + stale) / all };
}

/** A table of all queries, the most read first. */
export function Queries({ reading }: { reading: CounterReading }) {
  const names = [...new Set(reading.labels('cache.reads').map(({ query }) => query))];
  const rows = names.map((query) => ({ query, ...readsOf(reading, { query }) })).sort((one, two) => two.all - one.all);
  if (rows.length === 0) return <p class="empty">No read was counted.</p>;
  return (
    <Table
      caption="Queries, the most read first"
      columns={['Query', 'Reads', 'Hit ratio', 'Stale', 'Missed', 'Bypassed', 'Loads', 'Load, p95', 'Errors']}
    >
      {rows.map(({ query, all, hitRatio, stale, misses, bypasses }) => {
        const load = reading.durations('cache.load', { query }).quantile(0.95);
        return (
          <tr>
            <th scope="row">
              <a href={`/console/cache?${new URLSearchParams({ query })}`}>{query}</a>
            </th>
            <td class="number">{amount(all)}</td>
            <td class="number">{percent(hitRatio)}</td>
            <td class="number">{amount(stale)}</td>
            <td class="number">{amount(misses)}</td>
            <td class="number">{amount(bypasses)}</td>
            <td class="number">{amount(reading.sum('cache.loads', { query }))}</td>
            <td class="number">{load === null ? '–' : span(load)}</td>
            <td class="number">{amount(reading.sum('cache.errors', { query }))}</td>
          </tr>
        );
      })}
    </Table>
  );
}

/** A table of what is stored for each query, and how long it is of use. */
export function StoredEntries(props: {
  cache: CounterReading;
  memory: CounterReading;
  queries: ConsoleParts['queries'];
}) {
  const { cache, memory, queries } = props;
  const names = new Set([...cache.labels('cache.sets'), ...memory.labels('memory.entries')].map(({ query }) => query));
  const rows = [...names]
    .map((query) => {
      const [sets, length] = [cache.sum('cache.sets', { query }), cache.sum('cache.stored', { query })];
      const [traced, used] = [cache.sum('cache.traced', { query }), cache.sum('cache.used', { query })];
      return {
        ...{ query, sets, length, mean: sets === 0 ? null : length / sets },
        entries: memory.value('memory.entries', { query }),
        unread: traced === 0 ? null : Math.max(0, 1 - used / traced),
        usedFor: used === 0 ? null : cache.sum('cache.used_for', { query }) / used,
        ttl: queries.get(query)?.ttlMs ?? null,
      };
    })
    .sort((one, two) => two.length - one.length);
  if (rows.length === 0) return null;
  const time = (ms: number | null) => (ms === null ? '–' : span(ms));
  return (
    <>
      <p class="soft">
        Entries are those of the last sample of Redis. “Unread” and “last read at” follow 1 of {TRACED_ONE_OF} stored
        entries.
      </p>
      <Table
        caption="Stored entries, the most bytes first"
        columns={[
          'Query',
          'Stored',
          'Bytes stored',
          'Bytes of an entry',
          'Entries now',
          'Unread',
          'Last read at',
          'ttl',
        ]}
      >
        {rows.map(({ query, sets, length, mean, entries, unread, usedFor, ttl }) => (
          <tr>
            <th scope="row">{query}</th>
            <td class="number">{amount(sets)}</td>
            <td class="number">{bytes(length)}</td>
            <td class="number">{mean === null ? '–' : amount(Math.round(mean))}</td>
            <td class="number">{entries === null ? '–' : amount(entries)}</td>
            <td class="number">{percent(unread)}</td>
            <td class="number">{time(usedFor)}</td>
            <td class="number">{time(ttl)}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}
