/** Redis and SQL: memory by family of keys, requests to Redis for each answer, circuits, and the slowest statements. */
import { type CounterReading, type Group, readCounters } from '../../platform/counters/index.ts';
import { Table, Tile } from '../../platform/pages/index.ts';
import { operatorsOnly } from '../../platform/rest/index.ts';
import { amount, bytes, counted, Moment, percent, span } from '../parts/show.tsx';
import { SlowStatements } from '../parts/statements.tsx';
import { type Span, Spans, spanInWords, spanOf } from '../parts/window.tsx';
import type { Screen } from '../screen.ts';
import { Commands, Connections, RoundTrips } from './redis-tables.tsx';

const STATEMENTS = 20;

export const screen: Screen = {
  title: 'Redis and SQL',
  open: () => async (visit) => {
    operatorsOnly(visit);
    const { c, scope, now } = visit;
    const window = spanOf(c);
    const read = (group: Group, of = window) => readCounters(scope, { group, window: of });
    const [http, redis, commands, sql, circuits, server, memory, journal] = await Promise.all([
      ...([read('http'), read('redis'), read('commands'), read('sql'), read('circuits')] as const),
      // A sample is taken rarely, and only the last one counts, so the window is long.
      ...([read('server'), read('memory', '24h'), read('journal')] as const),
    ]);
    return (
      <>
        <Spans path="/console/redis" chosen={window} />
        <Figures {...{ http, redis, server, window }} />
        <Connections use={scope.database.poolUse()} />
        <Families memory={memory} now={now} />
        <Tenants memory={memory} />
        <Journals journal={journal} />
        <Circuits circuits={circuits} />
        <RoundTrips http={http} />
        <Commands commands={commands} />
        <SlowStatements sql={sql} most={STATEMENTS} />
      </>
    );
  },
};

interface Readings {
  http: CounterReading;
  redis: CounterReading;
  server: CounterReading;
  window: Span;
}

function Figures({ http, redis, server, window }: Readings) {
  const words = spanInWords(window);
  const [answers, requests, commands] = [
    http.sum('http.requests'),
    redis.sum('redis.requests'),
    redis.sum('redis.commands'),
  ];
  const failures = redis.sum('redis.failures');
  const times = redis.durations('redis.time');
  const ms = (value: number | null) => (value === null ? '–' : span(value));
  const [used, fragmentation] = [server.value('server.memory', {}), server.value('server.fragmentation', {})];
  const [clients, uptime] = [server.value('server.clients', {}), server.value('server.uptime', {})];
  const evicted = server.sum('server.evicted');
  const known = [
    fragmentation === null ? '' : `fragmentation ${(fragmentation / 100).toFixed(2)}`,
    clients === null ? '' : counted(clients, 'connection'),
    // The Redis of the local cloud always says 0.
    uptime === null || uptime === 0 ? '' : `up for ${span(uptime * 1_000)}`,
  ].filter(Boolean);
  return (
    <ul class="tiles" aria-label="Redis">
      <Tile name="Memory in use" note={known.join(', ') || 'at the last sample'}>
        {used === null ? '–' : bytes(used)}
      </Tile>
      <Tile
        name="Evicted keys"
        note={`${amount(server.sum('server.expired'))} expired in ${words}`}
        warns={evicted > 0}
      >
        {amount(evicted)}
      </Tile>
      <Tile name="Requests for an answer" note={`${amount(requests)} for ${amount(answers)} answers in ${words}`}>
        {answers === 0 ? '–' : (requests / answers).toFixed(2)}
      </Tile>
      <Tile name="Commands in a request" note={`${amount(commands)} in ${words}`}>
        {requests === 0 ? '–' : (commands / requests).toFixed(2)}
      </Tile>
      <Tile name="Time of a request, p95" note={`p50 ${ms(times.quantile(0.5))}, p99 ${ms(times.quantile(0.99))}`}>
        {ms(times.quantile(0.95))}
      </Tile>
      <Tile name="Failures" note={failureWords(redis) || `none in ${words}`} warns={failures > 0}>
        {amount(failures)}
      </Tile>
    </ul>
  );
}

