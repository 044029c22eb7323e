/**
 * Charts of the last hour by minute. The page has the numbers as a table; the script of the console draws them above it.
 */
import type { CounterReading } from '../../platform/counters/index.ts';
import { Table } from '../../platform/pages/index.ts';
import type { ChartData, Line } from './chart-data.ts';
import { amount, percent, span } from './show.tsx';

/** The minutes of a chart. */
export const CHART_MINUTES = 60;

/** A chart with its table. `series` has one reading for each minute. */
export function Chart(props: { title: string; series: readonly CounterReading[]; lines: readonly Line[] }) {
  const { title, series, lines } = props;
  const times = series.map(({ from }) => (from ?? 0) / 1_000);
  const data: ChartData = { times, lines: lines.map((line) => ({ ...line, values: line.values.map(shortened) })) };
  const names = lines.map(({ name }) => name).join(', ');
  const rows = times.map((time, at) => ({ time, values: lines.map((line) => shown(line, at)) })).toReversed();
  return (
    <figure class="chart">
      <figcaption>
        {title} <span class="soft">in each of the last {series.length} complete minutes, UTC</span>
      </figcaption>
      <div
        class="plot"
        role="img"
        aria-label={`Chart: ${title} by minute (${names}). The same numbers are in the table below.`}
        data-chart={JSON.stringify(data)}
        hx-morph-skip-children
      ></div>
      <details>
        <summary>
          The numbers<span class="hidden"> of {title}</span>
        </summary>
        <Table caption={`${title} by minute`} columns={['Minute', ...lines.map(({ name }) => name)]}>
          {rows.map(({ time, values }) => (
            <tr>
              <th scope="row">{new Date(time * 1_000).toISOString().slice(11, 16)}</th>
              {values.map((value) => (
                <td class="number">{value}</td>
              ))}
            </tr>
          ))}
        </Table>
      </details>
    </figure>
  );
}

/** Returns a value with the digits that a chart can show. */
function shortened(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4));
}

function shown({ unit, values }: Line, at: number): string {
  const value = values[at] ?? null;
  if (value === null) return '–';
  if (unit === 'per min') return amount(value);
  return unit === 'ms' ? span(value) : percent(value / 100);
}
