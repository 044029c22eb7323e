/** The reads of the cache by query. */
import type { CounterReading } from '../../platform/counters/index.ts';
import { amount, percent, span } from '../parts/show.tsx';
import { Table } from '../parts/table.tsx';

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
