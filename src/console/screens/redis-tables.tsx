/** Parts of the screen of Redis and SQL: round trips by route, commands and scripts, and the pool of PostgreSQL. */
import type { CounterReading } from '../../platform/counters/index.ts';
import type { PoolUse } from '../../platform/db/index.ts';
import { Table, Tile } from '../../platform/pages/index.ts';
import { amount, span } from '../parts/show.tsx';

/** The maximum number of rows. */
const MOST = 15;

/** Requests to Redis for each answer, by route, the most first. */
export function RoundTrips({ http }: { http: CounterReading }) {
  const rows = http
    .labels('http.round_trips')
    .map(({ route }) => {
      const answers = http.durations('http.time', { route }).count;
      const trips = http.sum('http.round_trips', { route });
      return { route, answers, trips, each: trips / Math.max(1, answers) };
    })
    .sort((one, two) => two.each - one.each)
    .slice(0, MOST);
  if (rows.length === 0) return null;
  return (
    <section>
      <h2>Round trips to Redis per request</h2>
      <Table caption="Round trips by route" columns={['Route', 'Answers', 'Requests to Redis', 'Per answer']}>
        {rows.map(({ route, answers, trips, each }) => (
          <tr>
            <th scope="row">{route}</th>
            <td class="number">{amount(answers)}</td>
            <td class="number">{amount(trips)}</td>
            <td class="number">{each.toFixed(2)}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

/** The commands and scripts, the slowest first. */
export function Commands({ commands }: { commands: CounterReading }) {
  const rows = commands
    .labels('commands.sent')
    .map(({ command }) => {
      const sent = commands.sum('commands.sent', { command });
      const mean = commands.sum('commands.waited', { command }) / Math.max(1, sent);
      return { command, sent, mean, longest: commands.value('commands.longest', { command }) ?? 0 };
    })
    .sort((one, two) => two.mean - one.mean)
    .slice(0, MOST);
  if (rows.length === 0) return null;
  return (
    <section>
      <h2>Slowest Redis commands and scripts</h2>
      <p class="soft">The time is that of the request with the command: the commands of one request share it.</p>
      <Table caption="Commands and scripts" columns={['Command or script', 'Sent', 'Mean', 'Longest']}>
        {rows.map(({ command, sent, mean, longest }) => (
          <tr>
            <th scope="row">
              <code>{command}</code>
            </th>
            <td class="number">{amount(sent)}</td>
            <td class="number">{span(mean)}</td>
            <td class="number">{span(longest)}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

/** The connections of the process that answers; `use` is `null` if each request opens its own. */
export function Connections({ use }: { use: PoolUse | null }) {
  if (use === null) return <p class="soft">PostgreSQL: each request opens its own connections.</p>;
  const { inUse, idle, waiting, most } = use;
  return (
    <ul class="tiles" aria-label="PostgreSQL, this process">
      <Tile
        name="Connections to PostgreSQL in use"
        note={`of at most ${amount(most)} of this process; ${amount(idle)} idle, ${amount(waiting)} waiting, now`}
        warns={waiting > 0}
      >
        {amount(inUse)}
      </Tile>
    </ul>
  );
}
