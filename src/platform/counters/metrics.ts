/**
 * The catalogue of all metrics. A name is `<group>.<metric>`; Redis keeps one hash for each group and window.
 *
 * Labels have few values, because each series costs memory in every window. A closed label takes only the listed
 * values. An {@link OPEN} label takes any text, such as the pattern of a route, but only the first
 * {@link MOST_VALUES} different texts in each isolate; further texts are counted under {@link OTHER}.
 */

import { REFUSAL_REPLIES } from '../redis/index.ts';

/** A label that takes any text. A text must be a name from the code, never a value from a request. */
export const OPEN = null;
/** The value of an open label for all texts beyond the first {@link MOST_VALUES}. */
export const OTHER = 'other';
/** The maximum number of different texts of an open label in one isolate. */
export const MOST_VALUES = 200;

/**
 * The kinds of metrics. `count`: a sum. `time`: durations in ms, as a histogram with their exact sum. `gauge`: a
 * value that replaces the earlier value. `most`: the greatest value. `text`: a text that replaces the earlier text.
 */
export type Kind = 'count' | 'time' | 'gauge' | 'most' | 'text';

/** The declaration of a metric. */
export interface Metric {
  readonly kind: Kind;
  readonly labels: Readonly<Record<string, typeof OPEN | readonly string[]>>;
  /** The meaning and the unit, for `GET /metrics`. */
  readonly help: string;
  /** Set for a value in ms, which `GET /metrics` shows in seconds. Metrics of the kind `time` need no unit. */
  readonly unit?: 'ms';
}

const metric = <const Declared extends Metric>(declared: Declared) => declared;
const query = { query: OPEN };
const job = { job: OPEN };

