/**
 * Typed configuration, checked once. Both platforms pass their variables (a Worker's bindings, a Lambda's
 * `process.env`) and get the same values, or an error that names the wrong variable but not its value.
 */
import { z } from 'zod';

/** Secret keys with ids, so that keys can be rotated while values of older keys stay readable. */
const keyRing = z
  .string()
  .regex(
    /^[\w-]{1,32}:[A-Za-z0-9+/]{43}=(,[\w-]{1,32}:[A-Za-z0-9+/]{43}=)*$/,
    'must be id:base64 of 32 bytes, separated by commas',
  );

/** A variable that may be missing or empty: deployment tools pass unset variables as empty texts. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

const schema = z.object({
  /** `local` allows the local cloud's fixed secrets; every other mode needs its own secrets. */
  HOLDFAST_MODE: z.enum(['local', 'production']).default('production'),
  UPSTASH_REDIS_REST_URL: z.url({ protocol: /^https?$/ }),
  UPSTASH_REDIS_REST_TOKEN: z.string().min(1),
  /** Time limit of a Redis operation in ms, retry included. */
  REDIS_TIMEOUT_MS: z.coerce.number().int().min(10).max(30_000).default(300),
  /**
   * `all` sends the commands of a turn as one request. `by-mode` sends reads and writes apart, so that an Upstash
   * global database serves reads from a near replica: such reads may be old, see docs/cache-faults.md.
   */
  REDIS_COALESCE: z.enum(['all', 'by-mode']).default('all'),
  /** If Redis cannot be notified before a write: continue, or answer 503. See docs/consistency.md. */
  WRITES_WHEN_REDIS_IS_DOWN: z.enum(['available', 'strict']).default('available'),
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must be a postgresql:// URL'),
  /** How long a request waits for a database connection, in ms; after that, the answer is 503. */
  DATABASE_CONNECT_TIMEOUT_MS: z.coerce.number().int().min(10).max(60_000).default(5_000),
  /** How often an isolate adds its cache statistics to the shared statistics, in ms, within another Redis request. */
  CACHE_STATISTICS_MS: z.coerce.number().int().min(0).default(10_000),
  /**
   * How often an isolate drains the outbox after a request that used the database, in ms; 0 for never. In addition,
   * the schedule `outbox.drain` drains the outbox every minute.
   */
  OUTBOX_DRAIN_INTERVAL_MS: z.coerce.number().int().min(0).default(15_000),
  /** Keys that seal sensitive values: `id:base64,id:base64` of 32 bytes each, the current key first. */
  SEAL_KEYS: optional(keyRing),
  /**
   * Keys for credentials (see `sessions/keys.ts`): `id:base64,id:base64` of 32 bytes each, the current key first.
   * Older keys still verify their own signatures.
   */
  AUTH_KEYS: keyRing,
  /** The API's public URL, without a path: `https://api.example.com`. Used for links in mails and for CSRF checks. */
  APP_URL: z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin),
  /**
   * The URL to which QStash delivers, if not `APP_URL`: on AWS, the URL of the Lambda `deliveries`, which avoids API
   * Gateway and its limit of 30 s.
   */
  JOBS_URL: optional(z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin)),
  /** Other origins whose pages may call the API with its cookies, separated by commas. */
  CORS_ORIGINS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((each) => each.trim())
        .filter(Boolean),
    )
    .pipe(z.array(z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin))),
  /** QStash, which delivers jobs: its URL, the token for publishing, and its signing keys. */
  QSTASH_URL: z.url({ protocol: /^https?$/ }).default('https://qstash.upstash.io'),
  QSTASH_TOKEN: z.string().min(1),
  QSTASH_CURRENT_SIGNING_KEY: z.string().min(1),
  QSTASH_NEXT_SIGNING_KEY: z.string().min(1),
  /** The mail provider: Resend's API, or a compatible API. */
  MAIL_URL: z.url({ protocol: /^https?$/ }).default('https://api.resend.com'),
  MAIL_TOKEN: z.string().min(1),
  /** The sender of mails: an address, or `Name <address>`. */
  MAIL_FROM: z.string().min(3).default('Holdfast <no-reply@holdfast.example>'),
  /** `open`: strangers may sign up tenants. `closed`: only `npm run holdfast -- tenant create` creates tenants. */
  SIGN_UP: z.preprocess((value) => (value === '' ? undefined : value), z.enum(['open', 'closed']).default('open')),
  /** Requests per minute allowed for one API key, session or token, and for one IP address. */
  API_RATE_PER_CALLER: z.coerce.number().int().min(1).default(600),
  API_RATE_PER_ADDRESS: z.coerce.number().int().min(1).default(1200),
  /** The tenant whose administrators may act for all tenants: pause queues, run schedules. Default: none. */
  OPERATOR_TENANT: optional(z.string()),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  /**
   * Messages of errors from other libraries: `shown` in logs, job records and 500 answers, or `redacted` in logs and
   * job records and left out of 500 answers; see docs/security.md. Default: `shown` in local mode, the only mode that
   * allows it.
   */
  ERROR_MESSAGES: optional(z.enum(['shown', 'redacted'])),
});

