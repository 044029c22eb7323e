/**
 * Typed configuration, checked once. Both platforms hand in what they have (a Worker's bindings, a Lambda's
 * `process.env`) and get the same values, or an error that names the variable that is wrong and not its value.
 */
import { z } from 'zod';

const schema = z.object({
  /** `local` allows the local cloud's fixed secrets; anything else must bring its own. */
  HOLDFAST_MODE: z.enum(['local', 'production']).default('production'),
  UPSTASH_REDIS_REST_URL: z.url({ protocol: /^https?$/ }),
  UPSTASH_REDIS_REST_TOKEN: z.string().min(1),
  /** Time limit of a Redis operation in ms, retry included. */
  REDIS_TIMEOUT_MS: z.coerce.number().int().min(10).max(30_000).default(300),
  /** What a write does when Redis cannot be told of it beforehand: go on, or answer 503. See docs/consistency.md. */
  WRITES_WHEN_REDIS_IS_DOWN: z.enum(['available', 'strict']).default('available'),
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must be a postgresql:// URL'),
  /** How often an isolate adds its cache statistics to the shared ones, in ms, with a request that is made anyway. */
  CACHE_STATISTICS_MS: z.coerce.number().int().min(0).default(10_000),
  /** Keys that seal sensitive values: `id:base64,id:base64` of 32 bytes each, the current one first. */
  SEAL_KEYS: z
    .string()
    .regex(
      /^[\w-]{1,32}:[A-Za-z0-9+/]{43}=(,[\w-]{1,32}:[A-Za-z0-9+/]{43}=)*$/,
      'must be id:base64 of 32 bytes, separated by commas',
    )
    .optional(),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

/** Checked configuration. */
export type Environment = z.infer<typeof schema>;

/** Configuration is missing or wrong. The message names the variables. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly code = 'ENV_INVALID';
}

/**
 * Reads the configuration. On Workers the database URL comes from the Hyperdrive binding.
 * @throws {EnvironmentError} naming each variable that is missing or wrong.
 */
export function readEnvironment(source: Readonly<Record<string, unknown>>): Environment {
  const hyperdrive = source['HYPERDRIVE'] as { connectionString?: unknown } | undefined;
  const parsed = schema.safeParse({ ...source, DATABASE_URL: hyperdrive?.connectionString ?? source['DATABASE_URL'] });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new EnvironmentError(`The environment is not usable. ${problems.join('; ')}`);
}