/** All metrics by name. */
export const METRICS = {
  'http.requests': metric({
    kind: 'count',
    labels: { route: OPEN, status: ['1xx', '2xx', '3xx', '4xx', '5xx'] },
    help: 'Answers, by method and pattern of the route and by class of the status.',
  }),
  'http.time': metric({
    kind: 'time',
    labels: { route: OPEN },
    help: 'Time to the answer. On Workers the clock stands still between I/O, so this is the time waited.',
  }),
  'http.round_trips': metric({
    kind: 'count',
    labels: { route: OPEN },
    help: 'Requests to Redis until the answer, by route of the answer.',
  }),
  'redis.requests': metric({ kind: 'count', labels: {}, help: 'Requests to Redis, retries included.' }),
  'redis.commands': metric({ kind: 'count', labels: {}, help: 'Commands in requests to Redis.' }),
  'redis.sent': metric({ kind: 'count', labels: {}, help: 'Length of the requests to Redis, in UTF-16 code units.' }),
  'redis.received': metric({
    kind: 'count',
    labels: {},
    help: 'Length of the answers of Redis, in UTF-16 code units.',
  }),
  'redis.failures': metric({ kind: 'count', labels: { code: OPEN }, help: 'Failed requests to Redis, by code.' }),
  'redis.refused': metric({
    kind: 'count',
    labels: { reply: REFUSAL_REPLIES },
    help: 'Commands that Redis refused: it is full or read-only, or the permission is missing.',
  }),
  'redis.time': metric({ kind: 'time', labels: {}, help: 'Time of requests to Redis.' }),
  'commands.sent': metric({
    kind: 'count',
    labels: { command: OPEN },
    help: 'Commands to Redis by name; a script has its own name.',
  }),
  'commands.waited': metric({
    kind: 'count',
    unit: 'ms',
    labels: { command: OPEN },
    help: 'Time that the commands waited for their answers. The commands of one request share its time.',
  }),
  'commands.longest': metric({
    kind: 'most',
    unit: 'ms',
    labels: { command: OPEN },
    help: 'Longest time of a request with the command.',
  }),
  'cache.oversized': metric({
    kind: 'count',
    labels: query,
    help: 'Loaded values whose entries were too large to be stored.',
  }),
  'cache.reads': metric({
    kind: 'count',
    labels: { ...query, outcome: ['hit', 'miss', 'stale', 'bypass'] },
    help: 'Reads of cached queries, by outcome.',
  }),
  'cache.loads': metric({ kind: 'count', labels: query, help: 'Values loaded from the source.' }),
  'cache.load': metric({ kind: 'time', labels: query, help: 'Time of loads; one load may fetch several values.' }),
  'cache.sets': metric({ kind: 'count', labels: query, help: 'Stored entries.' }),
  'cache.stored': metric({ kind: 'count', labels: query, help: 'Length of the stored entries, in UTF-16 code units.' }),
  'cache.traced': metric({ kind: 'count', labels: query, help: 'Stored entries that are traced: 1 of 16.' }),
  'cache.used': metric({ kind: 'count', labels: query, help: 'Traced entries that were read at least once.' }),
  'cache.used_for': metric({
    kind: 'count',
    unit: 'ms',
    labels: query,
    help: 'Sum of the ages of traced entries at their last read.',
  }),
  'cache.deletes': metric({ kind: 'count', labels: query, help: 'Removed entries and invalidated tags.' }),
  'cache.errors': metric({
    kind: 'count',
    labels: query,
    help: 'Failures of Redis and of loaders, and unreadable entries.',
  }),
  'cache.bytes': metric({ kind: 'count', labels: query, help: 'Length of encoded values read and stored.' }),
  'limits.requests': metric({
    kind: 'count',
    labels: { rule: OPEN, outcome: ['allowed', 'limited', 'unavailable', 'bypassed'] },
    help: 'Requests under a rule. `unavailable`: Redis did not count, and the rule decided alone.',
  }),
  'jobs.runs': metric({
    kind: 'count',
    labels: { ...job, outcome: ['done', 'failed', 'dead', 'cancelled', 'continued', 'snoozed', 'stale'] },
    help: 'Ended runs of jobs. `failed` runs are tried again; `dead` jobs are dead letters.',
  }),
  'jobs.retries': metric({ kind: 'count', labels: job, help: 'Runs that follow a failed run.' }),
  'jobs.crashes': metric({ kind: 'count', labels: job, help: 'Runs that ended without a report.' }),
  'jobs.run': metric({ kind: 'time', labels: job, help: 'Time of runs of jobs.' }),
  'jobs.wait': metric({ kind: 'time', labels: job, help: 'Time from the due time of a job to the start of its run.' }),
  'deliveries.refused': metric({
    kind: 'count',
    labels: { reason: OPEN },
    help: 'Refused requests to the routes of deliveries, by reason.',
  }),
  'sql.time': metric({ kind: 'time', labels: { statement: OPEN }, help: 'Time of SQL statements, by fingerprint.' }),
  'sql.most': metric({
    kind: 'most',
    unit: 'ms',
    labels: { statement: OPEN },
    help: 'Longest time of a SQL statement.',
  }),
  'sql.slow': metric({ kind: 'count', labels: { statement: OPEN }, help: 'Slow SQL statements, by fingerprint.' }),
  'sql.last': metric({
    kind: 'text',
    labels: { statement: OPEN },
    help: 'Id of the last request with a slow statement.',
  }),
  'sql.text': metric({ kind: 'text', labels: { statement: OPEN }, help: 'Text of a SQL statement, without values.' }),
  'schedules.runs': metric({
    kind: 'count',
    labels: { schedule: OPEN, outcome: ['ok', 'failed', 'timeout'] },
    help: 'Runs of schedules.',
  }),
  'schedules.run': metric({ kind: 'time', labels: { schedule: OPEN }, help: 'Time of runs of schedules.' }),
  'outbox.depth': metric({ kind: 'gauge', labels: {}, help: 'Entries in the outbox at the last drain.' }),
  'outbox.age': metric({
    kind: 'gauge',
    unit: 'ms',
    labels: {},
    help: 'Age of the oldest due entry at the last drain.',
  }),
  'journal.writes': metric({ kind: 'gauge', labels: query, help: 'Writes that waited for the last flush.' }),
  'journal.age': metric({
    kind: 'gauge',
    unit: 'ms',
    labels: query,
    help: 'Age of the oldest write at the last flush.',
  }),
  'server.memory': metric({ kind: 'gauge', labels: {}, help: 'Memory in use of Redis, in bytes.' }),
  'server.fragmentation': metric({ kind: 'gauge', labels: {}, help: 'Memory of Redis’s process, in % of its data.' }),
  'server.clients': metric({ kind: 'gauge', labels: {}, help: 'Connections to Redis.' }),
  'server.uptime': metric({ kind: 'gauge', labels: {}, help: 'Time since Redis was started, in seconds.' }),
  'server.evicted': metric({ kind: 'count', labels: {}, help: 'Keys that Redis removed because its memory was full.' }),
  'server.expired': metric({ kind: 'count', labels: {}, help: 'Keys whose time to live ended.' }),
  'memory.bytes': metric({ kind: 'gauge', labels: { family: OPEN }, help: 'Estimated memory of a family of keys.' }),
  'memory.keys': metric({ kind: 'gauge', labels: { family: OPEN }, help: 'Estimated number of keys of a family.' }),
  'memory.entries': metric({ kind: 'gauge', labels: query, help: 'Estimated number of entries of a query.' }),
  'memory.tenants': metric({
    kind: 'gauge',
    labels: { tenant: OPEN },
    help: 'Estimated memory of the keys of a tenant, for the 20 largest tenants.',
  }),
  'memory.sampled': metric({ kind: 'gauge', labels: {}, help: 'Time of the last sample, in ms since the epoch.' }),
  'sessions.alive': metric({
    kind: 'gauge',
    labels: { kind: ['browser', 'program'] },
    help: 'Sessions of browsers and signed-in programs that are alive. Estimated above 100 users.',
  }),
  'sessions.users': metric({
    kind: 'gauge',
    labels: {},
    help: 'Users with a session that is alive. Estimated above 100 users.',
  }),
  'circuits.calls': metric({
    kind: 'count',
    labels: { circuit: OPEN, outcome: ['done', 'failed', 'refused'] },
    help: 'Calls through a circuit. `refused`: the circuit was open.',
  }),
} as const satisfies Record<string, Metric>;

/** The name of a metric. */
export type MetricName = keyof typeof METRICS;
/** The names of the metrics of some kinds. */
export type NameOf<Kinds extends Kind> = {
  [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends Kinds ? Name : never;
}[MetricName];
/** The labels of a metric, with the values that each label may take. */
export type LabelsOf<Name extends MetricName> = {
  readonly [Label in keyof (typeof METRICS)[Name]['labels']]: (typeof METRICS)[Name]['labels'][Label] extends readonly (infer Value)[]
    ? Value
    : string;
};
/** A group of metrics, which share the hashes in Redis. */
export type Group = MetricName extends `${infer Name}.${string}` ? Name : never;
