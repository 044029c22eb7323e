/** Writes docs/benchmarks.md and its chart: the tables, their explanation, and the rows in which peers are ahead. */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Section } from '../bench.ts';
import { contestants } from '../contestants.ts';
import { whereOthersAreAhead } from './ahead.ts';
import { drawChart } from './chart.ts';
import { formatTables } from './table.ts';

/** The result of a run. */
export interface Report {
  sections: readonly Section[];
  /** The sentences that scenarios add. */
  notes: readonly string[];
  /** The name and version of the Redis. */
  redis: string;
  quick: boolean;
}

const FOLDER = new URL('../../docs/', import.meta.url);

/** Formats the tables and the notes as Markdown. */
export function formatReport({ sections, notes }: Report): string {
  const ahead = whereOthersAreAhead(sections, contestants);
  return [
    '## Results',
    formatTables(sections, contestants),
    ...(ahead.length > 0 ? ['## Where others are ahead', list(ahead)] : []),
    ...(notes.length > 0 ? ['## Notes', list(notes)] : []),
  ].join('\n\n');
}

/** Writes the document and the chart. */
export function writeDocument(report: Report): void {
  const versions = [...new Set(contestants.map(({ version }) => version).filter((version) => version !== ''))];
  const cores = availableParallelism();
  const text = `# Benchmarks

Holdfast beside other caches for a TypeScript service, measured in one run, through the same REST server in front of the
same Redis. Written by \`npm run bench\`${report.quick ? ' (a quick run: ratios are rough)' : ''}; do not edit by hand.

![Commands of a tagged hit, loader calls in a stampede, CPU of a hit and commands of a batch](benchmarks.svg)

Measured on Node ${process.versions.node} and ${report.redis}, on a machine with ${cores} ${cores === 1 ? 'core' : 'cores'}, with
${versions.join(', ')}.
The REST server has a process of its own, so only the client's CPU is counted.

${formatReport(report)}

## How to read it

- **Cost** is requests / commands / round trips for which the caller waits, counted by the REST server. The server holds
  requests back and releases them together, so round trips are counted, not timed. A new instance makes every read;
  \`repeat\` is the cost of the second read of the same instance. A script counts as one command. These are whole numbers,
  the same on every machine.
- **Stampede**: the loader takes 50 ms; the worst of several rounds is shown. Instances share only Redis.
- **Reads after a write** are interleaved: one instance is stopped inside its loader, another deletes or invalidates, the
  first continues, a third reads.
- **Speed** is the median of ratios to raw \`redis.get\` in the same round. Contestants take turns in short slices, in
  another order each time; ± is half the distance between the quartiles. With *separate clients* each of 32 callers has
  its own client; with a *shared client*, the client may send their commands together. The value is a page of ten rows,
  about two kilobytes.
- **+ memory** answers from the instance's memory first. Without a bus (HTTP has none) the memory does not learn of
  changes in other instances: Holdfast limits the age of such values to at most a minute, 10 s here; the other caches to
  the entry's own lifetime.
- **The API** is the CRM in this process, over HTTP to Redis and TCP to the database. Without the cache every read calls
  its loader, including authentication. Redis and database are on the same machine and the tables are small, so a query
  takes a fraction of a millisecond; with a more distant database the times fall by more. The workload plays the same
  seeded sessions for both (companies drawn by Zipf's law, a session stays with an account), by default with 1 change
  per 100 steps, and counts after a warm-up of a third. The workload is shorter than the TTLs: its misses are first
  reads and reads after an invalidation.
- **Jobs**: Holdfast commits each job to the database, publishes it to the QStash emulator and receives it over HTTP;
  BullMQ adds it to Redis, and its worker waits on a socket, with 100 jobs at a time. Serverless functions have neither
  sockets nor a running worker.
- **Recovery after the process was killed** (SIGKILL), ${report.quick ? 'which only a full run measures' : 'measured on the wall clock, side by side'}: jobs have been
  running for 0.5 to 13 s, and a second process waits. QStash sees the connection break and redelivers after 10 s; the
  response states the rest of the lease, and QStash redelivers after that time. So Holdfast needs the rest of the lease,
  up to a second longer; the sweep, each full minute, is not involved. BullMQ's worker renews a lock of 30 s every 8 to
  15 s, and every 30 s it checks for jobs without a lock; a job must be found twice. A mark in Redis with the same
  lifetime keeps two workers from checking at the same time. The mark may also keep a worker from its next check if the
  mark ends in the same millisecond, and it outlives the worker: then the next check comes up to 30 s later. Each job
  has a queue of its own, with two workers that started at random moments. If the killed process is not the worker but
  the server that it calls over HTTP, the connection breaks and the job's own retries follow.
- **Live updates**: 20 connections of one topic over HTTP, and 200 changes of deals in each of three rounds; the two take
  turns, change by change, on the same servers. The time begins when the commit has returned. A ratio is the median of
  the rounds, and is left out if the rounds differ by a quarter or more. Readers, app and publisher share a process, so
  twenty arrivals also wait for each other; on a busy machine only the ratios mean something. @upstash/realtime keeps
  1,000 entries and 24 hours of history, as Holdfast does. Commands per minute are the counts of a connection, a check
  and a ping, with the default settings: checks each 60 s and a life of 270 s in the mean, against pings each 60 s and a
  life of 298 s.
- **Growth**: two databases on one server, of a tenant with 1,000 and with 1,000,000 deals, as many tasks, half as many
  contacts, twice as many activities, and of a tenant with 12 deals beside it. The time is the database's, for one request
  without the cache: the sum over its statements, as \`Server-Timing\` shows it, median of 20; the four tenants take turns. A
  factor compares with the smaller database; times below 3 ms count as 3 ms, and a factor above 3 is bold. Companies,
  contacts and projects have the same size in both, users grow with the tenant, and one project has 1 % of all tasks.
- **Writes of deals**: half new deals, half changes of their stage, by 16 callers of a tenant with 100,000 deals. The two
  trees take turns of 4 s, each with a process, a database and a Redis of its own; the ratio is the median of ten rounds.
- **Start-up of the Worker** is the CPU time that a new process of Node needs to load the Worker's bundle, without Node's
  own modules; the ratio to an earlier version is in parentheses. Each bundle is made by \`npx wrangler deploy\`; loads take
  turns.
- **Redis faults**: every cache has its default limits. Raw and the caches built on it retry for seconds.

Run it yourself: \`npm run bench\` takes some minutes, \`npm run bench -- --quick\` less than one. It uses an installed
redis-server and PostgreSQL, \`REDIS_URL\` and \`DATABASE_URL\` if they are set, and embedded servers otherwise.
`;
  writeFileSync(new URL('benchmarks.md', FOLDER), text);
  writeFileSync(new URL('benchmarks.svg', FOLDER), drawChart(report.sections, contestants));
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}
