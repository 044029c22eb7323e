/**
 * `once()`: a request that is sent again because its answer was lost is answered again, but not executed again. The
 * first call runs. A call during this run must try again later. A later call gets the result of the first call. A
 * call with another request under the same id is refused.
 */
import { createHash } from 'node:crypto';
import { type Duration, milliseconds } from '../duration.ts';
import {
  decode,
  type Encoding,
  encode,
  isEither,
  isInteger,
  isOneOf,
  isText,
  isTuple,
  key,
  type RedisKey,
  type Sealer,
  script,
} from '../redis/index.ts';
import type { LockServices } from './with-lock.ts';

/** The outcome of a call. */
export type OnceResult<Result> =
  /** `work` ran in this call. */
  | { kind: 'done'; result: Result }
  /** `work` did not run: `result` is the result of an earlier call. */
  | { kind: 'repeated'; result: Result }
  /** An earlier call has ended, but its result was sealed with a key that is gone. */
  | { kind: 'unreadable' }
  /** An earlier call is still running, for at most `retryAfterMs`. */
  | { kind: 'running'; retryAfterMs: number }
  /** The id was used for another request. */
  | { kind: 'mismatch' };

const beginScript = script<[string, string | number]>(
  'once.begin',
  `
-- Begins a call, or returns the outcome of the earlier one.
-- KEYS[1] the call  ARGV[1] token  ARGV[2] fingerprint of the request  ARGV[3] lease in ms
-- Returns {'begun', ''}, {'running', ms}, {'done', result} or {'mismatch', ''}.
-- Keeps: one caller at a time runs; a finished call is never run again while it is remembered.
local call, token, request, lease = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local known = redis.call('GET', call)
if not known then
  redis.call('SET', call, 'r ' .. request .. ' ' .. token, 'PX', lease)
  return {'begun', ''}
end
local state, fingerprint, rest = string.match(known, '^(%a) (%S+) (.*)$')
if fingerprint ~= request then return {'mismatch', ''} end
if state == 'd' then return {'done', rest} end
if rest == token then return {'begun', ''} end
return {'running', redis.call('PTTL', call)}
`,
  { isReply: isEither(isTuple(isOneOf('begun', 'done', 'mismatch'), isText), isTuple(isOneOf('running'), isInteger)) },
);

const endScript = script<number>(
  'once.end',
  `
-- Ends a call: with its result, or as if it had not been made.
-- KEYS[1] the call  ARGV[1] token  ARGV[2] fingerprint  ARGV[3] result, or ''  ARGV[4] how long to remember it, in ms
-- Returns 1, or 0 if another caller has taken over since.
local call, token, request, result, rememberMs = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if redis.call('GET', call) ~= 'r ' .. request .. ' ' .. token then return 0 end
if result == '' then return redis.call('DEL', call) end
redis.call('SET', call, 'd ' .. request .. ' ' .. result, 'PX', rememberMs)
return 1
`,
  // The script may run in a full Redis: a call whose end cannot be stored would run again.
  { allowOom: true, isReply: isOneOf(0, 1) },
);

/** The identity of a call, and how long its result is remembered. */
export interface OnceOptions {
  /** The id of a call, e.g. the caller's Idempotency-Key. Equal ids of two tenants are different calls. */
  id: readonly string[];
  /** Everything that must be the same in a repeated call: method, path, body. */
  request: readonly (string | Uint8Array)[];
  /** How long the result is remembered. Default 24 h. */
  remember?: Duration;
  /** How long a call may run before another call may take over. Default 30 s. */
  lease?: Duration;
  /** Seals the result, bound to the key of the call. Without a sealer the result is readable in Redis. */
  sealer?: Sealer;
}

/** The choice of the results that Redis remembers. */
interface Remembering<Result> {
  /** Returns whether Redis remembers a result. A call that is not remembered may be repeated. Default: `true`. */
  isFinal?(result: Result): boolean;
}

/**
 * Runs `work` unless the same call was made before. 2 requests, 2 commands; for a repeated call 1 request, 1 command.
 * Redis forgets a call that throws, and a call whose result is not final; both may be repeated.
 * @throws {RedisError} if Redis did not answer at the start; then `work` has not run.
 * @throws the error of `work`.
 */
export async function once<Result>(
  { redis, system, tenant }: Pick<LockServices, 'redis' | 'system' | 'tenant'>,
  options: OnceOptions & Remembering<Result>,
  work: () => Promise<Result>,
): Promise<OnceResult<Result>> {
  const { sealer } = options;
  const call = key(tenant, 'once', ...options.id);
  const fingerprint = fingerprintOf(options.request);
  const token = system.token();
  const leaseMs = milliseconds(options.lease ?? '30s');
  const [answer, detail] = await beginScript.call(redis, [call], [token, fingerprint, leaseMs]);
  if (answer === 'mismatch') return { kind: 'mismatch' };
  if (answer === 'running') return { kind: 'running', retryAfterMs: Math.max(0, Number(detail)) };
  if (answer === 'done') {
    const text = sealer ? await sealer.open(String(detail), contextOf(call)) : String(detail);
    if (text === null) return { kind: 'unreadable' };
    const result = decode({ encoding: text.charAt(0) as Encoding, text: text.slice(1) }) as Result;
    return { kind: 'repeated', result };
  }

  const end = (result: string) =>
    endScript.call(redis, [call], [token, fingerprint, result, milliseconds(options.remember ?? '1d')]);
  let result: Result;
  try {
    result = await work();
  } catch (error) {
    await end('').catch(() => undefined);
    throw error;
  }
  // A finished call must not fail because its result was not stored. A repeated call then runs after the lease.
  await end(await remembered()).catch(() => undefined);
  return { kind: 'done', result };

  async function remembered(): Promise<string> {
    if (options.isFinal?.(result) === false) return '';
    const { encoding, text } = encode(result);
    return sealer ? sealer.seal(`${encoding}${text}`, contextOf(call)) : `${encoding}${text}`;
  }
}

/**
 * Returns the SHA-256 of all parts, each preceded by its length, so that no two requests have the same fingerprint. A
 * text counts as its UTF-8; all lone surrogates, which UTF-8 cannot represent, count as equal.
 */
export function fingerprintOf(request: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of request) {
    const bytes = typeof part === 'string' ? new TextEncoder().encode(part) : part;
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return hash.digest('base64url');
}

/** Returns the context that a result is sealed for: the full key of the call. */
function contextOf(call: RedisKey): string[] {
  return ['once', call];
}
