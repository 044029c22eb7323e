/**
 * Typed configuration, checked once. Both platforms pass their variables (a Worker's bindings, a Lambda's
 * `process.env`) and get the same values, or an error that names the wrong variable but not its value.
 */
import { z } from 'zod';

/** Returns the message for an operator: the rule and an example of the form, but never the value. */
const told =
  (rule: string) =>
  ({ input }: { readonly input?: unknown }) =>
    input === undefined || input === '' ? `is missing; it ${rule}` : rule;

const url = (example: string) => z.url({ protocol: /^https?$/, error: told(`must be a URL, such as ${example}`) });
const origin = (example: string) => url(example).transform((text) => new URL(text).origin);

/** A text of at least `least` characters. */
const text = (form: string, least = 1) => {
  const error = told(`must be ${form}`);
  return z.string({ error }).min(least, { error });
};

/** A whole number from `from` to `to`. The default is `otherwise`, which the error message shows as an example. */
function whole(from: number, otherwise: number, to?: number) {
  const range = to === undefined ? `of at least ${from}` : `from ${from} to ${to}`;
  const error = told(`must be a whole number ${range}, such as ${otherwise}`);
  const number = z.coerce.number({ error }).int({ error }).min(from, { error });
  return (to === undefined ? number : number.max(to, { error })).default(otherwise);
}

const choice = <const Values extends readonly [string, ...string[]]>(...values: Values) =>
  z.enum(values, { error: told(`must be ${values.join(' or ')}`) });

/** Secret keys with ids, so that keys can be rotated while values of older keys stay readable. */
const KEY_RING = told(
  'must be keys id:base64 of 32 bytes each, separated by commas, such as k1: and the output of `openssl rand -base64 32`',
);
const keyRing = z
  .string({ error: KEY_RING })
  .regex(/^[\w-]{1,32}:[A-Za-z0-9+/]{43}=(,[\w-]{1,32}:[A-Za-z0-9+/]{43}=)*$/, { error: KEY_RING });
const DATABASE = told('must be a URL of PostgreSQL, such as postgresql://user:password@host:5432/database');

const HEADERS = 'must be name=value,name=value with percent-encoded values, such as authorization=Bearer%20abc';
const RATIO = 'must be a number from 0 to 1, such as 0.1';
/** Returns the name and the value of a header in the form `name=value`. */
const headerOf = (pair: string) => {
  const at = pair.indexOf('=');
  return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())] as const;
};

/** A variable that may be missing or empty: deployment tools pass unset variables as empty texts. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

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
   * The rule for a write while Redis does not answer: `available` writes, `strict` answers 503. See
   * docs/consistency.md.
   */
  WRITES_WHEN_REDIS_IS_DOWN: choice('available', 'strict').default('available'),
  DATABASE_URL: z.string({ error: DATABASE }).regex(/^postgres(ql)?:\/\//, { error: DATABASE }),
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
    z
      .string()
      .regex(/^[^:\s]+:\S+$/, { error: told('must be the id and the secret of an access key, such as AKIA…:wJalr…') }),
  ),
  /** How long a kept seal is locked, in days. Default: six years. */
  AUDIT_ANCHOR_DAYS: whole(1, 2_192, 36_500),
  /** The API's public URL, without a path: `https://api.example.com`. Used for links in mails and for CSRF checks. */
  APP_URL: origin('https://api.example.com'),
  /**
   * The URL to which QStash delivers, if it is not `APP_URL`. On AWS, use the URL of the Lambda `deliveries`: it avoids
   * API Gateway and its limit of 30 s.
   */
  JOBS_URL: optional(origin('https://deliveries.example.com')),
  /** Other origins whose pages may call the API with its cookies, separated by commas. */
  CORS_ORIGINS: z
    .string({ error: told('must be URLs separated by commas, such as https://app.example.com') })
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((each) => each.trim())
        .filter(Boolean),
    )
    .pipe(z.array(origin('https://app.example.com,https://admin.example.com'))),
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
  SIGN_UP: z.preprocess((value) => (value === '' ? undefined : value), choice('open', 'closed').default('open')),
  /** The maximum number of requests per minute: of one API key, session or token, and of one IP address. */
  API_RATE_PER_CALLER: whole(1, 600),
  API_RATE_PER_ADDRESS: whole(1, 1200),
  /** The tenant whose administrators may act for all tenants: pause queues, run schedules. Default: none. */
  OPERATOR_TENANT: optional(text('the name of a tenant, such as acme')),
  /** The receivers of mails about alerts, separated by commas. Default: none. */
  ALERT_MAIL_TO: z
    .string({ error: told('must be e-mail addresses separated by commas, such as ops@example.com') })
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((each) => each.trim())
        .filter(Boolean),
    )
    .pipe(z.array(z.email({ error: told('must be e-mail addresses separated by commas, such as ops@example.com') }))),
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
  OTEL_EXPORTER_OTLP_HEADERS: z
    .string({ error: told(HEADERS) })
    .default('')
    .transform((text) => text.split(',').filter((pair) => pair.trim() !== ''))
    .pipe(z.array(z.string().regex(/^[^=]+=([^%]|%[0-9a-f]{2})*$/i, { error: told(HEADERS) })))
    .transform((pairs) => Object.fromEntries(pairs.map(headerOf))),
  /** The name of the service in traces and metrics. */
  OTEL_SERVICE_NAME: text('a name, such as holdfast').default('holdfast'),
  /**
   * `parentbased_traceidratio`: a caller with a `traceparent` decides whether its trace is kept; `OTEL_TRACES_SAMPLER_ARG`
   * decides about other traces. `traceidratio`: it decides about all traces.
   */
  OTEL_TRACES_SAMPLER: choice('parentbased_traceidratio', 'traceidratio').default('parentbased_traceidratio'),
  /** The share of traces to keep, from 0 to 1. Failed and slow traces are always kept. */
  OTEL_TRACES_SAMPLER_ARG: z.preprocess(
    (value) => (value === '' ? undefined : value),
    z.coerce
      .number({ error: told(RATIO) })
      .min(0, { error: told(RATIO) })
      .max(1, { error: told(RATIO) })
      .default(1),
  ),
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

