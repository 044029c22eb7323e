/**
 * `once()`: the same request, sent again because its answer was lost, is answered again and not done again. The first
 * caller runs; who comes while it runs is told to come back; who comes later gets the first answer; who brings another
 * request under the same key is refused.
 */
import { createHash } from 'node:crypto';
import { type Duration, milliseconds } from '../duration.ts';
import { decode, type Encoding, encode, key, script } from '../redis/index.ts';
import type { LockServices } from './with-lock.ts';

/** What became of a call. */
export type OnceResult<Result> =
  /** `work` ran now. */
  | { kind: 'done'; result: Result }
  /** An earlier call's result. */
  | { kind: 'repeated'; result: Result }
  /** An earlier call is still running, for at most `retryAfterMs`. */
  | { kind: 'running'; retryAfterMs: number }
  /** The key was used for something else. */
  | { kind: 'mismatch' };

const beginScript = script<[string, string | number]>(
  'once.begin',
  `
-- Begins a call, or says what became of the one before.
-- KEYS[1] the call  ARGV[1] token  ARGV[2] fingerprint of the request  ARGV[3] lease in ms
-- Returns {'begun', ''}, {'running', ms}, {'done', result} or {'mismatch', ''}.
-- Keeps: one caller at a time runs; a finished call is never run again while it is remembered.
local known = redis.call('GET', KEYS[1])
if not known then
  redis.call('SET', KEYS[1], 'r ' .. ARGV[2] .. ' ' .. ARGV[1], 'PX', ARGV[3])
  return {'begun', ''}
end
local state, fingerprint, rest = string.match(known, '^(%a) (%S+) (.*)$')
if fingerprint ~= ARGV[2] then return {'mismatch', ''} end
if state == 'd' then return {'done', rest} end
if rest == ARGV[1] then return {'begun', ''} end
return {'running', redis.call('PTTL', KEYS[1])}
`,
);

const endScript = script<number>(
  'once.end',
  `
-- Ends a call: with its result, or as if it had not been made.
-- KEYS[1] the call  ARGV[1] token  ARGV[2] fingerprint  ARGV[3] result, or ''  ARGV[4] how long to remember it, in ms
-- Returns 1, or 0 if another caller has taken over since.
if redis.call('GET', KEYS[1]) ~= 'r ' .. ARGV[2] .. ' ' .. ARGV[1] then return 0 end
if ARGV[3] == '' then return redis.call('DEL', KEYS[1]) end
redis.call('SET', KEYS[1], 'd ' .. ARGV[2] .. ' ' .. ARGV[3], 'PX', ARGV[4])
return 1
`,
  // A call can begin only where Redis is not full; one that could not end would be made again.
  { allowOom: true },
);

/** Which call, and how long to remember it. */
export interface OnceOptions {
  /** What makes two calls the same, e.g. the caller's Idempotency-Key. Two tenants' keys never meet. */
  id: readonly string[];
  /** Everything that must be the same in a repeated call: method, path, body. */
  request: readonly string[];
  /** How long the result is remembered. Default 24 h. */
  remember?: Duration;
  /** How long a call may run before another may take over. Default 30 s. */
  lease?: Duration;
}

/**
 * Runs `work` unless the same call was made before. 2 requests, 2 commands; a repeated call 1 and 1.
 * A call that throws is forgotten, so it may be made again.
 * @throws {RedisError} if Redis did not answer before `work` began: it has not run.
 * @throws whatever `work` throws.
 */
export async function once<Result>(
  { redis, system, tenant }: Pick<LockServices, 'redis' | 'system' | 'tenant'>,
  options: OnceOptions,
  work: () => Promise<Result>,
): Promise<OnceResult<Result>> {
  const call = key(tenant, 'once', ...options.id);
  const fingerprint = createHash('sha256').update(JSON.stringify(options.request)).digest('base64url');
  const token = system.token();
  const leaseMs = milliseconds(options.lease ?? '30s');
  const [answer, detail] = await beginScript.run(redis, [call], [token, fingerprint, leaseMs]);
  if (answer === 'mismatch') return { kind: 'mismatch' };
  if (answer === 'running') return { kind: 'running', retryAfterMs: Math.max(0, Number(detail)) };
  if (answer === 'done') {
    const text = String(detail);
    return {
      kind: 'repeated',
      result: decode({ encoding: text.charAt(0) as Encoding, text: text.slice(1) }) as Result,
    };
  }

  const end = (result: string) =>
    endScript.run(redis, [call], [token, fingerprint, result, milliseconds(options.remember ?? '1d')]);
  let result: Result;
  try {
    result = await work();
  } catch (error) {
    await end('').catch(() => undefined);
    throw error;
  }
  const { encoding, text } = encode(result);
  // Not remembering a finished call is no reason to fail it; a repeat within the lease is told to wait, then runs again.
  await end(`${encoding}${text}`).catch(() => undefined);
  return { kind: 'done', result };
}