/** The checked configuration. */
export type Environment = z.infer<typeof schema> & { ERROR_MESSAGES: 'shown' | 'redacted' };

/** Configuration is missing or wrong. The message names the variables. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly code = 'ENV_INVALID';
}

/**
 * Reads the configuration. On Workers the database URL comes from the Hyperdrive binding.
 * @throws {EnvironmentError} naming each missing or wrong variable.
 */
export function readEnvironment(source: Readonly<Record<string, unknown>>): Environment {
  const hyperdrive = source['HYPERDRIVE'] as { connectionString?: unknown } | undefined;
  const parsed = schema.safeParse({ ...source, DATABASE_URL: hyperdrive?.connectionString ?? source['DATABASE_URL'] });
  if (!parsed.success) throw unusable(parsed.error);
  return refusePlainAddresses(refuseLocalSecrets(refuseShownMessages(parsed.data)));
}

/**
 * Reads only the variables for requests to QStash about a deployment, for commands that need no other variables.
 * @throws {EnvironmentError} naming each missing or wrong variable.
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
  throw new EnvironmentError('The environment is not usable. ERROR_MESSAGES: shown is for HOLDFAST_MODE local');
}

/** QStash's signing keys for development, published in the source of its SDK; the local cloud signs with them. */
const PUBLIC_SIGNING_KEYS = ['sig_7kYjw48mhY7kAjqNGcy6cr29RJ6r', 'sig_5ZB6DVzB1wjE8S6rZ7eenA8Pdnhs'];

/** Refuses the local cloud's keys: they are published in its source, so they protect nothing. */
function refuseLocalSecrets(environment: Environment): Environment {
  if (environment.HOLDFAST_MODE === 'local') return environment;
  for (const name of ['AUTH_KEYS', 'SEAL_KEYS'] as const) {
    if (environment[name]?.split(',').some((each) => each.startsWith('local'))) {
      throw new EnvironmentError(`The environment is not usable. ${name}: key ids that begin with "local" are public`);
    }
  }
  for (const name of ['QSTASH_CURRENT_SIGNING_KEY', 'QSTASH_NEXT_SIGNING_KEY'] as const) {
    if (PUBLIC_SIGNING_KEYS.includes(environment[name] ?? '')) {
      throw new EnvironmentError(`The environment is not usable. ${name}: the key of development is public`);
    }
  }
  return environment;
}

const ADDRESSES = ['UPSTASH_REDIS_REST_URL', 'QSTASH_URL', 'APP_URL', 'JOBS_URL', 'MAIL_URL'] as const;

/** Refuses addresses without TLS: tokens and records are sent to all of them. */
function refusePlainAddresses<Checked extends Pick<Environment, 'HOLDFAST_MODE'> & Partial<Environment>>(
  environment: Checked,
): Checked {
  if (environment.HOLDFAST_MODE === 'local') return environment;
  const plain = ADDRESSES.filter((name) => environment[name]?.startsWith('http:'));
  if (plain.length === 0) return environment;
  const problems = plain.map((name) => `${name}: must begin with https:// unless HOLDFAST_MODE is local`);
  throw new EnvironmentError(`The environment is not usable. ${problems.join('; ')}`);
}
