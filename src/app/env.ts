/**
 * Typed configuration, checked once. Both platforms pass their variables (a Worker's bindings, a Lambda's
 * `process.env`) and get the same values, or an error that names the wrong variable but not its value.
 */
import { z } from 'zod';
import {
  choice,
  emptyAsMissing,
  headers,
  keyRing,
  listOf,
  mailAddresses,
  matching,
  optional,
  origin,
  share,
  text,
  url,
  whole,
} from './env/forms.ts';
import { EnvironmentError, refuseLocalSecrets, refusePlainAddresses, refuseShownMessages } from './env/refusals.ts';

export { EnvironmentError };

const schema = z.object({
  /** `local` allows the local cloud's fixed secrets; every other mode needs its own secrets. */
  HOLDFAST_MODE: choice('local', 'production').default('production'),
  UPSTASH_REDIS_REST_URL: url('https://example.upstash.io'),
  UPSTASH_REDIS_REST_TOKEN: text('the token of the Redis REST API, such as AbCdAAIjcDE…'),
  /** Time limit of a Redis operation in ms, retry included. */
  REDIS_TIMEOUT_MS: whole(10, 300, 30_000),
  /**
   * `all` sends the commands of one turn of the event loop as one request. `by-mode` sends reads and writes in separate
   * requests, so that a near replica of an Upstash global database can serve the reads. Such reads may be old; see
   * docs/cache-faults.md.
   */
  REDIS_COALESCE: choice('all', 'by-mode').default('all'),
  /**
   * `on` logs the commands of each request to Redis: names, families of keys, tenants and counts, never arguments. See
   * docs/access.md.
   */
  REDIS_COMMAND_AUDIT: choice('off', 'on').default('off'),
  /**
   * The rule for a write while Redis does not answer: `available` writes, `strict` answers 503. See
   * docs/consistency.md.
   */
  WRITES_WHEN_REDIS_IS_DOWN: choice('available', 'strict').default('available'),
  DATABASE_URL: matching(
    /^postgres(ql)?:\/\//,
    'must be a URL of PostgreSQL, such as postgresql://user:password@host:5432/database',
  ),
  /** How long a request waits for a database connection, in ms; after that, the answer is 503. */
  DATABASE_CONNECT_TIMEOUT_MS: whole(10, 5_000, 60_000),
  /**
   * The shortest time between two flushes of an isolate's counters, in ms. A flush adds the counters to the shared
   * counters in Redis: 1 command in a request that is sent in any case.
   */
  COUNTERS_FLUSH_MS: whole(0, 10_000),
  /** The time from which a SQL statement is slow, in ms: it is logged, and its text is kept without values. */
  SLOW_SQL_MS: whole(1, 100),
  /** The largest cache entry that is stored, in bytes. Callers get larger values, too, but each read loads them. */
  CACHE_LARGEST_ENTRY: whole(1_024, 1_048_576),
  /**
   * `on` publishes each invalidation, so that long-lived processes drop the values from their memory: 1 Redis command
   * more for each write, and no request. See docs/channels.md.
   */
  CACHE_MEMORY_CHANNEL: choice('off', 'on').default('off'),
  /**
   * The shortest time between two drains of the outbox by one isolate, in ms; 0 for no drain. An isolate drains after a
   * request that used the database. In addition, the schedule `outbox.drain` drains the outbox every minute.
   */
  OUTBOX_DRAIN_INTERVAL_MS: whole(0, 15_000),
  /**
   * `stream` keeps connections of live updates open. `poll` answers with the missed events and ends, for platforms that
   * pay for open connections. Default: `poll` on Lambda, `stream` elsewhere.
   */
  FEEDS_MODE: choice('stream', 'poll').default('stream'),
  /** How often an open connection checks its session and its topics, in ms, ±20 %: 1 Redis command each time. */
  FEEDS_CHECK_MS: whole(100, 60_000, 3_600_000),
  /** The longest time between two frames of an open connection, in ms. Many proxies end a connection after 30 s of silence. */
  FEEDS_HEARTBEAT_MS: whole(100, 20_000, 600_000),
  /** The longest life of an open connection, in ms; then the browser connects again and resumes. */
  FEEDS_AGE_MS: whole(100, 300_000, 86_400_000),
  /** The maximum number of open connections of one user or API key. */
  FEEDS_CONNECTIONS: whole(1, 8, 1_000),
  /** Keys that seal sensitive values: `id:base64,id:base64` of 32 bytes each, the current key first. */
  SEAL_KEYS: optional(keyRing),
  /**
   * Keys for credentials (see `sessions/keys.ts`): `id:base64,id:base64` of 32 bytes each, the current key first.
   * Older keys still verify their own signatures.
   */
  AUTH_KEYS: keyRing,
  /**
   * Keys that sign the seals of the audit trail (Ed25519): `id:base64,id:base64` of 32 bytes each, the current key
   * first. Without keys the trail is not sealed; see docs/audit.md.
   */
  AUDIT_SIGNING_KEYS: optional(keyRing),
  /**
   * The bucket with object lock that keeps the seals of the audit trail, with a prefix of the names, and its access key
   * `id:secret`. Default: the seals are in the database alone.
   */
  AUDIT_ANCHOR_URL: optional(url('https://bucket.s3.eu-central-1.amazonaws.com/holdfast')),
  AUDIT_ANCHOR_KEY: optional(
    matching(/^[^:\s]+:\S+$/, 'must be the id and the secret of an access key, such as AKIA…:wJalr…'),
  ),
  /** How long a kept seal is locked, in days. Default: six years. */
  AUDIT_ANCHOR_DAYS: whole(1, 2_192, 36_500),
  /**
   * `logged` appends an audited read to a log in Redis, which the database gets within a minute: no request more.
   * `strict` writes it to the database before the answer: 1 statement more. See docs/audit.md.
   */
  AUDIT_READS: choice('logged', 'strict').default('logged'),
  /** The bound of the log of audited reads of a tenant, in entries. At 80 % audited reads are refused. */
  AUDIT_READS_BOUND: whole(10, 50_000, 10_000_000),
  /** The API's public URL, without a path: `https://api.example.com`. Used for links in mails and for CSRF checks. */
  APP_URL: origin('https://api.example.com'),
  /**
   * The URL to which QStash delivers, if it is not `APP_URL`. On AWS, use the URL of the Lambda `deliveries`: it avoids
   * API Gateway and its limit of 30 s.
   */
  JOBS_URL: optional(origin('https://deliveries.example.com')),
  /** Other origins whose pages may call the API with its cookies, separated by commas. */
  CORS_ORIGINS: listOf(
    'URLs separated by commas, such as https://app.example.com',
    origin('https://app.example.com,https://admin.example.com'),
  ),
  /** QStash, which delivers jobs: its URL, the token for publishing, and its signing keys. */
  QSTASH_URL: url('https://qstash.upstash.io').default('https://qstash.upstash.io'),
  QSTASH_TOKEN: text('the token of QStash, such as eyJVc2VySUQiOi…'),
  QSTASH_CURRENT_SIGNING_KEY: text('the current signing key of QStash, such as sig_5Zq3…'),
  QSTASH_NEXT_SIGNING_KEY: text('the next signing key of QStash, such as sig_7kPb…'),
  /** The mail provider: Resend's API, or a compatible API. */
  MAIL_URL: url('https://api.resend.com').default('https://api.resend.com'),
  MAIL_TOKEN: text('the API key of the mail provider, such as re_123…'),
  /** The sender of mails: an address, or `Name <address>`. */
  MAIL_FROM: text('a sender, such as Holdfast <no-reply@example.com>', 3).default(
    'Holdfast <no-reply@holdfast.example>',
  ),
  /** `open`: strangers may sign up tenants. `closed`: only `npm run holdfast -- tenant create` creates tenants. */
  SIGN_UP: emptyAsMissing(choice('open', 'closed').default('open')),
  /** The maximum number of requests per minute: of one API key, session or token, and of one IP address. */
  API_RATE_PER_CALLER: whole(1, 600),
  API_RATE_PER_ADDRESS: whole(1, 1200),
  /** The tenant whose administrators may act for all tenants: pause queues, run schedules. Default: none. */
  OPERATOR_TENANT: optional(text('the name of a tenant, such as acme')),
  /** The receivers of mails about alerts, separated by commas. Default: none. */
  ALERT_MAIL_TO: mailAddresses(),
  /** The URL that gets messages about alerts, in the form of Standard Webhooks, and the secret of its signature. */
  ALERT_WEBHOOK_URL: optional(url('https://ops.example.com/alerts')),
  ALERT_WEBHOOK_SECRET: optional(text('`whsec_` and base64, such as whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 24)),
  /** The incoming webhook of Slack that gets messages about alerts. */
  ALERT_SLACK_URL: optional(url('https://hooks.slack.com/services/…')),
  /** A URL that is called after each evaluation of the alerts, so that its service notices a stop. */
  ALERT_HEARTBEAT_URL: optional(url('https://hc-ping.com/…')),
  /** The memory of the Redis plan in bytes, for the alert about memory. */
  REDIS_MEMORY_LIMIT: optional(whole(1, 268_435_456)),
  /** The collector that gets traces and metrics by OTLP/HTTP, such as http://localhost:4318. Default: none. */
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(url('https://otlp.example.com')),
  /** Headers for the collector: `name=value,name=value` with percent-encoded values. */
  OTEL_EXPORTER_OTLP_HEADERS: headers(),
  /** The name of the service in traces and metrics. */
  OTEL_SERVICE_NAME: text('a name, such as holdfast').default('holdfast'),
  /**
   * `parentbased_traceidratio`: a caller with a `traceparent` decides whether its trace is kept; `OTEL_TRACES_SAMPLER_ARG`
   * decides about other traces. `traceidratio`: it decides about all traces.
   */
  OTEL_TRACES_SAMPLER: choice('parentbased_traceidratio', 'traceidratio').default('parentbased_traceidratio'),
  /** The share of traces to keep, from 0 to 1. Failed and slow traces are always kept. */
  OTEL_TRACES_SAMPLER_ARG: share(1),
  /** The time from which a request, a delivery or a tick is slow, in ms: its trace is always kept. */
  TRACE_SLOW_MS: whole(1, 1_000),
  LOG_LEVEL: choice('debug', 'info', 'warn', 'error').default('info'),
  /**
   * The form of messages of errors from other libraries. `shown`: logs, job records and 500 answers show the messages.
   * `redacted`: logs and job records show redacted messages, and 500 answers show none; see docs/security.md. Only
   * local mode allows `shown`, and it is the default there.
   */
  ERROR_MESSAGES: optional(choice('shown', 'redacted')),
});

/** Returns the names of all variables. A function, because a Worker makes no schema while it starts. */
export const variableNames = (): readonly string[] => Object.keys(schema.shape);

/** The checked configuration. */
export type Environment = z.infer<typeof schema> & { ERROR_MESSAGES: 'shown' | 'redacted' };

/**
 * Reads the configuration. On Workers the database URL comes from the Hyperdrive binding.
 * @throws {EnvironmentError} if a variable is missing or wrong; the message names each such variable.
 */
export function readEnvironment(source: Readonly<Record<string, unknown>>): Environment {
  const hyperdrive = source['HYPERDRIVE'] as { connectionString?: unknown } | undefined;
  const parsed = schema.safeParse({ ...source, DATABASE_URL: hyperdrive?.connectionString ?? source['DATABASE_URL'] });
  if (!parsed.success) throw unusable(parsed.error);
  return refusePlainAddresses(refuseLocalSecrets(refuseShownMessages(parsed.data)));
}

/**
 * Reads only the variables for requests to QStash about a deployment, for commands that need no other variables.
 * @throws {EnvironmentError} if a variable is missing or wrong; the message names each such variable.
 */
export function readQstashEnvironment(
  source: Readonly<Record<string, unknown>>,
): Pick<Environment, 'APP_URL' | 'JOBS_URL' | 'QSTASH_URL' | 'QSTASH_TOKEN'> {
  const parsed = schema
    .pick({ HOLDFAST_MODE: true, APP_URL: true, JOBS_URL: true, QSTASH_URL: true, QSTASH_TOKEN: true })
    .safeParse(source);
  if (!parsed.success) throw unusable(parsed.error);
  const { HOLDFAST_MODE: _mode, ...read } = refusePlainAddresses(parsed.data);
  return read;
}

function unusable({ issues }: z.ZodError): EnvironmentError {
  return new EnvironmentError(issues.map(({ path, message }) => ({ variable: String(path[0]), problem: message })));
}