/** The checked configuration. */
export type Environment = z.infer<typeof schema> & { ERROR_MESSAGES: 'shown' | 'redacted' };

/** Thrown if configuration is missing or wrong. The message names the variables. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly code = 'ENV_INVALID';
}

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
  const problems = issues.map((issue) => `${String(issue.path[0])}: ${issue.message}`);
  return new EnvironmentError(`The environment is not usable. ${problems.join('; ')}`);
}

/** Refuses `shown` outside local mode: messages can quote data of users, which every reader of the logs would see. */
function refuseShownMessages(checked: z.infer<typeof schema>): Environment {
  const { HOLDFAST_MODE: mode, ERROR_MESSAGES: messages = mode === 'local' ? 'shown' : 'redacted' } = checked;
  if (mode === 'local' || messages === 'redacted') return { ...checked, ERROR_MESSAGES: messages };
  throw new EnvironmentError(
    'The environment is not usable. ERROR_MESSAGES: must be redacted unless HOLDFAST_MODE is local',
  );
}

/**
 * QStash's signing keys for development. The source of QStash's SDK contains these keys, and the local cloud signs with
 * them.
 */
const PUBLIC_SIGNING_KEYS = ['sig_7kYjw48mhY7kAjqNGcy6cr29RJ6r', 'sig_5ZB6DVzB1wjE8S6rZ7eenA8Pdnhs'];

/** Refuses the keys of the local cloud. The source of the local cloud contains these keys, so they protect nothing. */
function refuseLocalSecrets(environment: Environment): Environment {
  if (environment.HOLDFAST_MODE === 'local') return environment;
  for (const name of ['AUTH_KEYS', 'SEAL_KEYS', 'AUDIT_SIGNING_KEYS'] as const) {
    if (environment[name]?.split(',').some((each) => each.startsWith('local'))) {
      throw new EnvironmentError(
        `The environment is not usable. ${name}: must not contain a key of the local cloud (an id that begins with "local"), because it is public`,
      );
    }
  }
  for (const name of ['QSTASH_CURRENT_SIGNING_KEY', 'QSTASH_NEXT_SIGNING_KEY'] as const) {
    if (PUBLIC_SIGNING_KEYS.includes(environment[name] ?? '')) {
      throw new EnvironmentError(
        `The environment is not usable. ${name}: must not be QStash's key for development, because it is public`,
      );
    }
  }
  return environment;
}

const ADDRESSES = [
  ...(['UPSTASH_REDIS_REST_URL', 'QSTASH_URL', 'APP_URL', 'JOBS_URL', 'MAIL_URL', 'AUDIT_ANCHOR_URL'] as const),
];

/** Refuses URLs without TLS, because tokens and records are sent to all of these URLs. */
function refusePlainAddresses<Checked extends Pick<Environment, 'HOLDFAST_MODE'> & Partial<Environment>>(
  environment: Checked,
): Checked {
  if (environment.HOLDFAST_MODE === 'local') return environment;
  const plain = ADDRESSES.filter((name) => environment[name]?.startsWith('http:'));
  if (plain.length === 0) return environment;
  const problems = plain.map((name) => `${name}: must begin with https:// unless HOLDFAST_MODE is local`);
  throw new EnvironmentError(`The environment is not usable. ${problems.join('; ')}`);
}