/** Returns the failures by code: `REDIS_TIMEOUT 3`. */
function failureWords(redis: CounterReading): string {
  return redis
    .labels('redis.failures')
    .map(({ code }) => `${code} ${amount(redis.sum('redis.failures', { code }))}`)
    .join(', ');
}

function Families({ memory, now }: { memory: CounterReading; now: number }) {
  const rows = memory
    .labels('memory.bytes')
    .map(({ family }) => ({
      family,
      size: memory.value('memory.bytes', { family }) ?? 0,
      keys: memory.value('memory.keys', { family }) ?? 0,
    }))
    .filter(({ keys }) => keys > 0)
    .sort((one, other) => other.size - one.size);
  const all = rows.reduce((sum, { size }) => sum + size, 0);
  const at = memory.value('memory.sampled', {});
  return (
    <section>
      <h2>Memory by family of keys</h2>
      {at === null ? (
        <p class="empty">There is no sample yet. The schedule redis.sample-memory takes one every 15 minutes.</p>
      ) : (
        <>
          <p class="soft">
            Estimated from a sample, <Moment at={at} now={now} />
          </p>
          <Table caption="Memory by family of keys" columns={['Family', 'Keys', 'Memory', 'Share', 'Bytes of a key']}>
            {rows.map(({ family, size, keys }) => (
              <tr>
                <th scope="row">{family}</th>
                <td class="number">{amount(keys)}</td>
                <td class="number">{bytes(size)}</td>
                <td class="number">{percent(all === 0 ? null : size / all)}</td>
                <td class="number">{keys === 0 ? '–' : amount(Math.round(size / keys))}</td>
              </tr>
            ))}
          </Table>
        </>
      )}
    </section>
  );
}

function Tenants({ memory }: { memory: CounterReading }) {
  const rows = memory
    .labels('memory.tenants')
    .map(({ tenant }) => ({ tenant, size: memory.value('memory.tenants', { tenant }) ?? 0 }))
    .sort((one, other) => other.size - one.size);
  if (rows.length === 0) return null;
  return (
    <section>
      <h2>Largest tenants</h2>
      <Table caption="Memory of the largest tenants" columns={['Tenant', 'Memory']}>
        {rows.map(({ tenant, size }) => (
          <tr>
            <th scope="row">{tenant === '-' ? 'of no tenant' : tenant}</th>
            <td class="number">{bytes(size)}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

function Journals({ journal }: { journal: CounterReading }) {
  const queries = journal.labels('journal.writes');
  if (queries.length === 0) return null;
  return (
    <section>
      <h2>Write-behind</h2>
      <Table caption="Writes that wait for a flush" columns={['Query', 'Writes at the last flush', 'Oldest']}>
        {queries.map(({ query }) => (
          <tr>
            <th scope="row">{query}</th>
            <td class="number">{amount(journal.value('journal.writes', { query }) ?? 0)}</td>
            <td class="number">{span(journal.value('journal.age', { query }) ?? 0)}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

function Circuits({ circuits }: { circuits: CounterReading }) {
  const names = [...new Set(circuits.labels('circuits.calls').map(({ circuit }) => circuit))].sort();
  if (names.length === 0) return null;
  return (
    <section>
      <h2>Circuits</h2>
      <Table caption="Calls through circuits" columns={['Circuit', 'Done', 'Failed', 'Refused while open']}>
        {names.map((circuit) => (
          <tr>
            <th scope="row">{circuit}</th>
            {(['done', 'failed', 'refused'] as const).map((outcome) => (
              <td class="number">{amount(circuits.sum('circuits.calls', { circuit, outcome }))}</td>
            ))}
          </tr>
        ))}
      </Table>
    </section>
  );
}
