/** The table of SQL statements. */
import type { CounterReading } from '../../platform/counters/index.ts';
import { Table } from '../../platform/pages/index.ts';
import { amount, span } from './show.tsx';

/** The statements with the longest time in total, with their last slow request. */
export function SlowStatements({ sql, most }: { sql: CounterReading; most: number }) {
  const rows = sql
    .labels('sql.time')
    .map(({ statement }) => ({ statement, times: sql.durations('sql.time', { statement }) }))
    .sort((one, two) => two.times.sum - one.times.sum)
    .slice(0, most);
  if (rows.length === 0) return null;
  return (
    <section>
      <h2>SQL statements with the longest time in total</h2>
      <Table caption="SQL statements" columns={['Statement', 'Runs', 'Mean', 'Longest', 'Slow', 'Last slow request']}>
        {rows.map(({ statement, times }) => (
          <tr>
            <th scope="row" class="wide">
              <code>{sql.text('sql.text', { statement }) ?? statement}</code>
            </th>
            <td class="number">{amount(times.count)}</td>
            <td class="number">{times.mean === null ? '–' : span(times.mean)}</td>
            <td class="number">{span(sql.value('sql.most', { statement }) ?? 0)}</td>
            <td class="number">{amount(sql.sum('sql.slow', { statement }))}</td>
            <td>
              <code>{sql.text('sql.last', { statement }) ?? '–'}</code>
            </td>
          </tr>
        ))}
      </Table>
    </section>
  );
}
