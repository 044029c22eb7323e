/** The first page: whether all is well, in a few numbers that lead to their screens. */
import { type CounterReading, type Group, readCounters } from '../../platform/counters/index.ts';
import { type IndexCount, readJobIndex } from '../../platform/jobs/admin/index.ts';
import { Table, Tile } from '../../platform/pages/index.ts';
import { amount, counted, percent, span } from '../parts/show.tsx';
import { SlowStatements } from '../parts/statements.tsx';
import { type Span, Spans, spanInWords, spanOf } from '../parts/window.tsx';
import type { Screen } from '../screen.ts';
import { readsOf } from './cache-queries.tsx';
import { AnswerCharts, readAnswers } from './service-charts.tsx';
import { aliveIn } from './sessions.tsx';

const HOUR_MS = 3_600_000;
/** Beyond these values a tile gets a mark. */
const LONG_BACKLOG = 500;
const FEW_HITS = 0.6;
const OLD_OUTBOX_MS = 5 * 60_000;
const SLOWEST = 5;

export const screen: Screen = {
  title: 'Overview',
  open:
    () =>
    async ({ c, scope, tenant, parts, now, isOperator }) => {
      const window = spanOf(c);
      const read = (group: Group, of: Span = window) => readCounters(scope, { group, window: of });
      const names = [...parts.jobs.keys()];
      const [{ counts }, readings, series] = await Promise.all([
        readJobIndex(scope.redis, tenant.tenant, { names, limit: 0 }, now - HOUR_MS),
        // The figures of the service are of all tenants.
        isOperator
          ? Promise.all([
              ...([read('http'), read('cache'), read('sql'), read('outbox'), read('redis')] as const),
              // A sample is taken rarely, and only the last one counts, so the window is long.
              read('sessions', '24h'),
            ])
          : null,
        isOperator ? readAnswers(scope) : null,
      ]);
      return (
        <>
          {readings && <Spans path="/console" chosen={window} />}
          {readings && <Service readings={readings} window={window} />}
          {series && <AnswerCharts series={series} />}
          <Work counts={counts} now={now} />
          {readings && <SlowRoutes http={readings[0]} />}
          {readings && <SlowStatements sql={readings[2]} most={SLOWEST} />}
        </>
      );
    },
};

type Readings = [
  http: CounterReading,
  cache: CounterReading,
  sql: CounterReading,
  outbox: CounterReading,
  redis: CounterReading,
  sessions: CounterReading,
];

function Service({ readings: [http, cache, , outbox, redis, sessions], window }: { readings: Readings; window: Span }) {
  const times = http.durations('http.time');
  const [answers, faults] = [http.sum('http.requests'), http.sum('http.requests', { status: '5xx' })];
  const minutes = Math.max(1, (http.to - (http.from ?? http.to)) / 60_000);
  const ms = (value: number | null) => (value === null ? '–' : span(value));
  const { all, hitRatio } = readsOf(cache);
  const [age, depth] = [outbox.value('outbox.age', {}), outbox.value('outbox.depth', {}) ?? 0];
  const failures = redis.sum('redis.failures');
  const { users, browsers, programs } = aliveIn(sessions);
  const words = spanInWords(window);
  return (
    <ul class="tiles" aria-label="The service, all tenants">
      <Tile name="Answers" note={`${amount(answers)} in ${words}`}>
        {(answers / minutes).toFixed(1)} / min
      </Tile>
      <Tile name="Time to answer, p95" note={`p50 ${ms(times.quantile(0.5))}, p99 ${ms(times.quantile(0.99))}`}>
        {ms(times.quantile(0.95))}
      </Tile>
      <Tile name="Available" note={`${counted(faults, 'answer')} with 5xx in ${words}`} warns={faults > 0}>
        {percent(answers === 0 ? null : 1 - faults / answers)}
      </Tile>
      <Tile
        href={`/console/cache?window=${window}`}
        name="Cache hits"
        note={`of ${amount(all)} reads in ${words}`}
        warns={hitRatio !== null && hitRatio < FEW_HITS}
      >
        {percent(hitRatio)}
      </Tile>
      <Tile
        name="Requests to Redis"
        note={`${amount(redis.sum('redis.commands'))} commands, ${amount(failures)} failures in ${words}`}
        warns={failures > 0}
      >
        {amount(redis.sum('redis.requests'))}
      </Tile>
      <Tile
        name="Outbox"
        note={
          age === null
            ? 'no drain was counted'
            : `at the last drain${depth === 0 ? '' : `; the oldest due for ${span(age)}`}`
        }
        warns={age !== null && age > OLD_OUTBOX_MS}
      >
        {amount(depth)}
      </Tile>
      <Tile
        href="/console/sessions"
        name="Users with a session"
        note={users === null ? 'no sample yet' : `${amount(browsers + programs)} sessions alive at the last sample`}
      >
        {users === null ? '–' : amount(users)}
      </Tile>
    </ul>
  );
}

function Work({ counts, now }: { counts: readonly IndexCount[]; now: number }) {
  const sum = (state: string, of: 'jobs' | 'recent' = 'jobs') =>
    counts.filter((count) => count.state === state).reduce((all, count) => all + count[of], 0);
  const waiting = sum('queued') + sum('failed');
  const oldest = Math.min(...counts.filter(({ state }) => state === 'queued').map(({ oldestAt }) => oldestAt));
  const died = sum('dead', 'recent');
  const rest = waiting > 0 ? 'now; each waits for its next attempt' : 'now; none is queued';
  return (
    <ul class="tiles" aria-label="Jobs of this tenant">
      <Tile
        href="/console/jobs?state=queued"
        name="Waiting jobs"
        note={Number.isFinite(oldest) ? `now; the oldest is queued for ${span(now - oldest)}` : rest}
        warns={waiting > LONG_BACKLOG}
      >
        {amount(waiting)}
      </Tile>
      <Tile href="/console/jobs?state=done" name="Jobs done" note="in the last hour">
        {amount(sum('done', 'recent'))}
      </Tile>
      <Tile href="/console/dead" name="Dead letters" note={`${amount(died)} in the last hour`} warns={died > 0}>
        {amount(sum('dead'))}
      </Tile>
    </ul>
  );
}

function SlowRoutes({ http }: { http: CounterReading }) {
  const rows = http
    .labels('http.time')
    .map(({ route }) => ({ route, times: http.durations('http.time', { route }) }))
    .sort((one, two) => (two.times.quantile(0.95) ?? 0) - (one.times.quantile(0.95) ?? 0))
    .slice(0, SLOWEST);
  if (rows.length === 0) return null;
  return (
    <section>
      <h2>Slowest routes</h2>
      <Table caption="Slowest routes" columns={['Route', 'Answers', 'Mean', 'p50', 'p95', 'p99']}>
        {rows.map(({ route, times }) => (
          <tr>
            <th scope="row">{route}</th>
            <td class="number">{amount(times.count)}</td>
            {[times.mean, ...[0.5, 0.95, 0.99].map((share) => times.quantile(share))].map((ms) => (
              <td class="number">{ms === null ? '–' : span(ms)}</td>
            ))}
          </tr>
        ))}
      </Table>
    </section>
  );
}
