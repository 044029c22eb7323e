/** docs/benchmarks.md and its chart: the table, what the words in it mean, and where others are ahead. */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Section } from '../bench.ts';
import { contestants } from '../contestants.ts';
import { whereOthersAreAhead } from './ahead.ts';
import { drawChart } from './chart.ts';
import { formatTable } from './table.ts';

/** What a run gave. */
export interface Report {
  sections: readonly Section[];
  /** Sentences that scenarios add. */
  notes: readonly string[];
  /** Which Redis it was. */
  redis: string;
  quick: boolean;
}

const FOLDER = new URL('../../docs/', import.meta.url);

/** The table and the notes. */
export function formatReport({ sections, notes }: Report): string {
  const ahead = whereOthersAreAhead(sections, contestants);
  return [
    formatTable(sections, contestants),
    ...(ahead.length > 0 ? ['## Where others are ahead', list(ahead)] : []),
    ...(notes.length > 0 ? ['## The API', list(notes)] : []),
  ].join('\n\n');
}

/** Writes the document and the chart. */
export function writeDocument(report: Report): void {
  const versions = [...new Set(contestants.map(({ version }) => version).filter((version) => version !== ''))];
  const cores = availableParallelism();
  const text = `# Benchmarks

Holdfast beside the caches a TypeScript service would otherwise use, measured in one run, through the same REST server in
front of the same Redis. Written by \`npm run bench\`${report.quick ? ' (a quick run: ratios are rough)' : ''}; do not edit by hand.

![Commands of a tagged hit, loader calls in a stampede, CPU of a hit and commands of a batch](benchmarks.svg)

Measured with ${versions.join(', ')}, on Node ${process.versions.node} and ${report.redis}, on a machine with ${cores} ${cores === 1 ? 'core' : 'cores'}.
The REST server has a process of its own, so the CPU counted is the client's.

${formatReport(report)}

## How to read it

- **Cost** is requests / commands / round trips the caller waits for, counted by the REST server. It holds requests back
  and lets them go together, so a round trip is counted and not timed. Every read is a new instance's; \`repeat\` is what
  the same instance pays the second time. A script counts as one command. These are whole numbers, the same on every
  machine.
- **Stampede**: the loader takes 50 ms; the worst of several rounds is shown. Instances share nothing but Redis.
- **What is read after a write** is decided by interleaving: one instance is stopped inside its loader, another deletes or
  invalidates, the first goes on, a third reads.
- **Speed** is the median of ratios to raw \`redis.get\` in the same round; contestants take turns in short slices and
  another order each time; ± is half the distance between the quartiles. *Nothing joined* gives each of 32 callers a client
  of its own; *joined* lets them share one, which may send their commands together. The value is a page of ten rows, about
  two kilobytes.
- **+ memory** answers from the instance's memory first. Without a bus (there is none over HTTP) it learns of no change made
  by another instance: Holdfast bounds that by at most a minute, 10 s here; the others by the entry's own life.
- **The API** is the CRM in this process, over HTTP to Redis and TCP to the database. Without the cache every read calls its
  loader, authentication included. Redis and database are on the same machine and the tables are small, so a query costs a
  fraction of a millisecond: times fall by more where the database is farther away. The workload plays the same seeded
  sessions for both (companies drawn by Zipf's law, a session stays with an account), 1 change to 100 steps unless it says
  otherwise, and counts after a warm-up of a third. It is shorter than the TTLs: what it misses are first looks and what a
  change has ended.
- **Jobs**: Holdfast commits each job to the database, publishes it to the QStash emulator and is delivered it over HTTP;
  BullMQ adds it to Redis, and its worker waits on a socket, with 100 at a time. Sockets and a worker that runs are what
  serverless functions do not have.
- **Run again after its process was killed** (SIGKILL), ${report.quick ? 'which only a full run measures' : 'measured on the wall clock, side by side'}: jobs have been running for 0.5 to 13 s, and a
  second process waits. QStash sees the connection break and delivers again after 10 s; told how long the lease still is, it
  comes back then. So Holdfast takes what is left of the lease, up to a second longer; the sweep, each full minute, has no
  part in it. BullMQ's worker renews a lock of 30 s every 8 to 15 s, and every 30 s it looks for jobs that have none; a job
  must be met twice. A mark in Redis that lives as long keeps two workers from looking at the same time. It may also
  keep a worker from looking again whose mark ends in the same millisecond, and it outlives the worker: then the next look
  comes up to 30 s later. Each job has a queue of its own, with two workers that started at random moments. If it is not
  the worker that dies but the server it asks over HTTP, the connection breaks and the job's own retries follow.
- **Redis in trouble**: everybody has the limits they come with. Raw and those built on it retry for seconds.

Run it yourself: \`npm run bench\` takes some minutes, \`npm run bench -- --quick\` less than one. It uses an installed
redis-server and PostgreSQL, \`REDIS_URL\` and \`DATABASE_URL\` if they are set, and embedded ones otherwise.
`;
  writeFileSync(new URL('benchmarks.md', FOLDER), text);
  writeFileSync(new URL('benchmarks.svg', FOLDER), drawChart(report.sections, contestants));
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}
